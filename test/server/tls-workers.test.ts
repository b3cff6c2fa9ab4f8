// TLS where there are several workers, of every kind: who accepts, who has which certificate, and a session that any of them takes up.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { get } from '../support/apps.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { Command, connectTo, write } from '../support/command.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { RawClient } from '../support/raw-client.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';
import { askTls } from '../support/tls-ask.ts';

const TIMEOUT = { timeout: 240_000 };
/** Asked so often, one of two workers is met nearly for sure, also where the kernel does not share evenly. */
const TIMES = 200;
/** At once: one worker alone seldom takes all of them. */
const AT_ONCE = 5;

const TWO = ['workers = 2', 'max_reuse_count = unlimited'];
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'threads that accept by themselves': [...TWO, 'worker_class = thread', 'dispatch = shared'],
  'threads that are given connections': [...TWO, 'worker_class = thread', 'dispatch = balanced'],
  'processes that accept by themselves': [...TWO, 'worker_class = process', 'dispatch = shared'],
  'processes that are given connections': [...TWO, 'worker_class = process', 'dispatch = balanced'],
};

let authority: Authority;
let first: Issued;
let second: Issued;
let client: Issued;

before(async () => {
  authority = await Authority.create();
  first = await authority.issue({ name: 'CN=first' });
  second = await authority.issue({ name: 'CN=second' });
  client = await authority.issue({ name: 'CN=alice' });
});

function served(lines: readonly string[], more: Readonly<Record<string, string>> = {}): Served {
  const files = { 'cert.pem': first.cert, 'key.pem': first.key, 'ca.pem': authority.pem, ...more };
  const tls = ['certfile = %(here)s/cert.pem', 'keyfile = %(here)s/key.pem', 'socket = 127.0.0.1:0 unix:%(here)s/s'];
  return serveIni([...tls, ...lines], [], {}, files);
}

async function portOf({ command }: Pick<Served, 'command'>): Promise<number> {
  return Number(new URL(await command.url()).port);
}

/** Whether it has been waited long enough. */
function patience(): () => boolean {
  const sinceMs = performance.now();
  return () => performance.now() - sinceMs > PATIENCE_MS;
}

/** A session that one worker has settled is taken up by another. */
async function assertResumption(port: number): Promise<void> {
  const settled = await askTls(port, {}, '/worker');
  let session = settled.session!;
  for (let time = 0; time < TIMES; time += AT_ONCE) {
    const all = await Promise.all(Array.from({ length: AT_ONCE }, () => askTls(port, { session }, '/worker')));
    for (const asked of all) assert.equal(asked.isResumed, true, `by ${asked.body}, of ${settled.body}`);
    if (all.some(({ body }) => body !== settled.body)) return;
    session = all[0]!.session ?? session;
  }
  assert.fail('nobody else was met');
}

for (const [what, lines] of Object.entries(WAYS)) {
  describe(`TLS of ${what}`, TIMEOUT, () => {
    it('is spoken over TCP, and over a unix socket HTTP in clear', async () => {
      await using server = served(lines);
      assert.match(await server.command.url(), /^https:\/\/127\.0\.0\.1:\d+$/);
      assert.equal((await server.command.get('/'))?.body, 'hello');
      await using inClear = await connectTo(`unix:${server.folder.path}/s`);
      await inClear.send(get('/'));
      assert.equal((await inClear.response())?.body, 'hello');
    });

    it('goes on with another worker where one has left off', async () => {
      await using server = served(lines);
      await assertResumption(await portOf(server));
    });

    it('has fresh certificates after a reload, and no connection is dropped', async () => {
      await using server = served(lines);
      const port = await portOf(server);
      const { session, certificate } = await askTls(port);
      assert.equal(certificate, 'first');
      await using kept = await RawClient.secure(port);
      await kept.send(get('/'));
      assert.equal((await kept.response())?.body, 'hello');
      write(server.folder, { 'cert.pem': second.cert, 'key.pem': second.key });
      server.command.signal('SIGHUP');
      await server.command.says(/reloaded/);
      await kept.send(get('/'));
      assert.equal((await kept.response())?.body, 'hello', 'a connection that is kept is answered once more');
      let asked = await askTls(port, { session: session! });
      // An old worker may take more connections before it hears that it should not. Where it takes up the session, it shows no certificate.
      for (const isOver = patience(); !isOver() && asked.certificate !== 'second';)
        asked = await askTls(port, { session: session! });
      assert.deepEqual([asked.certificate, asked.isResumed], ['second', false]);
      await assertResumption(port);
    });
  });
}

describe('TLS of the main thread itself (inline)', TIMEOUT, () => {
  it('is spoken over TCP', async () => {
    await using server = served(['workers = 1', 'worker_class = inline']);
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });
});

describe('a reload that finds no certificate', TIMEOUT, () => {
  it('fails, and the old workers go on with theirs', async () => {
    await using server = served(TWO);
    const port = await portOf(server);
    write(server.folder, { 'key.pem': second.key });
    server.command.signal('SIGHUP');
    await server.command.says(
      /reload failed, the old workers go on: app\.ini:7:1: keyfile: the key \S+ is not that of the certificate/,
    );
    assert.equal((await askTls(port)).certificate, 'first');
  });

  it('leaves TLS as it is where certfile has gone', async () => {
    await using server = served(TWO);
    const port = await portOf(server);
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', ...TWO];
    write(server.folder, { 'app.ini': [...ini, 'socket = 127.0.0.1:0 unix:%(here)s/s', ''].join('\n') });
    server.command.signal('SIGHUP');
    await server.command.says(/WARN.* certfile has come, or has gone: that needs a restart, TLS stays as it is/);
    await server.command.says(/reloaded/);
    assert.equal((await askTls(port)).certificate, 'first');
  });
});

describe('a reload with a new list of what is revoked', TIMEOUT, () => {
  it('lets in nobody who is on it', async () => {
    const lines = ['ca_certs = %(here)s/ca.pem', 'cert_reqs = required', 'crlfile = %(here)s/revoked.crl'];
    await using server = served([...TWO, ...lines], { 'revoked.crl': await authority.revoke([]) });
    const port = await portOf(server);
    assert.equal((await askTls(port, client)).body, 'hello');
    write(server.folder, { 'revoked.crl': await authority.revoke(['2a']) });
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    for (const isOver = patience(); (await askTls(port, client).catch(() => undefined)) !== undefined;)
      assert.ok(!isOver(), 'the client is still let in');
  });
});

describe('a reload that trusts others', TIMEOUT, () => {
  it('does not let in by an old session who was let in before', async () => {
    await using server = served([...TWO, 'ca_certs = %(here)s/ca.pem', 'cert_reqs = optional']);
    const port = await portOf(server);
    const { session } = await askTls(port, client);
    assert.equal((await askTls(port, { ...client, session: session! })).isResumed, true);
    write(server.folder, { 'ca.pem': (await Authority.create('CN=Another')).pem });
    server.command.signal('SIGHUP');
    await server.command.says(/reloaded/);
    // As above: until the old workers have left.
    for (const isOver = patience(); ;) {
      const asked = await askTls(port, { ...client, session: session! }).catch(() => undefined);
      if (asked === undefined) break;
      assert.ok(!isOver(), 'the client is still let in');
    }
    await assert.rejects(askTls(port, client), 'and neither anew');
    assert.equal((await askTls(port)).body, 'hello');
  });
});

describe('the keys of sessions', TIMEOUT, () => {
  for (const workerClass of ['thread', 'process']) {
    it(`are renewed in all workers after some hours: ${workerClass}`, async () => {
      using folder = temporaryFolder();
      linkPackages(folder);
      write(folder, { 'cert.pem': first.cert, 'key.pem': first.key });
      write(folder, {
        'script.mjs': [
          "import { threadId } from 'node:worker_threads';",
          "import { TICKET_KEYS_MS } from '@appserve/server/machines';",
          'const { setInterval: ordinary } = globalThis;',
          '// Some hours pass when the test says so.',
          'globalThis.setInterval = (act, ms, ...args) => {',
          '  if (ms !== TICKET_KEYS_MS) return ordinary(act, ms, ...args);',
          "  process.on('SIGUSR2', () => (act(), console.error('renewed')));",
          '  return ordinary(() => undefined, ms);',
          '};',
          "const { serve } = await import('@appserve/server');",
          'const app = (environ, startResponse) => {',
          "  startResponse('200 OK', []);",
          '  return [Buffer.from(`${process.pid} ${threadId}`)];',
          '};',
          `const options = { workers: 2, workerClass: '${workerClass}', certfile: 'cert.pem', keyfile: 'key.pem' };`,
          "await serve(app, { socket: '127.0.0.1:0', ...options });",
        ].join('\n'),
      });
      await using command = Command.node(['script.mjs'], { cwd: folder.path });
      const port = await portOf({ command });
      const { session } = await askTls(port);
      await assertResumption(port);
      command.signal('SIGUSR2');
      await command.says(/renewed/);
      for (const isOver = patience(); (await askTls(port, { session: session! })).isResumed;)
        assert.ok(!isOver(), 'the old session is still taken up');
      await assertResumption(port);
    });
  }
});
