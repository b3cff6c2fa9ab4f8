// appserve --reload on a terminal, a pseudo-terminal of Python's: keys are heard, and the terminal is as it was when the server has ended.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { APPSERVE, Command, write } from '../support/command.ts';
import { saying } from '../support/developed.ts';
import { absent } from '../support/programs.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2, skip: absent('python3') };

/**
 * Runs a command on a terminal of its own, types what stands in KEYS when it has said what stands before, and tells on stderr what it
 * said, how it ended, and whether the terminal is as it was.
 */
const TERMINAL = `
import json, os, pty, re, select, signal, sys, termios, time
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
before = termios.tcgetattr(fd)
heard, deadline = b'', time.monotonic() + 30
def step():
    global heard
    while steps and re.search(steps[0][0].encode(), heard, re.S):
        heard = b''
        keys = steps.pop(0)[1]
        os.write(2, b'[typed %s]' % json.dumps(keys).encode())
        os.write(fd, keys.encode())
while time.monotonic() < deadline:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        os.write(2, data)
        heard += data
        step()
_, status = os.waitpid(pid, 0 if time.monotonic() < deadline else os.WNOHANG)
os.write(2, b'\\nended %d, terminal %s\\n' % (os.waitstatus_to_exitcode(status), b'as before' if termios.tcgetattr(fd) == before else b'changed'))
`;

type Step = readonly [said: string, keys: string];

async function typed(files: Readonly<Record<string, string>>, steps: readonly Step[]): Promise<string> {
  using folder = temporaryFolder();
  write(folder, {
    'app.ini':
      '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n',
    ...files,
  });
  const command = [process.execPath, APPSERVE, 'app.ini', '--reload'];
  await using terminal = Command.program('python3', ['-c', TERMINAL, JSON.stringify(steps), ...command], {
    cwd: folder.path,
  });
  await terminal.ending();
  return terminal.stderr;
}

describe('on a terminal', TIMEOUT, () => {
  it('r loads again and q quits, and the terminal is as it was', async () => {
    const said = await typed({ 'app.mjs': saying('x') }, [
      [String.raw`ready in \d+ ms`, 'r'],
      [String.raw`reloaded in \d+ ms`, 'q'],
    ]);
    assert.match(said, /r: loading again[^]*reloaded in [0-9]+ ms[^]*q: stopping[^]*\nended 0, terminal as before\n/);
  });

  it('^C stops as SIGINT does, also while something broken is shown', async () => {
    const said = await typed({ 'app.mjs': 'throw new Error("half a thought");' }, [
      [String.raw`waiting for a change \(r: load again, q: quit\).*ready in`, '\u0003'],
    ]);
    assert.match(said, /SIGINT: stopping[^]*\nended 0, terminal as before\n/);
    assert.match(said, /\u001B\[31m/);
  });

  it('^\\ ends at once, as SIGQUIT does', async () => {
    const said = await typed({ 'app.mjs': saying('x') }, [['ready in', '\u001C']]);
    assert.match(said, /SIGQUIT: stopping at once[^]*\nended 0, terminal as before\n/);
  });

  it('q quits where no server could be started', async () => {
    const said = await typed({ 'app.ini': '[app:main]\n' }, [[String.raw`q: quit\)`, 'q']]);
    assert.match(said, /The server cannot be started[^]*\nended 0, terminal as before\n/);
  });

  it('^C ends where no server could be started', async () => {
    const said = await typed({ 'app.ini': '[app:main]\n' }, [[String.raw`q: quit\)`, '\u0003']]);
    assert.match(said, /\nended -2, terminal as before\n/);
  });
});

/** Runs a command on a terminal of its own, closes that when it has said what stands first, and tells how it ended. */
const CLOSED = `
import os, pty, re, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
heard, deadline = b'', time.monotonic() + 40
while not re.search(sys.argv[1].encode(), heard, re.S):
    heard += os.read(fd, 65536)
os.close(fd)
while time.monotonic() < deadline:
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        sys.exit('ended %d' % os.waitstatus_to_exitcode(status))
    time.sleep(0.02)
os.kill(pid, 9)
sys.exit('went on')
`;

describe('a terminal that is closed', TIMEOUT, () => {
  for (const [what, ini, until] of [
    ['a server', 'error_log = log\n', 'ready in'],
    ['one that waits for its section to be mended', 'wokers = 2\n', 'waiting for a change'],
  ] as const) {
    it(`ends ${what}`, async () => {
      using folder = temporaryFolder();
      const server = '[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n';
      write(folder, { 'app.ini': `[app:main]\nuse = ./app.mjs#makeApp\n${server}${ini}`, 'app.mjs': saying('x') });
      const command = [process.execPath, APPSERVE, 'app.ini', '--reload'];
      await using terminal = Command.program('python3', ['-c', CLOSED, until, ...command], { cwd: folder.path });
      await terminal.ending();
      assert.equal(terminal.stderr, 'ended 0\n');
      if (until === 'ready in')
        assert.match(readFileSync(`${folder.path}/log`, 'utf8'), /SIGHUP: the terminal is gone: stopping/);
    });
  }
});

describe('without a terminal', TIMEOUT, () => {
  it('SIGHUP loads again, also where no server could be started', async () => {
    using folder = temporaryFolder();
    const ini = '[app:main]\nuse = ./app.mjs#makeApp\n[server:main]\nuse = @appserve/server#main\nworkers = 1\n';
    write(folder, { 'app.ini': ini, 'app.mjs': saying('x') });
    // A session of its own: the terminal of whoever runs the tests is none of it.
    await using command = Command.appserve(['app.ini', '--reload'], { cwd: folder.path });
    await command.says(/waiting for a change/);
    command.signal('SIGHUP');
    await command.says(/waiting for a change/, 2);
    write(folder, { 'app.ini': `${ini}socket = 127.0.0.1:0\n` });
    await command.url();
    command.signal('SIGHUP');
    await command.says(/SIGHUP: reloading/);
    command.signal('SIGTERM');
    assert.equal((await command.ending()).code, 0);
  });
});
