// Metrics as Prometheus reads them: the text is of the format, whatever has happened, and says what was counted.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BOUNDS_MS, exposition, METRICS, newTally, NO_TOTALS, type Metric, type Snapshot } from '@appserve/server/machines';
import { parseExposition, valueOf } from '../support/exposition.ts';
import { readingsAfter, snapshot } from '../support/snapshots.ts';

const worker = (name: string, act: Parameters<typeof readingsAfter>[0]): Snapshot['workers'][number] => ({
  name,
  state: 'serving',
  generation: 1,
  readings: readingsAfter(act),
});

describe('the text of metrics', () => {
  it('is of the format for a server that has done nothing, and has every metric of the table', () => {
    const families = parseExposition(exposition(snapshot()));
    assert.deepEqual(
      [...families].map(([name, { type }]) => [name, type]),
      Object.entries<Metric>(METRICS).map(([name, { type }]) => [name, type]),
    );
  });

  it('has a name in each metric that says its unit, and a help that ends as a sentence does', () => {
    for (const [name, { type, help }] of Object.entries<Metric>(METRICS)) {
      assert.match(help, /^[A-Z0-9].*\.$/, name);
      if (type === 'histogram' || /duration|lag|time/.test(name)) assert.match(name, /_seconds$/, name);
    }
  });

  it('counts answers by class, bytes and connections', () => {
    const totals = {
      ...NO_TOTALS,
      answers2xx: 3,
      answers5xx: 1,
      sentBytes: 2 ** 40,
      accepted: 9,
      handedOver: 2,
      refusedAddresses: 5,
      refusedHeaders: 4,
    };
    const families = parseExposition(exposition(snapshot({ totals })));
    const value = valueOf.bind(undefined, families);
    assert.equal(value('appserve_requests_total', { status: '2xx' }), 3);
    assert.equal(value('appserve_requests_total', { status: '5xx' }), 1);
    assert.equal(value('appserve_requests_total', { status: '4xx' }), 0);
    assert.equal(value('appserve_sent_bytes_total'), 2 ** 40);
    assert.equal(value('appserve_connections_accepted_total'), 9);
    assert.equal(value('appserve_connections_upgraded_total'), 2);
    assert.equal(value('appserve_connections_refused_total', { reason: 'address' }), 5);
    assert.equal(value('appserve_connections_refused_total', { reason: 'header' }), 4);
    assert.equal(value('process_start_time_seconds'), 1.5);
    assert.equal(value('process_cpu_seconds_total'), 0.25);
  });

  it('adds up the buckets of a histogram', () => {
    const counts = BOUNDS_MS.map(() => 0).concat(2);
    counts[0] = 5;
    counts[3] = 1;
    const families = parseExposition(exposition(snapshot({ totals: { ...NO_TOTALS, durations: { counts, sumMs: 90_000 } } })));
    const bucket = (le: string): number => valueOf(families, 'appserve_request_duration_seconds_bucket', { le });
    assert.deepEqual(['0.0001', '0.0005', '0.001', '30', '+Inf'].map(bucket), [5, 5, 6, 6, 8]);
    assert.equal(valueOf(families, 'appserve_request_duration_seconds_sum'), 90);
    assert.equal(valueOf(families, 'appserve_request_duration_seconds_count'), 8);
  });

  it('tells connections by what they do', () => {
    const one = worker('worker-1', (row) => {
      for (let n = 0; n < 5; n += 1) row.connected();
      row.busy();
      row.handedOver();
      row.handedOver();
      row.handedOverClosed();
      row.disconnected();
    });
    const families = parseExposition(exposition(snapshot({ workers: [one] })));
    const states = ['active', 'idle', 'upgraded'].map((state) => valueOf(families, 'appserve_connections', { state }));
    assert.deepEqual(states, [1, 2, 1]);
  });

  it('has one line for a place in the fleet, also while another worker takes it', () => {
    const workers = [
      worker('worker-1', (row) => row.beat(performance.now() + 1_000, 3, 100, 10)),
      worker('worker-1', (row) => row.beat(performance.now() + 1_000, 8, 50, 20)),
      worker('worker-2', (row) => row.beat(performance.now() + 1_000, 1, 70, 30)),
      { name: 'worker-3', state: 'starting', generation: 2, readings: undefined } as const,
    ];
    const families = parseExposition(exposition(snapshot({ workers })));
    assert.equal(valueOf(families, 'appserve_worker_heap_bytes', { worker: 'worker-1' }), 150);
    assert.equal(valueOf(families, 'appserve_worker_event_loop_lag_seconds', { worker: 'worker-1' }), 0.008);
    assert.equal(valueOf(families, 'appserve_worker_heap_bytes', { worker: 'worker-2' }), 70);
    assert.equal(valueOf(families, 'appserve_workers', { state: 'serving' }), 3);
    assert.equal(valueOf(families, 'appserve_workers', { state: 'starting' }), 1);
    assert.throws(() => valueOf(families, 'appserve_worker_heap_bytes', { worker: 'worker-3' }));
  });

  it('tells of a worker that hangs how long its next beat is overdue', () => {
    const dueMs = performance.now() - 4_000;
    const workers = [worker('worker-1', (row) => row.beat(dueMs, 2, 0, 0))];
    const lag = valueOf(parseExposition(exposition(snapshot({ workers }))), 'appserve_worker_event_loop_lag_seconds', {
      worker: 'worker-1',
    });
    assert.ok(lag >= 4 && lag <= (performance.now() - dueMs) / 1_000, String(lag));
  });

  it('tells why workers were started again; that of the first ones and of more is none', () => {
    const tally = newTally();
    Object.assign(tally.starts, { first: 4, scale: 3, death: 2, hung: 1 });
    tally.reloads.failed = 5;
    const families = parseExposition(exposition(snapshot({ tally })));
    const causes = ['death', 'hung', 'recycle', 'reload'];
    assert.deepEqual(
      causes.map((cause) => valueOf(families, 'appserve_worker_restarts_total', { cause })),
      [2, 1, 0, 0],
    );
    assert.equal(families.get('appserve_worker_restarts_total')?.samples.get('appserve_worker_restarts_total')?.length, 4);
    assert.equal(valueOf(families, 'appserve_reloads_total', { result: 'failed' }), 5);
  });

  it('escapes what a label holds', () => {
    const families = parseExposition(exposition(snapshot({ version: 'a"b\\c\nd' })));
    assert.equal(valueOf(families, 'appserve_build_info', { version: 'a"b\\c\nd', node: 'v20.0.0' }), 1);
  });
});

describe('the parser of these tests', () => {
  const HEAD = '# HELP a A.\n# TYPE a gauge\n';
  const WRONG: Readonly<Record<string, string>> = {
    'no end of line': `${HEAD}a 1`,
    'no TYPE': 'a 1\n',
    'no HELP': '# TYPE a gauge\na 1\n',
    'a number that is none': `${HEAD}a 1,5\n`,
    'a label without quotes': `${HEAD}a{b=c} 1\n`,
    'a quote in a label': `${HEAD}a{b="c"d"} 1\n`,
    'another metric': `${HEAD}b 1\n`,
    'the same twice': `${HEAD}a 1\na 1\n`,
    'a counter that does not say so': '# HELP a A.\n# TYPE a counter\na 1\n',
    'a histogram that falls': '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    'a histogram whose count is another':
      '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n',
  };
  for (const [what, text] of Object.entries(WRONG)) {
    it(`refuses ${what}`, () => assert.throws(() => parseExposition(text)));
  }
});
