// control/client.ts: the other end of the control socket, for commands and programs: a connection, and one answer for each request.

import { statSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { Fault, FaultList } from '@appserve/core';
import { CONTROL_VERSION, Lines, type ControlAnswer, type ToldError, type ToldFault } from './protocol.ts';

/** A report has a history; nothing else is long. */
const ANSWER_CHARS_MAX = 4 * 2 ** 20;

interface Waiter {
  resolve(answer: ControlAnswer): void;
  reject(error: unknown): void;
}

export class ControlClient implements Disposable {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #onRefused: ((error: ToldError) => void) | undefined;
  readonly #waiters: Waiter[] = [];
  /** The server has gone, or has let go of this connection. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, path: string, onRefused: ((error: ToldError) => void) | undefined) {
    this.#socket = socket;
    this.#path = path;
    this.#onRefused = onRefused;
    const lines = new Lines(ANSWER_CHARS_MAX);
    socket.on('data', (bytes) => {
      try {
        for (const line of lines.push(bytes)) this.#waiters.shift()?.resolve(JSON.parse(line) as ControlAnswer);
      } catch (error) {
        this.#fail(error);
        socket.destroy();
      }
    });
    socket.on('error', (error) => this.#fail(error));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => this.#fail(new Error('the server has closed the connection')));
  }

  /** `onRefused`: hears what the server says, as it is, before it is told as a fault. Faults: CONTROL_UNREACHABLE. */
  static async connect(path: string, onRefused?: (error: ToldError) => void): Promise<ControlClient> {
    const socket = net.connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(path, whyNot(error, path), error)));
    });
    socket.removeAllListeners('error');
    return new ControlClient(socket, path, onRefused);
  }

  /**
   * What the server answers. `withinMs`: one that takes longer is taken for one that does not answer, and the connection ends; without
   * it nobody waits in vain but who wants to: a reload takes as long as the app does to load.
   *
   * Faults: CONTROL_REFUSED, one for each mistake, with its place; CONTROL_UNREACHABLE.
   */
  async ask(command: string, fields: Readonly<Record<string, unknown>> = {}, withinMs?: number): Promise<unknown> {
    const limit = withinMs === undefined ? undefined : setTimeout(() => this.#giveUp(withinMs), withinMs);
    const asked = new Promise<ControlAnswer>((resolve, reject) => {
      if (this.#socket.destroyed) throw unreachable(this.#path, 'the server has closed the connection', undefined);
      this.#waiters.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify({ version: CONTROL_VERSION, command, ...fields })}\n`);
    });
    const answer = await asked.finally(() => clearTimeout(limit));
    if (answer.ok) return answer.result;
    this.#onRefused?.(answer.error);
    throw refused(command, answer.error);
  }

  #giveUp(afterMs: number): void {
    this.#fail(new Error(`it has not answered for ${afterMs / 1_000} s: its process is stopped, or is no server of appserve`));
    this.#socket.destroy();
  }

  #fail(cause: unknown): void {
    const why = whyNot(cause as NodeJS.ErrnoException, this.#path);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(unreachable(this.#path, why, cause));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Each with its place, as if it were told where it was found. */
function refused(command: string, { code, message, faults = [] }: ToldError): Fault | FaultList {
  const each = faults.map(
    (fault) =>
      new Fault(
        'CONTROL_REFUSED',
        { command, code: fault.code, why: fault.message, hint: fault.hint },
        { at: fault.at, askedBy: fault.in, cause: thrownThere(fault) },
      ),
  );
  if (each.length > 1) return new FaultList(each);
  return each[0] ?? new Fault('CONTROL_REFUSED', { command, code, why: message, hint: undefined });
}

/** Whose stack is told already: with its causes, and without what is of this process. */
function thrownThere({ message, stack }: ToldFault): Error | undefined {
  return stack === undefined ? undefined : Object.assign(new Error(message), { stack });
}

function unreachable(path: string, why: string, cause: unknown): Fault {
  return new Fault('CONTROL_UNREACHABLE', { path, why }, { cause });
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

const LET_GO: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

function whyNot({ code, message }: NodeJS.ErrnoException, path: string): string {
  if (LET_GO.has(code)) return 'the server has closed the connection: it ends, or has too many of them';
  if (code === 'ENOENT') return 'there is no such file; the server is not running, or has another control_socket';
  if (code === 'ENOTSOCK' || (code === 'ECONNREFUSED' && !isSocket(path))) return 'it is no socket';
  if (code === 'ECONNREFUSED') return 'nobody listens on it: the server that made it is gone';
  if (code === 'EACCES') return 'permission denied: only the user that the server runs as, and root, may command it';
  return message;
}
