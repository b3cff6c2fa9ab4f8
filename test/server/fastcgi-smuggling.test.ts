// Raw records with the verdict that FastCGI 1.0 asks for, each against the real server on a connection of its own, at once and byte by
// byte. test/cases/smuggling_cases.json tells where each of them comes from and why.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { eventually, turns } from '../support/eventually.ts';
import { startFastcgiServer, type TestFastcgiServer } from '../support/fastcgi-server.ts';
import { pairs, PROTOCOL_STATUS, readPairs, record, takeRecords, TYPE, type FastCgiRecord } from '../support/fastcgi-wire.ts';
import { smugglingCases, type SmugglingCase } from '../support/smuggling-cases.ts';

interface Seen {
  readonly body: string;
  readonly environ: Environ;
}

interface Outcome {
  readonly seen: readonly Seen[];
  readonly records: readonly FastCgiRecord[];
  /** We closed, and not because the web server had. */
  readonly isClosed: boolean;
}

const cases = smugglingCases.filter(({ kind }) => kind === 'fastcgi');

/** What one of them asks for beyond its verdict. */
const BEYOND: Readonly<Record<string, (outcome: Outcome) => void>> = {
  'fc-ok': ({ records, isClosed }) => {
    assert.deepEqual(ends(records), ['1 REQUEST_COMPLETE']);
    assert.equal(isClosed, true);
  },
  'fc-keep': ({ isClosed }) => assert.equal(isClosed, false),
  'fc-unknown-role': ({ records, seen }) => {
    assert.deepEqual([ends(records), seen], [['1 UNKNOWN_ROLE'], []]);
  },
  'fc-unknown-type-mgmt': ({ records, isClosed }) => {
    assert.equal(isClosed, false);
    const [unknown] = records;
    assert.deepEqual([unknown?.type, unknown?.content[0]], [TYPE.unknownType, 123]);
  },
  'fc-unknown-type-app': ({ records }) => assert.deepEqual(ends(records), ['1 REQUEST_COMPLETE']),
  'fc-get-values': ({ records: [result] }) => {
    assert.equal(result?.type, TYPE.getValuesResult);
    assert.deepEqual(Object.keys(readPairs(result.content)), ['FCGI_MAX_CONNS', 'FCGI_MPXS_CONNS']);
  },
  'fc-abort': ({ records, isClosed }) => assert.deepEqual([ends(records), isClosed], [['1 REQUEST_COMPLETE'], false]),
  'fc-abort-unknown': ({ records, isClosed }) => assert.deepEqual([records, isClosed], [[], false]),
  'fc-mux': ({ records }) => assert.deepEqual(ends(records).toSorted(), ['1 REQUEST_COMPLETE', '2 REQUEST_COMPLETE']),
  'fc-stdin-after-eof': ({ seen }) => assert.equal(seen[0]?.body, ''),
  'fc-long-stdin': ({ seen }) => assert.ok(seen.every(({ body }) => body === 'he')),
  'fc-httpoxy': ({ seen }) => assert.equal('HTTP_PROXY' in seen[0]!.environ, false),
  'fc-nginx-te': ({ seen: [seen] }) => {
    assert.deepEqual(
      [seen?.body, ...['HTTP_TRANSFER_ENCODING', 'HTTP_CONTENT_LENGTH', 'CONTENT_LENGTH'].map((name) => name in seen!.environ)],
      ['hello', false, false, false],
    );
  },
};

function ends(records: readonly FastCgiRecord[]): string[] {
  const found = records.filter(({ type }) => type === TYPE.endRequest);
  return found.map(({ id, content }) => `${id} ${PROTOCOL_STATUS[content[4]!]}`);
}

describe(`${cases.length} raw conversations of FastCGI`, { timeout: 240_000 }, () => {
  let server: TestFastcgiServer;
  let authorizer: TestFastcgiServer;
  let seen: Seen[] = [];
  const app: GatewayApp = async (environ, startResponse) => {
    const body = Buffer.from(await environ['wsgi.input'].read()).toString('latin1');
    seen.push({ body, environ });
    startResponse('200 OK', []);
    return [Buffer.from('ok')];
  };
  before(async () => {
    server = await startFastcgiServer(app);
    authorizer = await startFastcgiServer(app, { role: 'authorizer' });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await authorizer[Symbol.asyncDispose]();
  });

  it('are all of that kind', () => assert.equal(cases.length, 24));

  for (const entry of cases) {
    for (const cut of [false, true]) {
      it(`${entry.expect} ${entry.id}${cut ? ', byte by byte' : ''}: ${entry.why}`, async () => {
        seen = [];
        const { at } = entry.id === 'fc-no-stdin' ? authorizer : server;
        const outcome = await converse(at, entry, cut, () => seen);
        judge(entry, outcome);
        BEYOND[entry.id]?.(outcome);
      });
    }
  }
});

const PROBE = record(TYPE.getValues, 0, pairs({ FCGI_MPXS_CONNS: '' }));
const PROBED = pairs({ FCGI_MPXS_CONNS: '1' });

/** A request begins without FCGI_KEEP_CONN. */
function isToBeClosed(bytes: Buffer): boolean {
  let isClosing = false;
  takeRecords(bytes, ({ type, content }) => (isClosing ||= type === TYPE.beginRequest && content[2] === 0));
  return isClosing;
}

/** Sends it, then asks for a value where the connection is kept: its answer is the last thing that comes. */
async function converse(
  at: string | number,
  { raw, eof }: SmugglingCase,
  cut: boolean,
  seen: () => readonly Seen[],
): Promise<Outcome> {
  const socket = typeof at === 'number' ? net.connect(at, '127.0.0.1') : net.connect(at);
  const records: FastCgiRecord[] = [];
  let unread = Buffer.alloc(0);
  let isClosed = false;
  socket.on('data', (bytes) => {
    unread = Buffer.from(
      takeRecords(Buffer.concat([unread, bytes]), (found) => records.push({ ...found, content: Buffer.from(found.content) })),
    );
  });
  const ended = new Promise<void>((resolve) => {
    socket.on('end', () => {
      isClosed = true;
      resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  const bytes = Buffer.from(raw, 'latin1');
  for (const piece of cut ? Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)) : [bytes]) {
    socket.write(piece);
    if (cut) await turns(1);
  }
  if (eof === true) socket.end();
  if (eof === true || isToBeClosed(bytes)) {
    await ended;
  } else {
    // A value is told at once, and our app is as quick: what is kept has said all when its answer is here.
    socket.write(PROBE);
    const isProbe = ({ type, content }: FastCgiRecord): boolean => type === TYPE.getValuesResult && content.equals(PROBED);
    await eventually('the probe is answered', () => isClosed || records.some(isProbe));
    const probed = records.findIndex(isProbe);
    if (probed !== -1) records.splice(probed, 1);
  }
  const outcome = { seen: [...seen()], records, isClosed };
  socket.destroy();
  await ended;
  return outcome;
}

function judge(entry: SmugglingCase, { seen, records, isClosed }: Outcome): void {
  switch (entry.expect) {
    case 'accept':
      assert.ok(records.length > 0 || entry.id === 'fc-abort-unknown', 'something is answered');
      assert.ok(
        records.filter(({ type }) => type === TYPE.stdout).every(({ content }) => !content.toString().startsWith('Status: 4')),
        'nothing is refused',
      );
      return;
    case 'reject':
      assert.deepEqual(seen, [], 'the app is not called');
      assert.ok(isClosed || ends(records).length > 0, 'refused');
      return;
    case 'abort':
      assert.deepEqual(seen, [], 'the app never completes the request');
      return;
    case 'accept-or-reject':
      assert.ok(records.length > 0, 'answered');
      return;
    case 'accept-close':
    case 'timeout':
      assert.fail('no case of FastCGI is so');
  }
}
