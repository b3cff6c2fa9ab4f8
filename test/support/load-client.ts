// load-client.ts: clients in a process of their own, as a test commands them.

import { fork, type ChildProcess } from 'node:child_process';

export type Order =
  /** Opens so many connections and asks once on each. Gives how many were answered. */
  | { readonly type: 'hold'; readonly port: number; readonly count: number }
  /** Asks once more on each of them. Gives how many were answered. */
  | { readonly type: 'ask' }
  /** Waits until the server has closed them all. Gives how many those are. */
  | { readonly type: 'until-closed' }
  /** Opens so many connections, says that on each, and leaves it with a reset. Gives how many were opened. */
  | { readonly type: 'reset'; readonly port: number; readonly count: number; readonly said: string }
  /** Asks once, and gives how many bytes come until the end of the connection. */
  | { readonly type: 'download'; readonly port: number }
  /** Sends a body of that many bytes, and gives how many bytes its answer has. */
  | { readonly type: 'upload'; readonly port: number; readonly length: number };

export type Report = { readonly count: number } | { readonly error: string };

export class LoadClient implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor() {
    // What the test runner says to its own processes is not for ours.
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
    this.#child = fork(new URL('load-client-process.js', import.meta.url), { env, execArgv: [] });
    this.#ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  /** One order at a time. */
  async obey(order: Order): Promise<number> {
    const report = await new Promise<Report>((resolve) => {
      this.#child.once('message', (message) => resolve(message as Report));
      void this.#ended.then(() => resolve({ error: 'the clients’ process has ended' }));
      this.#child.send(order);
    });
    if ('error' in report) throw new Error(report.error);
    return report.count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
