// HTTP/2 under load, with workers, signals and real clients: h2load, curl, and a client that heeds GOAWAY. No request fails.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http2, { type ClientHttp2Session } from 'node:http2';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { serveApp, type Served } from '../support/fleet.ts';
import { absent } from '../support/programs.ts';

const TIMEOUT = { timeout: 240_000 };
const LINES = ['socket = 127.0.0.1:0', 'workers = 2', 'h2c = true', 'http2_max_concurrent_streams = 20'];
const run = promisify(execFile);

function saying(what: string): string {
  return `export const makeApp = () => async () => new Response(${JSON.stringify(what)});`;
}

function served(what: string, ...lines: readonly string[]): Served {
  const server = serveApp(saying(what), [...LINES, ...lines]);
  return server;
}

/** What h2load says of its requests; it asks until they are answered. */
async function load(url: string, requests: number): Promise<string> {
  const { stdout } = await run('h2load', ['-n', String(requests), '-c', '8', '-m', '10', url], { timeout: 240_000 });
  return /^requests: .*$/m.exec(stdout)?.[0] ?? stdout;
}

function allOf(requests: number): string {
  const counts = ['total', 'started', 'done', 'succeeded'].map((what) => `${requests} ${what}`);
  return `requests: ${counts.join(', ')}, 0 failed, 0 errored, 0 timeout`;
}

/** Asks one request after the other on one connection, and on a new one when that is told to end. */
class Asker {
  readonly answers = new Map<string, number>();
  readonly failures: string[] = [];
  connections = 0;
  #isOver = false;
  readonly #asking: Promise<void>;

  constructor(url: string) {
    this.#asking = this.#ask(url);
  }

  async #ask(url: string): Promise<void> {
    while (!this.#isOver) {
      const session = http2.connect(url);
      this.connections += 1;
      // Its requests say so.
      session.on('error', () => undefined);
      let lastStream = Number.POSITIVE_INFINITY;
      session.on('goaway', (_code: number, last: number) => (lastStream = last));
      while (!this.#isOver && !session.closed && !session.destroyed) {
        const { text, stream } = await get(session);
        // RFC 9113 §8.7: what GOAWAY leaves out was not looked at, and is asked again.
        if (text !== undefined) this.answers.set(text, (this.answers.get(text) ?? 0) + 1);
        else if (stream !== undefined && stream <= lastStream) this.failures.push(`stream ${stream}`);
      }
      session.destroy();
    }
  }

  async hears(text: string, times = 100): Promise<void> {
    const before = this.answers.get(text) ?? 0;
    await eventually(`${times} more of ${text}`, () => (this.answers.get(text) ?? 0) >= before + times);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#asking;
  }
}

interface Got {
  /** Nothing where no whole answer came. */
  readonly text: string | undefined;
  readonly stream: number | undefined;
}

async function get(session: ClientHttp2Session): Promise<Got> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': '/' });
    let text: string | undefined;
    let isWhole = false;
    stream.on('response', () => (text = ''));
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    stream.on('end', () => (isWhole = text !== undefined && stream.rstCode === 0));
    stream.on('error', () => undefined);
    const { id } = stream;
    stream.on('close', () => resolve({ text: isWhole ? text : undefined, stream: id }));
  });
}

describe('HTTP/2 under load', TIMEOUT, () => {
  it('answers each of 20,000 requests of h2load', { skip: absent('h2load') }, async () => {
    await using server = served('hello');
    assert.equal(await load(await server.command.url(), 20_000), allOf(20_000));
  });

  it('answers each of them also while it reloads again and again', { skip: absent('h2load') }, async () => {
    await using server = served('old');
    const url = await server.command.url();
    const said: string[] = [];
    const reloads = (): number => server.command.stderr.split('reloaded: new workers are ready').length - 1;
    for (let reload = 1; reload <= 2; reload += 1) {
      server.command.signal('SIGHUP');
      do said.push(await load(url, 500));
      while (reloads() < reload);
      said.push(await load(url, 500));
    }
    assert.deepEqual(new Set(said), new Set([allOf(500)]));
  });

  it('loses no request of clients that stay, while it reloads, and brings them to the fresh code', async () => {
    await using server = served('old');
    const url = await server.command.url();
    const askers = Array.from({ length: 4 }, () => new Asker(url));
    for (const asker of askers) await asker.hears('old');
    write(server.folder, { 'app.mjs': saying('new') });
    server.command.signal('SIGHUP');
    for (const asker of askers) await asker.hears('new');
    for (const asker of askers) await asker.stop();
    assert.deepEqual(
      askers.flatMap(({ failures }) => failures),
      [],
    );
    // One that is told to go may find the other old worker, which has not heard of it yet; then only new ones are left.
    for (const { connections } of askers) assert.ok(connections === 2 || connections === 3, String(connections));
  });

  it('replaces workers that have answered enough, and loses no request', async () => {
    await using server = served('hello', 'max_requests = 200');
    const url = await server.command.url();
    const askers = Array.from({ length: 4 }, () => new Asker(url));
    for (const asker of askers) await asker.hears('hello', 500);
    for (const asker of askers) await asker.stop();
    assert.deepEqual(
      askers.flatMap(({ failures }) => failures),
      [],
    );
  });

  it('is logged as HTTP/2.0, and understood by curl', { skip: absent('curl') }, async () => {
    await using server = served('hello', 'log = -');
    const url = await server.command.url();
    const { stdout } = await run('curl', ['-sS', '--http2-prior-knowledge', '-w', ' %{http_version} %{http_code}', `${url}/a?b`]);
    assert.equal(stdout, 'hello 2 200');
    await eventually('it is logged', () => /"GET \/a\?b HTTP\/2\.0" 200 5/.test(server.command.stdout));
  });
});
