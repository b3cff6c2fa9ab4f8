// A reload under load, with WebSockets open: their clients are told 1001, come again, and speak to fresh code; none is cut off.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { serveApp } from '../support/fleet.ts';

const TIMEOUT = { timeout: 240_000 };
const CLIENTS = 20;
const LINES = ['socket = 127.0.0.1:0', 'workers = 2', 'max_reuse_count = unlimited', 'graceful_timeout = 20'];

function saying(what: string): string {
  return `export const makeApp = () => ({ message: (socket, message) => socket.send(${JSON.stringify(what)} + message) });`;
}

/** Says something as soon as it has an answer, and comes again when it is told to leave. */
class Talker {
  /** What was answered last, and how often there was an answer. */
  heard = '';
  answers = 0;
  readonly codes: number[] = [];
  readonly failures: string[] = [];
  readonly #url: string;
  #socket: WebSocket | undefined;
  #isOver = false;

  constructor(url: string) {
    this.#url = url;
    this.#connect();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (message: Buffer) => {
      this.heard = message.toString();
      this.answers += 1;
      socket.send('hello');
    });
    socket.on('error', (error) => this.failures.push(error.message));
    socket.on('close', (code) => {
      this.codes.push(code);
      if (!this.#isOver) this.#connect();
    });
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    const socket = this.#socket!;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.close(1000);
    await closed;
  }
}

describe('SIGHUP with open WebSockets', TIMEOUT, () => {
  it('tells every client 1001, and none is cut; they find fresh code', async () => {
    await using server = serveApp(saying('old '), LINES);
    const url = (await server.command.url()).replace('http:', 'ws:');
    const talkers = Array.from({ length: CLIENTS }, () => new Talker(url));
    await eventually('all talk', () => talkers.every(({ answers }) => answers >= 10));
    write(server.folder, { 'app.mjs': saying('new ') });
    server.command.signal('SIGHUP');
    await eventually('all have been told', () => talkers.every(({ codes }) => codes.length >= 1));
    await eventually('all speak to fresh code', () => talkers.every(({ heard }) => heard === 'new hello'));
    await Promise.all(talkers.map((talker) => talker.stop()));
    for (const { codes, failures } of talkers) {
      assert.deepEqual(failures, []);
      assert.equal(codes.at(-1), 1000);
      // More than once is told who has come again to the other worker before that one was told to leave.
      assert.deepEqual(new Set(codes.slice(0, -1)), new Set([1001]));
    }
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});
