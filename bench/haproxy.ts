// haproxy.ts: HAProxy in front of instances of a site, which it asks whether they are ready.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { cpuUsOfAll } from './accounts.ts';
import { freePort } from './free-port.ts';

/** What stands behind it. */
export interface Backend {
  readonly port: number;
  readonly metricsPort: number;
}

/** How often it asks each. */
const ASKS_EVERY_MS = 200;
const UP_WITHIN_MS = 40_000;

/** As examples/haproxy has it; `/up` is 200 while all instances are taken for ready. */
function configuration(port: number, backends: readonly Backend[]): string {
  const servers = backends.map((one, nth) => `  server s${nth} 127.0.0.1:${one.port} port ${one.metricsPort}`);
  return `global
  maxconn 4096
  nbthread 1
defaults
  mode http
  timeout http-request 10s
  timeout client 60s
  timeout connect 2s
  timeout server 60s
  # Who answers late is busy, not gone.
  timeout check 2s
  retries 3
  option redispatch 1
frontend web
  bind 127.0.0.1:${port}
  monitor-uri /up
  monitor fail if { nbsrv(site) lt ${backends.length} }
  default_backend site
backend site
  balance leastconn
  option httpchk
  http-check send meth GET uri /-/ready ver HTTP/1.1 hdr Host 127.0.0.1
  http-check expect status 200
  default-server check inter ${ASKS_EVERY_MS}ms fall 1 rise 1
${servers.join('\n')}
`;
}

export class Haproxy implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  #said = '';

  private constructor(port: number, folder: string, child: ChildProcessByStdio<null, null, Readable>) {
    this.port = port;
    this.#folder = folder;
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** When all of them are taken for ready. */
  static async start(backends: readonly Backend[]): Promise<Haproxy> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration(port, backends));
    const haproxy = new Haproxy(port, folder, spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] }));
    try {
      await haproxy.whole();
    } catch (error) {
      await haproxy[Symbol.asyncDispose]();
      throw error;
    }
    return haproxy;
  }

  /** When all instances are taken for ready. */
  async whole(): Promise<void> {
    for (const sinceMs = performance.now(); ; await later(20)) {
      const status = await fetch(`http://127.0.0.1:${this.port}/up`, { headers: { Connection: 'close' } }).then(
        async (answer) => (await answer.text(), answer.status),
        () => undefined,
      );
      if (status === 200) return;
      if (performance.now() - sinceMs > UP_WITHIN_MS)
        throw new Error(`HAProxy takes nobody for ready (${status ?? 'no answer'}):\n${this.#said}`);
    }
  }

  cpuUs(): number {
    return cpuUsOfAll(this.#child.pid!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
