// nginx.ts: nginx in front of those that are compared, each at a path of its own, so that all share what it costs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { Contestant } from './contestant.ts';
import { freePort } from './free-port.ts';
import { temporaryPaths } from './nginx-paths.ts';

export interface Upstream {
  /** Of the path: `/fastcgi`. */
  readonly name: string;
  readonly protocol: 'http' | 'fastcgi';
  /** A unix socket. */
  readonly path: string;
  /** How many idle connections nginx keeps; 0: each request costs one. */
  readonly keeps: number;
  /** For a responder that runs files. */
  readonly script?: string;
}

/** What docs/guide/fastcgi.md sends. */
const PARAMS = `
  fastcgi_param SERVER_PROTOCOL $server_protocol;
  fastcgi_param SERVER_NAME $server_name;
  fastcgi_param SERVER_PORT $server_port;
  fastcgi_param REMOTE_ADDR $remote_addr;
  fastcgi_param REMOTE_PORT $remote_port;
  fastcgi_param HTTPS $https if_not_empty;
  fastcgi_param REQUEST_METHOD $request_method;
  fastcgi_param REQUEST_URI $request_uri;
  fastcgi_param SCRIPT_NAME $fastcgi_script_name;
  fastcgi_param PATH_INFO "";
  fastcgi_param QUERY_STRING $query_string;
  fastcgi_param CONTENT_TYPE $content_type;
  fastcgi_param CONTENT_LENGTH $content_length;`;

/** As operators write it: a host, and whom the request is from. */
const FIELDS = `
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;`;

function locationOf({ name, protocol, keeps, script }: Upstream): string {
  if (protocol === 'http') return `location = /${name} { ${FIELDS} proxy_pass http://${name}/; }`;
  const file = script === undefined ? '' : `fastcgi_param SCRIPT_FILENAME ${script};`;
  return `location = /${name} { ${PARAMS} ${file} fastcgi_keep_conn ${keeps > 0 ? 'on' : 'off'}; fastcgi_pass ${name}; }`;
}

function upstreamOf({ name, path, keeps }: Upstream): string {
  return `upstream ${name} { server unix:${path}; ${keeps > 0 ? `keepalive ${keeps};` : ''} }`;
}

const READY_WITHIN_MS = 40_000;

export class Nginx implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: Contestant;

  private constructor(port: number, folder: string, process: Contestant) {
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  /** On the core of the servers: what a request costs there is what both take. */
  static async start(upstreams: readonly Upstream[]): Promise<Nginx> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
    writeFileSync(
      `${folder}/nginx.conf`,
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
      events { worker_connections 1024; }
      http {
        access_log off; keepalive_requests 1000000000;
        ${temporaryPaths(folder)}
        ${upstreams.map(upstreamOf).join('\n')}
        server { listen 127.0.0.1:${port}; ${upstreams.map(locationOf).join('\n')} }
      }`,
    );
    // It prints nothing by itself.
    const shell = ['-c', `echo ${port}; exec nginx -c ${folder}/nginx.conf`];
    const nginx = new Nginx(port, folder, await Contestant.startProgram('nginx', 'sh', shell));
    await nginx.#ready();
    return nginx;
  }

  async #ready(): Promise<void> {
    for (const sinceMs = performance.now(); ; await later(10)) {
      const isThere = await fetch(`http://127.0.0.1:${this.port}/`, { headers: { Connection: 'close' } }).then(
        async (answer) => (await answer.text()) !== undefined,
        () => false,
      );
      if (isThere) return;
      if (performance.now() - sinceMs < READY_WITHIN_MS) continue;
      await this[Symbol.asyncDispose]();
      throw new Error('nginx does not answer');
    }
  }

  cpuUs(): number {
    return this.#process.cpuUs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
