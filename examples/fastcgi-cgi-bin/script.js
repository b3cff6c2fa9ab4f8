// A CGI script as a process, and all that it starts: they end together.

import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';

export class Script {
  #process;
  #exit;

  constructor(file, env) {
    // In a process group of its own, so that its children can be killed with it.
    this.#process = spawn(file, [], { cwd: dirname(file), env, stdio: 'pipe', detached: true });
    this.#exit = new Promise((done, fail) => {
      this.#process.once('error', fail);
      this.#process.once('close', (code) => done(code ?? 1));
    });
    // It may end before its body has come.
    this.#process.stdin.on('error', () => undefined);
  }

  /** Resolves with its exit code, the application status. */
  async answer(request) {
    // Nobody waits for the answer any more.
    const leave = () => this.kill();
    request.signal.addEventListener('abort', leave);
    if (request.signal.aborted) leave();
    try {
      const { stdin, stdout, stderr } = this.#process;
      const written = Promise.all([this.#exit, pass(stdout, request.stdout), pass(stderr.setEncoding('utf8'), request.stderr)]);
      // It need not read its body, and what has written all is waited for no longer. A body that fails fails the request.
      const fed = feed(stdin, request.stdin).then(() => written);
      const [code] = await Promise.race([written, fed]);
      return code;
    } catch (error) {
      this.kill();
      if (request.signal.aborted) return 1;
      throw error;
    } finally {
      request.signal.removeEventListener('abort', leave);
    }
  }

  /** The script and its children; those that have left its group have left its streams here, too. */
  kill() {
    const { pid, stdout, stderr } = this.#process;
    stdout.destroy();
    stderr.destroy();
    if (pid !== undefined) killGroup(pid);
  }
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // All of them have ended, or are another user's (setuid).
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

async function pass(from, to) {
  for await (const chunk of from) await to.write(chunk);
}

async function feed(stdin, body) {
  const left = finished(stdin).catch(() => undefined);
  try {
    for (;;) {
      const piece = await body.read(64 * 1024);
      if (piece.length === 0 || stdin.destroyed) break;
      if (!stdin.write(piece)) await Promise.race([new Promise((drained) => stdin.once('drain', drained)), left]);
    }
  } finally {
    stdin.end();
  }
}
