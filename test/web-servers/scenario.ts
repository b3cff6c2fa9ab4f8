// scenario.ts: what is played through every web server, and where one of them lets something else happen.

import assert from 'node:assert/strict';
import { ask, type Asked, type HttpAnswer } from '../support/http-client.ts';
import type { WebServer, WebServerName } from '../support/web-server.ts';
import type { Site } from './site.ts';

export class Stage {
  readonly server: WebServer;
  readonly site: Site;

  constructor(server: WebServer, site: Site) {
    this.server = server;
    this.site = site;
  }

  get name(): WebServerName {
    return this.server.name;
  }

  async ask(asked: string | Asked): Promise<HttpAnswer> {
    return ask(this.server.port, typeof asked === 'string' ? { path: asked } : asked);
  }

  /** What the app sees of it. */
  async environ(asked: string | Asked): Promise<Record<string, unknown>> {
    const answer = await this.ask(asked);
    assert.equal(answer.status, 200, answer.body.toString());
    return JSON.parse(answer.body.toString()) as Record<string, unknown>;
  }
}

type Play = (stage: Stage) => Promise<void>;

export interface Scenario {
  readonly fact: string;
  readonly play: Play;
  /** Where a web server itself does not do it: what it does instead, and why. */
  readonly instead?: Readonly<Partial<Record<WebServerName, { readonly fact: string; readonly play: Play }>>>;
}
