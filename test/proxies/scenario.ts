// scenario.ts: what is played through every proxy, and where one of them lets something else happen.

import assert from 'node:assert/strict';
import { sendChunked } from '../support/body-scenes.ts';
import { ask, type Asked, type HttpAnswer } from '../support/http-client.ts';
import type { ReverseProxy, ReverseProxyName } from '../support/reverse-proxy.ts';
import type { Site } from './site.ts';

export class Stage {
  readonly proxy: ReverseProxy;
  readonly site: Site;
  #names = 0;

  constructor(proxy: ReverseProxy, site: Site) {
    this.proxy = proxy;
    this.site = site;
  }

  /** By which an app can be told apart that others ask as well. */
  newName(): string {
    this.#names += 1;
    return `${this.proxy.name}-${this.#names}`;
  }

  async ask(asked: string | Asked): Promise<HttpAnswer> {
    return ask(this.proxy.port, typeof asked === 'string' ? { path: asked } : asked);
  }

  /** What the app sees of it. */
  async environ(asked: string | Asked): Promise<Record<string, unknown>> {
    const answer = await this.ask(asked);
    assert.equal(answer.status, 200, answer.body.toString());
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }

  /** Sent with the chunked coding, a chunk for each piece. */
  async sendChunked(path: string, pieces: readonly Uint8Array[]): Promise<HttpAnswer> {
    return sendChunked(this.proxy.port, path, pieces);
  }
}

type Play = (stage: Stage) => Promise<void>;

export interface Scenario {
  readonly fact: string;
  readonly play: Play;
  /** Where a proxy itself does not do it: what it does instead, and why. */
  readonly instead?: Readonly<Partial<Record<ReverseProxyName, { readonly fact: string; readonly play: Play }>>>;
}
