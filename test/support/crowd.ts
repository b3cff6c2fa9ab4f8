// crowd.ts: clients that ask without pause while something happens to the server, and take down what fails.

import http from 'node:http';
import { eventually } from './eventually.ts';

/** Asks without pause, on so many connections, until it is stopped. */
export class Crowd {
  /** Texts of answers, and what failed. */
  readonly answers = new Map<string, number>();
  readonly failures: string[] = [];
  readonly #agent: http.Agent;
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(url: string, { keepAlive }: { readonly keepAlive: boolean }, count = 8) {
    this.#agent = new http.Agent({ keepAlive, maxSockets: count });
    this.#clients = Array.from({ length: count }, () => this.#ask(url));
  }

  get asked(): number {
    return [...this.answers.values()].reduce((sum, times) => sum + times, 0);
  }

  async #ask(url: string): Promise<void> {
    while (!this.#isOver) {
      try {
        const text = await this.#get(url);
        this.answers.set(text, (this.answers.get(text) ?? 0) + 1);
      } catch (error) {
        this.failures.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
    }
  }

  async #get(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = http.get(url, { agent: this.#agent }, (response) => {
        let text = `${response.statusCode} `;
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve(text));
        response.on('error', reject);
      });
      request.on('error', reject);
    });
  }

  /** So many more answers of that text. */
  async hears(text: string, times = 100): Promise<void> {
    const before = this.answers.get(text) ?? 0;
    await eventually(`${times} more of ${text}`, () => (this.answers.get(text) ?? 0) >= before + times);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }
}
