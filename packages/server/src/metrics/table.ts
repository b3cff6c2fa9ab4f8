// metrics/table.ts: every metric, once: docs/reference/metrics.md and what a scrape is answered with are printed from these rows.
//
// Names follow prometheus.io/docs/practices/naming: base units, what they count, `_total` for what only grows.

import { BOUNDS_MS, type Histogram } from '../workers/histogram.ts';
import type { MemberState } from '../workers/fleet.ts';
import type { WorkerStats } from '../workers/stats.ts';
import { presentOf, type Snapshot } from './snapshot.ts';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

interface Described {
  readonly help: string;
  /** Names of labels, and what they say. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Plain extends Described {
  readonly type: 'counter' | 'gauge';
  readonly read: (snapshot: Snapshot) => readonly Sample[];
}

export interface Distribution extends Described {
  readonly type: 'histogram';
  readonly read: (snapshot: Snapshot) => Histogram;
}

export type Metric = Plain | Distribution;

const plain =
  (type: Plain['type']) =>
  (help: string, read: (snapshot: Snapshot) => number): Plain => ({ type, help, read: (snapshot) => [[{}, read(snapshot)]] });
const counter = plain('counter');
const gauge = plain('gauge');

const STATES: readonly MemberState[] = ['starting', 'ready', 'serving', 'draining'];
const CAUSES = ['death', 'hung', 'recycle', 'reload'] as const;
const CLASSES = { '2xx': 'answers2xx', '3xx': 'answers3xx', '4xx': 'answers4xx', '5xx': 'answers5xx' } as const;
const MS_PER_S = 1_000;

/** One line for each place in the fleet. While another worker takes the place of one, both stand in it: `all` is what they are together. */
function byWorker(
  help: string,
  value: (readings: NonNullable<WorkerStats['readings']>) => number,
  all: (values: readonly number[]) => number,
): Plain {
  return {
    type: 'gauge',
    help,
    labels: { worker: 'its place in the fleet: `worker-1`; while another one takes its place, of both' },
    read: ({ workers }) => {
      const values = new Map<string, number[]>();
      for (const { name, readings } of workers)
        if (readings !== undefined) values.set(name, [...(values.get(name) ?? []), value(readings)]);
      return [...values].map(([worker, of]) => [{ worker }, all(of)]);
    },
  };
}

const together = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const worst = (values: readonly number[]): number => Math.max(...values);

export const METRICS = {
  appserve_build_info: {
    type: 'gauge',
    help: 'Always 1: which version runs, and on which Node.',
    labels: { version: 'of appserve', node: 'of Node' },
    read: ({ version, node }) => [[{ version, node }, 1]],
  },
  appserve_ready: gauge('1 while requests are answered; 0 while it starts or stops.', ({ isReady }) => Number(isReady)),
  appserve_workers: {
    type: 'gauge',
    help: 'Workers that live.',
    labels: { state: STATES.join(', ') },
    read: ({ workers }) => STATES.map((state) => [{ state }, workers.filter((worker) => worker.state === state).length]),
  },
  appserve_workers_wanted: gauge('Workers that there shall be.', ({ size }) => size),
  appserve_requests_total: {
    type: 'counter',
    help: 'Requests that were answered, refusals among them.',
    labels: { status: 'the class of the status: 2xx, 3xx, 4xx, 5xx' },
    read: ({ totals }) => Object.entries(CLASSES).map(([status, column]) => [{ status }, totals[column]]),
  },
  appserve_request_duration_seconds: {
    type: 'histogram',
    help: 'From the head of a request to the end of its answer, the time in the queue included.',
    read: ({ totals }) => totals.durations,
  },
  appserve_request_queue_seconds: {
    type: 'histogram',
    help: 'How long requests waited in the queue of their worker before the app was called; 0 for those that did not wait.',
    read: ({ totals }) => totals.waits,
  },
  appserve_requests_in_flight: gauge('Calls of the app that have not come back.', (now) => presentOf(now.workers).inFlight),
  appserve_requests_queued: gauge('Requests that wait for a place (concurrency).', (now) => presentOf(now.workers).queued),
  appserve_connections: {
    type: 'gauge',
    help: 'Open connections.',
    labels: { state: 'active: with a request under way. idle: without. upgraded: of another protocol, such as WebSocket' },
    read: ({ workers }) => {
      const { active, idle, upgraded } = presentOf(workers);
      return [
        [{ state: 'active' }, active],
        [{ state: 'idle' }, idle],
        [{ state: 'upgraded' }, upgraded],
      ];
    },
  },
  appserve_connections_accepted_total: counter('Connections that have come.', ({ totals }) => totals.accepted),
  appserve_connections_refused_total: {
    type: 'counter',
    help: 'Connections that were closed before their first request, without an answer.',
    labels: {
      reason:
        'address: neither proxy_allow nor fastcgi_allow names whom it is of. header: its PROXY header is none, or has not come',
    },
    read: ({ totals }) => [
      [{ reason: 'address' }, totals.refusedAddresses],
      [{ reason: 'header' }, totals.refusedHeaders],
    ],
  },
  appserve_connections_upgraded_total: counter(
    'Connections that have gone over to another protocol, such as WebSocket.',
    ({ totals }) => totals.handedOver,
  ),
  appserve_received_bytes_total: counter('Bytes that clients have sent.', ({ totals }) => totals.receivedBytes),
  appserve_sent_bytes_total: counter('Bytes that were sent to clients.', ({ totals }) => totals.sentBytes),
  appserve_worker_restarts_total: {
    type: 'counter',
    help: 'Workers that were started in the place of another one.',
    labels: {
      cause:
        'death: it ended. hung: it hangs (worker_timeout). recycle: it has served its time (max_requests and others). reload',
    },
    read: ({ tally }) => CAUSES.map((cause) => [{ cause }, tally.starts[cause]]),
  },
  appserve_reloads_total: {
    type: 'counter',
    help: 'Reloads that have ended.',
    labels: { result: 'done, failed' },
    read: ({ tally: { reloads } }) => [
      [{ result: 'done' }, reloads.done],
      [{ result: 'failed' }, reloads.failed],
    ],
  },
  appserve_worker_event_loop_lag_seconds: byWorker(
    'How long others wait for the event loop of a worker; of one that hangs, for how long it has.',
    ({ lagMs }) => lagMs / MS_PER_S,
    worst,
  ),
  appserve_worker_heap_bytes: byWorker('JavaScript heap in use.', ({ heapBytes }) => heapBytes, together),
  appserve_worker_external_bytes: byWorker(
    'Memory outside of the heap that JavaScript holds, such as buffers.',
    ({ externalBytes }) => externalBytes,
    together,
  ),
  appserve_worker_connections: byWorker('Open connections.', ({ connections }) => connections, together),
  appserve_worker_requests_in_flight: byWorker(
    'Calls of the app that have not come back.',
    ({ callsUnderWay }) => callsUnderWay,
    together,
  ),
  process_start_time_seconds: gauge(
    'When the process began, in seconds since 1970.',
    ({ startedEpochMs }) => startedEpochMs / MS_PER_S,
  ),
  process_cpu_seconds_total: counter(
    'CPU time of the process, user and system; not of workers that are processes.',
    ({ cpuMs }) => cpuMs / MS_PER_S,
  ),
  process_resident_memory_bytes: gauge(
    'Resident memory of the process; not of workers that are processes.',
    ({ rssBytes }) => rssBytes,
  ),
} as const satisfies Readonly<Record<string, Metric>>;

/** Upper bounds of the buckets of a histogram, in seconds. */
export const BOUNDS_S: readonly number[] = BOUNDS_MS.map((ms) => ms / MS_PER_S);
