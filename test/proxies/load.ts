// load.ts: clients that ask without a pause, each on a connection that it keeps, and what comes of it.

import http from 'node:http';
import { eventually } from '../support/eventually.ts';
import { PATIENCE_MS } from '../support/patience.ts';

/** Behind an answer each client waits up to that long: some of the connections behind the proxy are idle at any time. */
const PAUSE_MS = 3;

export interface LoadOptions {
  readonly clients?: number;
  /** Every second request is a POST, which a proxy must not ask twice. */
  readonly posts?: boolean;
  readonly path?: string;
  /** What answers a POST of that body, or a GET. */
  readonly answerTo?: (body: string | undefined) => string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly instance: string;
}

export class Load implements AsyncDisposable {
  /** Requests that were not answered as they should. */
  readonly failures: string[] = [];
  answered = 0;
  /** By the instance that has answered. */
  readonly instances = new Map<string, number>();
  readonly #port: number;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #clients: Promise<void>[];
  readonly #path: string;
  readonly #answerTo: (body: string | undefined) => string;
  #isOver = false;

  constructor(port: number, options: LoadOptions = {}) {
    const { clients = 12, posts = true, path = '/counter?1', answerTo = (body) => body ?? 'got' } = options;
    this.#port = port;
    this.#path = path;
    this.#answerTo = answerTo;
    this.#clients = Array.from({ length: clients }, (_, index) => this.#go(index, posts));
  }

  async #go(client: number, posts: boolean): Promise<void> {
    for (let nth = 0; !this.#isOver; nth += 1) {
      const body = posts && (client + nth) % 2 === 0 ? `${client}-${nth}` : undefined;
      try {
        const answer = await this.#ask(body);
        const isRight = answer.status === 200 && answer.body === this.#answerTo(body);
        if (isRight) this.#count(answer);
        else this.failures.push(`${body === undefined ? 'GET' : 'POST'}: ${answer.status} ${answer.body.slice(0, 60)}`);
      } catch (error) {
        this.failures.push(`${body === undefined ? 'GET' : 'POST'}: ${(error as Error).message}`);
      }
      await new Promise((resolve) => setTimeout(resolve, (client + nth) % (PAUSE_MS + 1)));
    }
  }

  #count({ instance }: Answer): void {
    this.answered += 1;
    this.instances.set(instance, (this.instances.get(instance) ?? 0) + 1);
  }

  async #ask(body: string | undefined): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const headers = body === undefined ? {} : { 'Content-Length': body.length };
      const options = { port: this.#port, host: '127.0.0.1', path: this.#path, method, headers, agent: this.#agent };
      const request = http.request(options, (response) => {
        let text = '';
        response.setEncoding('latin1').on('data', (piece: string) => (text += piece));
        response.once('error', reject).once('end', () => {
          resolve({ status: response.statusCode!, body: text, instance: String(response.headers['x-instance']) });
        });
      });
      request.setTimeout(PATIENCE_MS, () => request.destroy(new Error('no answer')));
      request.once('error', reject).end(body);
    });
  }

  /** So many more requests have been answered. */
  async goesOn(count: number): Promise<void> {
    const from = this.answered + this.failures.length;
    await eventually(`${count} more answers`, () => this.answered + this.failures.length >= from + count);
  }

  /** That instance has answered so many more. */
  async reaches(instance: string, count: number): Promise<void> {
    const from = this.instances.get(instance) ?? 0;
    await eventually(`answers of ${instance}`, () => (this.instances.get(instance) ?? 0) >= from + count);
  }

  /** No request begins from here on; those under way are waited for. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
