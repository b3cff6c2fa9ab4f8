// site.ts: an appserve behind a proxy, as `appserve site.ini` serves it, and what its metrics count.

import { chmodSync } from 'node:fs';
import { Command, connectTo, write } from '../support/command.ts';
import { parseExposition } from '../support/exposition.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import type { Place } from '../support/web-server.ts';

const LIFETIME_MS = 230_000;
const METRICS = /metrics and status page: (http:\S+)\//;

export type Transport = 'unix' | 'tcp';

/** What all scenarios ask for. */
const APPS = `
[composite:main]
use = @appserve/parts#urlmap
filter-with = proxied
/ = app
/fetch = fetch
/websocket = websocket
/counter = counter

[filter:proxied]
use = @appserve/parts#proxy_headers
trusted = 127.0.0.1 unix
believe = for proto host

[app:app]
use = ${inRepository('build/test/web-servers/app.js')}#makeApp

[app:fetch]
use = ${inRepository('build/test/proxies/app.js')}#makeFetch

[app:websocket]
use = ${inRepository('build/test/proxies/app.js')}#makeWebSocket

[app:counter]
use = ${inRepository('build/test/proxies/app.js')}#makeCounter
instance = %(instance)s
`;

/** An app alone, with nothing before it that would see only what its own contract has. */
function alone(factory: string): string {
  return `[app:main]\nuse = ${inRepository('build/test/proxies/app.js')}#${factory}\n`;
}

export interface SiteOptions {
  readonly app?: 'all' | 'makeTrailers' | 'makeWitness';
  /** One, where nothing is said: what meets in the app is in one place then. */
  readonly workers?: number;
  /** In [server:main]. */
  readonly lines?: readonly string[];
  /** A port that was had before. */
  readonly port?: number;
  /** What its answers to /counter tell. */
  readonly instance?: string;
  readonly metricsPort?: number;
}

export class Site implements AsyncDisposable {
  /** Where it listens. */
  readonly at: Place;
  readonly process: Command;
  readonly metricsUrl: string;
  readonly #folder: TemporaryFolder;

  private constructor(at: Place, process: Command, metricsUrl: string, folder: TemporaryFolder) {
    this.at = at;
    this.process = process;
    this.metricsUrl = metricsUrl;
    this.#folder = folder;
  }

  static async start(over: Transport, options: SiteOptions = {}): Promise<Site> {
    const { app = 'all', workers = 1, lines = [], instance = 'only', port = 0, metricsPort = 0 } = options;
    const folder = temporaryFolder();
    // Proxies that root starts become somebody else.
    chmodSync(folder.path, 0o755);
    linkPackages(folder);
    const path = `${folder.path}/s`;
    const address = over === 'unix' ? [`socket = unix:${path}`, 'socket_mode = 0666'] : [`socket = 127.0.0.1:${port}`];
    const server = [
      '[server:main]',
      'use = @appserve/server#main',
      ...address,
      `workers = ${workers}`,
      `metrics = 127.0.0.1:${metricsPort}`,
      'max_reuse_count = unlimited',
      'chunked_transfer = true',
      ...lines,
      '',
    ];
    write(folder, {
      'site.ini': `[DEFAULT]\ninstance = ${instance}\n${app === 'all' ? APPS : alone(app)}\n${server.join('\n')}`,
    });
    const process = Command.appserve(['site.ini'], { cwd: folder.path, lifetimeMs: LIFETIME_MS });
    const url = await process.url();
    const [, metricsUrl] = await process.says(METRICS);
    return new Site(over === 'unix' ? path : Number(new URL(url).port), process, metricsUrl!, folder);
  }

  get metricsPort(): number {
    return Number(new URL(this.metricsUrl).port);
  }

  /** The sum of a metric over all its labels but these. */
  async count(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    await using client = await connectTo(this.metricsUrl);
    await client.send('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const families = parseExposition((await client.response())!.body);
    const samples = families.get(metric)?.samples.get(metric);
    if (samples === undefined) throw new Error(`there is no metric ${metric}`);
    const wanted = samples.filter((sample) => Object.entries(labels).every(([name, value]) => sample.labels[name] === value));
    return wanted.reduce((sum, { value }) => sum + value, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
