// No request fails while one of two instances stops and comes again, behind the proxies that spread requests.
//
// The race: a proxy sends a request on a connection that it has kept, just when the server closes it. Where connections are kept, half of
// the requests are POSTs, which no proxy here asks twice.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freePort } from '../../bench/free-port.ts';
import { startReverseProxy, type ReverseProxyName } from '../support/reverse-proxy.ts';
import { Load } from './load.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 240_000 };
const PROXIES = ['nginx', 'haproxy'] as const satisfies readonly ReverseProxyName[];
/** How often each instance is started anew. */
const ROUNDS = 1;

/** One place in which an appserve runs, and then another one. */
class Instance implements AsyncDisposable {
  readonly name: string;
  readonly at: number;
  readonly health: number;
  #site: Site | undefined;

  private constructor(name: string, at: number, health: number) {
    this.name = name;
    this.at = at;
    this.health = health;
  }

  static async start(name: string): Promise<Instance> {
    const instance = new Instance(name, await freePort(), await freePort());
    await instance.start();
    return instance;
  }

  async start(): Promise<void> {
    this.#site = await Site.start('tcp', { workers: 2, instance: this.name, port: this.at, metricsPort: this.health });
  }

  async stop(): Promise<void> {
    const { process } = this.#site!;
    process.signal('SIGTERM');
    assert.deepEqual(await process.ending(), { code: 0, signal: null });
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site?.[Symbol.asyncDispose]();
    this.#site = undefined;
  }
}

describe('an instance that stops and comes again under load', { concurrency: 1 }, () => {
  for (const name of PROXIES) {
    for (const keepsConnections of [true, false]) {
      it(`fails nobody: ${name}, which ${keepsConnections ? 'keeps' : 'closes'} its connections`, TIMEOUT, async (t) => {
        await using one = await Instance.start('one');
        await using two = await Instance.start('two');
        const instances = [one, two];
        await using proxy = await startReverseProxy(name, { instances, keepsConnections });
        // Who opens a connection just when the other side stops listening may be reset: what may be asked twice is asked again then.
        await using load = new Load(proxy.port, { posts: keepsConnections });
        for (let round = 0; round < ROUNDS; round += 1) {
          for (const instance of instances) {
            await load.reaches(instance.name, 50);
            await instance.stop();
            await load.goesOn(50);
            await instance.start();
            // The next one may go when the proxy has found out.
            await load.reaches(instance.name, 1);
          }
        }
        await load.end();
        t.diagnostic(`${load.answered} answers, ${load.failures.length} failures`);
        assert.deepEqual(load.failures, []);
      });
    }
  }
});
