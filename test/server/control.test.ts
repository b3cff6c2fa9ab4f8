// The control socket: who may speak to it, what it answers, and what it does not take.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { CONTROL_COMMANDS, Lines, parseRequest } from '@appserve/server/machines';
import { write } from '../support/command.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { unlessRoot } from '../support/users.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

async function served(...lines: readonly string[]): Promise<Served & { readonly path: string }> {
  const given = ['socket = 127.0.0.1:0', 'workers = 1', 'control_socket = control', ...lines];
  const server = serveIni(given);
  await server.command.url();
  return { ...server, path: `${server.folder.path}/control`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

interface Answer {
  readonly version: number;
  readonly id: unknown;
  readonly ok: boolean;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

class Speaker implements Disposable {
  readonly socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string) {
    this.socket = net.connect(path);
    this.socket.on('error', () => undefined);
    this.#lines = linesOf(this.socket);
  }

  say(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  async hear(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    assert.ok(done !== true, 'it was closed without an answer');
    return JSON.parse(value) as Answer;
  }

  async ask(request: object): Promise<Answer> {
    this.say(`${JSON.stringify({ version: 1, ...request })}\n`);
    return this.hear();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = '';
  for await (const bytes of socket) {
    const pieces = (rest + String(bytes)).split('\n');
    rest = pieces.pop()!;
    yield* pieces;
  }
}

describe('the control socket', TIMEOUT, () => {
  it('is for its owner alone', { skip: unlessRoot() }, async () => {
    await using server = await served();
    const { mode, uid } = statSync(server.path);
    assert.deepEqual([mode & 0o777, uid], [0o600, process.getuid!()]);
    const script = `require('net').connect(${JSON.stringify(server.path)}).on('error', (e) => { console.log(e.code); }).on('connect', () => { console.log('in'); process.exit(); })`;
    // A folder that everybody may enter: it is the socket that refuses.
    chmodSync(server.folder.path, 0o755);
    const asNobody = spawnSync(process.execPath, ['-e', script], { uid: 65_534, cwd: '/', encoding: 'utf8' });
    assert.equal(asNobody.stdout.trim(), 'EACCES');
  });

  it('answers one request after the other, with their ids', async () => {
    await using server = await served();
    using speaker = new Speaker(server.path);
    speaker.say('{"version":1,"id":1,"command":"status"}\n{"version":1,"id":"two","command":"scale","workers":2}\n');
    const [first, second] = [await speaker.hear(), await speaker.hear()];
    assert.deepEqual([first.id, first.ok, first.version], [1, true, 1]);
    assert.equal((first.result as { server: { pid: number } }).server.pid, server.command.pid);
    assert.deepEqual(second, { version: 1, id: 'two', ok: true, result: { workers: 2 } });
  });

  it('reloads, and says why where it cannot', async () => {
    await using server = await served();
    using speaker = new Speaker(server.path);
    assert.deepEqual((await speaker.ask({ command: 'reload' })).result, { workers: 1 });
    write(server.folder, { 'app.mjs': 'export const makeApp = () => { throw new Error("no luck"); };' });
    const { ok, error } = await speaker.ask({ command: 'reload' });
    assert.equal(ok, false);
    assert.match(error!.message, /no luck/);
  });

  it('stops the server, and is gone with it', async () => {
    await using server = await served();
    using speaker = new Speaker(server.path);
    assert.deepEqual((await speaker.ask({ command: 'stop' })).result, {});
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
    const again = net.connect(server.path);
    const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
  });

  it('stops it at once, whatever is under way', async () => {
    await using server = await served();
    await using client = await server.command.client();
    await client.send('GET /never HTTP/1.1\r\nHost: test\r\n\r\n');
    using speaker = new Speaker(server.path);
    await speaker.ask({ command: 'stop', now: true });
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('says what is wrong with a request, and goes on', async () => {
    await using server = await served();
    using speaker = new Speaker(server.path);
    const WRONG: readonly (readonly [line: string, code: string, message: RegExp])[] = [
      ['xx', 'NOT_JSON', /a line must be JSON/],
      ['[]', 'NOT_A_REQUEST', /a request is an object/],
      ['null', 'NOT_A_REQUEST', /a request is an object/],
      ['{"command":"status"}', 'VERSION_UNKNOWN', /version 1/],
      ['{"version":2,"command":"status"}', 'VERSION_UNKNOWN', /version 1/],
      ['{"version":1}', 'NOT_A_REQUEST', /"command"/],
      ['{"version":1,"command":"relaod"}', 'COMMAND_UNKNOWN', /did you mean reload\?/],
      ['{"version":1,"command":"stop","nwo":true}', 'FIELD_UNKNOWN', /stop has no field "nwo"; did you mean now\?/],
      ['{"version":1,"command":"status","constructor":1}', 'FIELD_UNKNOWN', /status has no field "constructor"; it has none/],
      ['{"version":1,"id":{},"command":"status"}', 'NOT_A_REQUEST', /"id" must be a text or a number, not \{\}/],
      ['{"version":1,"command":"__proto__"}', 'COMMAND_UNKNOWN', /there are status/],
      ['{"version":1,"command":"constructor"}', 'COMMAND_UNKNOWN', /there are status/],
      ['{"version":1,"command":"scale"}', 'OPTION_INVALID', /workers/],
      ['{"version":1,"command":"scale","workers":0}', 'OPTION_INVALID', /whole number from 1 to 1024/],
      ['{"version":1,"command":"scale","workers":"3"}', 'OPTION_INVALID', /whole number from 1 to 1024/],
      ['{"version":1,"command":"scale","workers":1025}', 'OPTION_INVALID', /whole number from 1 to 1024/],
      ['{"version":1,"command":"scale","workers":1.5}', 'OPTION_INVALID', /whole number from 1 to 1024/],
      ['{"version":1,"command":"stop","now":"yes"}', 'OPTION_INVALID', /true or false/],
      ['{"version":1,"command":"log-level","level":"loud"}', 'OPTION_INVALID', /debug, info, warn, error/],
      ['{"version":1,"command":"log-level","level":"info","logger":7}', 'OPTION_INVALID', /the name of a logger/],
    ];
    for (const [line, code, message] of WRONG) {
      speaker.say(`${line}\n`);
      const { ok, error } = await speaker.hear();
      assert.deepEqual([ok, error?.code], [false, code], line);
      assert.match(error!.message, message);
    }
    assert.equal((await speaker.ask({ command: 'status' })).ok, true);
  });

  it('lets go of who sends a line without an end, and of nobody else', async () => {
    await using server = await served();
    using other = new Speaker(server.path);
    using speaker = new Speaker(server.path);
    speaker.say(Buffer.alloc(100_000, 'x'));
    assert.equal((await speaker.hear()).error?.code, 'TOO_LONG');
    speaker.socket.end();
    await once(speaker.socket, 'close');
    assert.equal((await other.ask({ command: 'status' })).ok, true);
  });

  it('answers who has closed his side, as `nc -N` does, and lets go of him then', async () => {
    await using server = await served();
    using speaker = new Speaker(server.path);
    speaker.socket.end('{"version":1,"id":1,"command":"reload"}\n{"version":1,"id":2,"command":"status"}\n');
    assert.deepEqual([(await speaker.hear()).ok, (await speaker.hear()).id], [true, 2]);
    await once(speaker.socket, 'close');
  });

  it('lives on when clients leave in the middle', async () => {
    await using server = await served();
    for (let n = 0; n < 10; n += 1) {
      using speaker = new Speaker(server.path);
      speaker.say('{"version":1,"command":"status"}\n{"version":1,');
    }
    using speaker = new Speaker(server.path);
    assert.equal((await speaker.ask({ command: 'status' })).ok, true);
  });
});

describe('the log level of a server that runs', TIMEOUT, () => {
  it('is that of the main thread and of each worker, those that come later too', async () => {
    await using server = serveIni(
      ['socket = 127.0.0.1:0', 'workers = 1', 'control_socket = control', 'log_level = info'],
      [],
      {},
    );
    await server.command.url();
    using speaker = new Speaker(`${server.folder.path}/control`);
    const refused = async (): Promise<void> => {
      await using client = await server.command.client();
      await client.send('GET / HTTP/9.9\r\n\r\n');
      await client.untilEnd();
    };
    await refused();
    assert.doesNotMatch(server.command.stderr, /DEBUG/);
    assert.deepEqual((await speaker.ask({ command: 'log-level', level: 'debug' })).result, {
      logger: 'appserve',
      level: 'debug',
    });
    await refused();
    await server.command.says(/DEBUG .*\[worker-1\] client/);
    await server.command.get('/exit');
    await server.command.says(/worker-1 is started again/);
    await refused();
    await server.command.says(/DEBUG .*\[worker-1\] client/, 2);
    await speaker.ask({ command: 'reload' });
    await refused();
    await server.command.says(/DEBUG .*\[worker-1\] client/, 3);
    assert.deepEqual((await speaker.ask({ command: 'log-level', level: 'info' })).result, { logger: 'appserve', level: 'info' });
    const { length } = server.command.stderr.match(/DEBUG/g)!;
    await refused();
    assert.equal((await server.command.get('/'))?.status, 200);
    assert.equal(server.command.stderr.match(/DEBUG/g)!.length, length, server.command.stderr);
  });
});

describe('lines', () => {
  it('are the same however their bytes are cut', () => {
    const text = '{"a":"ä€😀"}\r\n\n{"b":2}\nrest';
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const found = new Lines(100);
        const at = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
        const all = at.slice(1).flatMap((end, index) => found.push(bytes.subarray(at[index], end)));
        assert.deepEqual(all, ['{"a":"ä€😀"}', '{"b":2}']);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('of any text are a request or a fault of a known code', () => {
    const codes = ['NOT_JSON', 'NOT_A_REQUEST', 'VERSION_UNKNOWN'];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"version":1,"command":${json}}`),
        ),
        (line) => {
          try {
            assert.equal(typeof parseRequest(line).command, 'string');
          } catch (error) {
            assert.ok(codes.includes((error as { code: string }).code), String(error));
          }
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  it('may ask for these commands', () => {
    assert.deepEqual(Object.keys(CONTROL_COMMANDS), ['status', 'reload', 'scale', 'stop', 'log-level']);
  });
});
