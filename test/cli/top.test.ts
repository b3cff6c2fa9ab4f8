// `appserve top`: in a terminal a screen of its own that goes on, fits, and leaves no trace; elsewhere one look.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { APPSERVE, Command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { absent } from '../support/programs.ts';
import { inRepository } from '../support/repository.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2, skip: absent('python3') };
const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?1049l';

async function served(): Promise<Served> {
  const server = serveIni(['socket = 127.0.0.1:0', 'workers = 2', 'control_socket = control']);
  await server.command.url();
  return server;
}

class Screen implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  shown = '';
  told = '';

  constructor(cwd: string, columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    const script = inRepository('test/support/pseudo_terminal.py');
    const args = [script, String(columns), String(rows), process.execPath, APPSERVE, 'top', '--control', 'control'];
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, NO_COLOR: _colour, ...inherited } = process.env;
    this.#child = spawn('python3', args, { cwd, env: { ...inherited, TERM: 'xterm', ...env }, stdio: 'pipe' });
    this.#child.stdout!.on('data', (bytes: Buffer) => (this.shown += bytes.toString()));
    this.#child.stderr!.on('data', (bytes: Buffer) => (this.told += bytes.toString()));
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** The lines of the last whole screen, without colours. */
  get lines(): string[] {
    const screens = this.shown.split('\u001b[H').slice(1);
    const last = screens.findLast((screen) => screen.includes('\u001b[J')) ?? '';
    return last
      .split('\u001b[J')[0]!
      .replaceAll(/\u001b\[[0-9;]*[mK]/g, '')
      .split(/\r*\n/);
  }

  get screens(): number {
    return this.shown.split('\u001b[J').length - 1;
  }

  async ending(): Promise<number | null> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}

describe('appserve top', TIMEOUT, () => {
  it('shows the server again and again, and leaves the terminal as it was at q', async () => {
    await using server = await served();
    for (let n = 0; n < 7; n += 1) await server.command.get('/');
    await using screen = new Screen(server.folder.path, 100, 30);
    await eventually('it shows the workers', () => screen.lines.some((line) => /^worker-2 +serving /.test(line)));
    const answered = (): number =>
      screen.lines.reduce((sum, line) => sum + Number(/^worker-\d +serving +(\d+) /.exec(line)?.[1] ?? 0), 0);
    await eventually('it counts', () => answered() === 7);
    await server.command.get('/');
    await eventually('it goes on', () => answered() === 8);
    assert.ok(screen.shown.startsWith(`${ENTER}\u001b[?25l`));
    assert.match(screen.lines[0]!, /^app\.ini {2}serving {2}2 workers {2}up \d+ s$/);
    assert.equal(screen.lines.at(-1), 'q quits');
    assert.match(screen.shown, /\u001b\[1mapp\.ini/);
    screen.say('modes');
    await eventually('it tells', () => screen.told.includes('echo off'));
    screen.say('key q');
    assert.equal(await screen.ending(), 0);
    assert.ok(screen.shown.endsWith(`\u001b[?25h${LEAVE}`), JSON.stringify(screen.shown.slice(-40)));
    assert.match(screen.told, /echo off\necho on\n$/);
  });

  it('fits the terminal, also when that changes its size', async () => {
    await using server = await served();
    await using screen = new Screen(server.folder.path, 60, 12);
    await eventually('it shows something', () => screen.screens > 0);
    const isWithin = (columns: number, rows: number): boolean =>
      screen.lines.length <= rows && screen.lines.every((line) => Array.from(line).length <= columns);
    assert.ok(isWithin(60, 12), JSON.stringify(screen.lines));
    assert.equal(screen.lines.at(-1), 'q quits');
    screen.say('size 30 8');
    await eventually('it fits the smaller one', () => isWithin(30, 8));
    screen.say('size 120 40');
    await eventually('it uses the larger one', () => screen.lines.some((line) => line.startsWith('worker-2')));
    screen.say('size 1 1');
    await eventually('it fits the smallest one', () => isWithin(1, 1));
    screen.say('key \u0003');
    assert.equal(await screen.ending(), 0);
    assert.match(screen.told, /echo on\n$/);
  });

  it('has no colours where NO_COLOR says so', async () => {
    await using server = await served();
    await using screen = new Screen(server.folder.path, 100, 30, { NO_COLOR: '1' });
    await eventually('it shows something', () => screen.screens > 1);
    assert.doesNotMatch(screen.shown, /\u001b\[[0-9;]*m/);
    screen.say('key Q');
    assert.equal(await screen.ending(), 0);
  });

  it('ends with a word when the server does, in a terminal that is as it was', async () => {
    await using server = await served();
    await using screen = new Screen(server.folder.path, 100, 30);
    await eventually('it shows something', () => screen.screens > 0);
    server.command.signal('SIGTERM');
    assert.equal(await screen.ending(), 1);
    const [, behind] = screen.shown.split(LEAVE);
    assert.match(behind!, /cannot reach a server by its control socket control/);
    assert.match(screen.told, /echo on\n$/);
  });

  for (const [how, words] of [
    ['q', 'key q'],
    ['SIGTERM', 'signal 15'],
  ] as const) {
    it(`is left by ${how} while the server does not answer`, async () => {
      await using server = await served();
      await using screen = new Screen(server.folder.path, 100, 30);
      await eventually('it shows something', () => screen.screens > 0);
      server.command.signal('SIGSTOP');
      try {
        await eventually('it says so', () => /^no answer for \d+ s {2}q quits$/.test(screen.lines.at(-1) ?? ''));
        screen.say(words);
        assert.equal(await screen.ending(), 0);
        assert.match(screen.told, /echo on\n$/);
      } finally {
        server.command.signal('SIGCONT');
      }
    });
  }

  it('looks once where there is no terminal', async () => {
    await using server = await served();
    await using command = Command.appserve(['top', '--control', 'control'], { cwd: server.folder.path });
    assert.equal((await command.ending()).code, 0);
    assert.match(command.stdout, /^app\.ini {2}serving/);
    assert.doesNotMatch(command.stdout, /\u001b/);
  });
});
