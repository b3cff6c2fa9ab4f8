// apps/cgi.ts: a CGI program behind each request (RFC 3875).
//
// Law: a program that runs is waited for or killed, whatever becomes of its request; its output is read as a CGI response and no more.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process, { env } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { Fault } from '@appserve/core';
import { utf8Of, type GlobalConf, type HandlerRequest, type RequestHandler } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import type { cgiPart } from './cgi-part.ts';

type Program = ChildProcessByStdio<Writable, Readable, Readable>;
type Settings = Settled<typeof cgiPart.options>;

/** An `app_factory`. Faults: OPTION_INVALID where the program is not there, or may not be run. */
export async function cgi({ here = '.' }: GlobalConf, settings: Settings): Promise<RequestHandler> {
  const script = await programAt(resolve(here, settings.script), settings);
  let running = 0;
  return {
    cgi: async (request) => {
      if (Object.values(request.environ).some((value) => value.includes('\0'))) return refuse(request, 400, 'Bad Request');
      if (running >= settings.processes) return refuse(request, 503, 'Service Unavailable');
      running += 1;
      try {
        await run(script, settings, request);
      } finally {
        running -= 1;
      }
    },
  };
}

async function programAt(path: string, { script }: Settings): Promise<string> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch (cause) {
    throw new Fault('OPTION_INVALID', { key: 'script', value: script, allowed: 'a program that may be run' }, { cause });
  }
}

async function run(script: string, settings: Settings, request: HandlerRequest): Promise<void> {
  const { args, includeOsEnviron, timeoutMs } = settings;
  const program = spawn(script, args, {
    cwd: dirname(script),
    env: { ...(includeOsEnviron ? env : { PATH: env['PATH'] }), ...variablesOf(request, settings), SCRIPT_FILENAME: script },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: what it has started ends with it.
    detached: true,
  });
  const state = { isLate: false, isKilled: false, hasBegun: false };
  const kill = (): void => {
    state.isKilled = true;
    killGroup(program);
  };
  const late = (): void => {
    state.isLate = true;
    kill();
  };
  const deadline = timeoutMs === 0 ? undefined : setTimeout(late, timeoutMs);
  request.signal.addEventListener('abort', kill, { once: true });
  if (request.signal.aborted) kill();
  try {
    const ended = endOf(program);
    feed(program, request);
    const [end] = await Promise.all([ended, pour(program, request, state), complain(program, request, state)]);
    if (state.isLate && !state.hasBegun) return await refuse(request, 504, 'Gateway Timeout');
    if (end === undefined || request.signal.aborted) return;
    // Web servers do not ask how a program ends that has answered; one that was killed has not said all.
    if (!state.hasBegun || program.signalCode !== null) throw new Fault('APP_FAILED', { message: `${script}: ${end}` });
    await request.stderr.write(`${script}: ${end}\n`);
  } finally {
    clearTimeout(deadline);
    request.signal.removeEventListener('abort', kill);
    if (program.exitCode === null && program.signalCode === null) kill();
  }
}

/** It may have given its output to somebody who has left its group: that is not waited for. */
function killGroup(program: Program): void {
  try {
    if (program.pid !== undefined) process.kill(-program.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  program.stdout.destroy();
  program.stderr.destroy();
}

/** A program sees the environment of others on many systems: RFC 3875 §4.1.18 lets the server keep these from it. */
const CREDENTIALS = new Set(['HTTP_AUTHORIZATION', 'HTTP_PROXY_AUTHORIZATION']);

/** The chars of an environ are bytes; those of an environment are written as UTF-8. REQUEST_URI is what web servers add. */
function variablesOf({ environ }: HandlerRequest, { passAuthorization }: Settings): Record<string, string> {
  const variables = Object.entries({ REQUEST_URI: environ['RAW_URI'] ?? '', ...environ }).filter(
    ([name]) => /^[A-Z][A-Z0-9_]*$/.test(name) && (passAuthorization || !CREDENTIALS.has(name)),
  );
  return Object.fromEntries(variables.map(([name, value]) => [name, utf8Of(value)]));
}

/** What went wrong; nothing where it has ended well. */
function endOf(program: Program): Promise<string | undefined> {
  return new Promise((end, fail) => {
    program.once('error', fail);
    program.once('close', (code, signal) => {
      if (signal === null) end(code === 0 ? undefined : `exit code ${code}`);
      else end(`killed by ${signal}`);
    });
  });
}

/** A program need not read its input: that it has gone is no mistake. */
function feed({ stdin }: Program, request: HandlerRequest): void {
  stdin.on('error', () => undefined);
  const write = async (): Promise<void> => {
    for (;;) {
      const piece = await request.stdin.read(64 * 1_024);
      if (piece.length === 0 || stdin.destroyed) break;
      if (!stdin.write(piece)) await roomIn(stdin);
    }
    stdin.end();
  };
  write().catch(() => stdin.destroy());
}

/** Resolves when it takes more, or has gone. A long body waits many times: no listener may stay. */
function roomIn(stdin: Writable): Promise<void> {
  return new Promise((taken) => {
    const goOn = (): void => {
      stdin.off('drain', goOn).off('close', goOn);
      taken();
    };
    stdin.on('drain', goOn).on('close', goOn);
  });
}

/** A program that complains faster than its log is read waits. */
async function complain({ stderr }: Program, request: HandlerRequest, state: State): Promise<void> {
  try {
    for await (const text of stderr.setEncoding('utf8') as AsyncIterable<string>) await request.stderr.write(text);
  } catch (error) {
    if (!state.isKilled) throw error;
  }
}

interface State {
  readonly isKilled: boolean;
  hasBegun: boolean;
}

async function pour({ stdout }: Program, request: HandlerRequest, state: State): Promise<void> {
  try {
    for await (const piece of stdout as AsyncIterable<Buffer>) {
      state.hasBegun = true;
      await request.stdout.write(piece);
    }
  } catch (error) {
    // Its output was closed with it.
    if (!state.isKilled) throw error;
  }
}

async function refuse({ stdout }: HandlerRequest, status: number, reason: string): Promise<void> {
  await stdout.write(`Status: ${status} ${reason}\nContent-Type: text/plain\n\n${status} ${reason}\n`);
}
