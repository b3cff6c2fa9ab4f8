// workers/stack-of.ts: the JavaScript stack of a worker thread that hangs, asked from the main thread by node:inspector: mostly in
// less than 50 ms, without a port and without a flag.
//
// Law: a worker that was stopped to be looked at goes on, whatever comes. One that stays stopped cannot even be ended: terminate()
// would wait for it without end. A session that is disconnected, or NodeWorker.disable, leaves it so; NodeWorker.detach lets it go,
// and takes back what it has not read yet (Node 20 to 26).
//
// V8 looks for such wishes in loops, in calls, in regular expressions and in Atomics.wait, but not in native code: a worker that waits
// for a disk or computes a key there is told as such. terminate() cannot end it either before it comes back.

import type { Session } from 'node:inspector';
import { messageOf } from '../log.ts';

export type StackOf =
  /** Lines as V8 writes them, `    at handler (file:///app.mjs:12:5)`, each with its indent, parted by line ends. */
  | { readonly type: 'stack'; readonly stack: string }
  /** Completes "its stack could not be had: ". */
  | { readonly type: 'unknown'; readonly why: string };

/** Of a deep stack the upper end tells enough. */
const FRAMES_MAX = 32;

/** `threadId`: as its Worker has it. Never rejects, and takes no longer than `limitMs`. */
export async function stackOf(threadId: number, limitMs: number): Promise<StackOf> {
  let session: Session;
  try {
    // Only here: who never hangs does without, and a Node may be built without it.
    const inspector = await import('node:inspector');
    session = new inspector.Session();
    session.connect();
  } catch (error) {
    return { type: 'unknown', why: messageOf(error) };
  }
  const look = new Look(session, threadId);
  const timer = setTimeout(() => look.tooLate(limitMs), limitMs);
  try {
    return await look.result;
  } finally {
    clearTimeout(timer);
    look.end();
    session.disconnect();
  }
}

/** What the debugger of a worker says (Chrome DevTools Protocol, domain Debugger). */
interface Script {
  readonly scriptId: string;
  readonly url: string;
}

interface CallFrame {
  readonly functionName: string;
  /** Lines and columns from 0. */
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

type Said =
  | { readonly method: 'Debugger.scriptParsed'; readonly params: Script }
  | { readonly method: 'Debugger.paused'; readonly params: { readonly callFrames: readonly CallFrame[] } }
  | { readonly method?: undefined };

/** One worker is looked at, once. */
class Look {
  readonly result: Promise<StackOf>;
  readonly #session: Session;
  readonly #threadId: number;
  readonly #urls = new Map<string, string>();
  #resolve!: (result: StackOf) => void;
  /** Of the session that Node has opened in the worker. */
  #sessionId: string | undefined;
  #sent = 0;

  constructor(session: Session, threadId: number) {
    this.#session = session;
    this.#threadId = threadId;
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    session.on('NodeWorker.attachedToWorker', ({ params }) => this.#attached(params.sessionId, params.workerInfo.title));
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      if (params.sessionId === this.#sessionId) this.#hear(JSON.parse(params.message) as Said);
    });
    // Those that live are attached to before the answer comes.
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error !== null) this.#unknown(error.message);
      else if (this.#sessionId === undefined) this.#unknown('the thread has ended');
    });
  }

  tooLate(limitMs: number): void {
    this.#unknown(`the thread did not stop within ${limitMs} ms, so it is in native code, or in a machine that is too busy`);
  }

  /** The worker goes on. */
  end(): void {
    if (this.#sessionId !== undefined) this.#detach(this.#sessionId);
  }

  #attached(sessionId: string, title: string): void {
    // `[worker 3] worker-1`: the thread's id, then its name.
    if (!title.startsWith(`[worker ${this.#threadId}]`)) {
      this.#detach(sessionId);
      return;
    }
    this.#sessionId = sessionId;
    this.#tell('Debugger.enable');
    this.#tell('Debugger.pause');
  }

  #detach(sessionId: string): void {
    this.#session.post('NodeWorker.detach', { sessionId });
  }

  #tell(method: string): void {
    this.#sent += 1;
    const message = JSON.stringify({ id: this.#sent, method });
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: this.#sessionId!, message });
  }

  #hear(said: Said): void {
    if (said.method === 'Debugger.scriptParsed') this.#urls.set(said.params.scriptId, said.params.url);
    else if (said.method === 'Debugger.paused') this.#resolve({ type: 'stack', stack: this.#render(said.params.callFrames) });
  }

  #unknown(why: string): void {
    this.#resolve({ type: 'unknown', why });
  }

  #render(frames: readonly CallFrame[]): string {
    const lines = frames.slice(0, FRAMES_MAX).map((frame) => `    at ${this.#nameOf(frame)}`);
    const more = frames.length - lines.length;
    return [...lines, ...(more > 0 ? [`    and ${more} more`] : [])].join('\n');
  }

  #nameOf({ functionName, location }: CallFrame): string {
    const { scriptId, lineNumber, columnNumber = 0 } = location;
    const url = this.#urls.get(scriptId) ?? '';
    const place = `${url === '' ? '<anonymous>' : url}:${lineNumber + 1}:${columnNumber + 1}`;
    return functionName === '' ? place : `${functionName} (${place})`;
  }
}
