// parts.ts: what stock parts cost: files against express with send and against nginx, a urlmap of many mounts, and filters.

import { ftruncateSync, mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environ, GatewayApp, StartResponse } from '@appserve/core/app';
import { loadApp } from '@appserve/loader';
import type { Contender } from '../contestant.ts';
import { freePort } from '../free-port.ts';
import { temporaryPaths } from '../nginx-paths.ts';
import { measure, median, type Effort, type Question } from '../measure.ts';
import { isInstalled } from '../pinned.ts';
import { renderAnswer, renderLimit } from '../table.ts';
import { compression, filters } from './filters.ts';

const GROWTH_MAX = 16 * 1_024 ** 2;
const BIG_BYTES = 100 * 1_024 ** 2;

export async function parts(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  using site = new FilesSite();
  const answers: object[] = [];
  for (const question of questions(await site.contenders())) {
    const answer = await measure(question, effort);
    print(renderAnswer(answer));
    answers.push(answer);
  }
  return [...answers, await mounts(print), await compression(print), ...(await filters(print))];
}

function questions([ours, express, ...nginx]: readonly Contender[]): readonly Question[] {
  return [
    {
      title: 'a file of 1 KiB, 64 connections',
      contenders: [ours!, express!, ...nginx],
      load: { connections: 64, path: '/small.txt' },
      bars: [
        { of: 'appserve', over: 'express', atMost: 0.8 },
        ...nginx.map(({ name }) => ({ of: 'appserve', over: name, atMost: 2.5 })),
      ],
    },
    {
      title: 'a file of 100 MiB, 4 connections',
      contenders: [ours!, express!],
      load: { connections: 4, path: '/big.txt' },
      bars: [{ of: 'appserve', over: 'express', atMost: 1 }],
      growsAtMostBytes: GROWTH_MAX,
    },
  ];
}

/** A folder with files and an ini, and who serves it; it is gone when its scope ends. */
export class FilesSite implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), 'as-bench-'));

  constructor() {
    mkdirSync(`${this.#path}/public`);
    writeFileSync(`${this.#path}/public/small.txt`, 'x'.repeat(1_024));
    // Sparse: it is the sending that is measured, not the disk.
    const big = openSync(`${this.#path}/public/big.txt`, 'w');
    ftruncateSync(big, BIG_BYTES);
    closeSync(big);
    const lines = ['[app:main]', 'use = @appserve/parts#static', 'document_root = public', 'cache_max_age = 1h'];
    writeFileSync(`${this.#path}/site.ini`, `${lines.join('\n')}\n`);
  }

  /** Ours, express, and nginx without and with a cache, where it is there. */
  async contenders(): Promise<readonly Contender[]> {
    const path = this.#path;
    const nginx = isInstalled('nginx') ? [await nginxOf(path, 'nginx', ''), await nginxOf(path, 'nginx, cached', CACHED)] : [];
    return [
      { name: 'appserve', program: 'parts', args: ['appserve', path] },
      { name: 'express', program: 'parts', args: ['express', path] },
      ...nginx,
    ];
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

/** What ours does by itself: it asks the disk once in a second. */
const CACHED = 'open_file_cache max=1000; open_file_cache_valid 1s;';

/** One process, as ours is one; without a cache it opens the file for each request. */
async function nginxOf(folder: string, name: string, more: string): Promise<Contender> {
  const port = await freePort();
  writeFileSync(
    `${folder}/${port}.conf`,
    `daemon off; master_process off; pid ${folder}/${port}.pid; error_log stderr crit;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000000; sendfile on; types { text/plain txt; } ${more}
      ${temporaryPaths(folder)}
      server { listen 127.0.0.1:${port}; root ${folder}/public; expires 1h; }
    }`,
  );
  const wait = 'until curl -s -o /dev/null "$0"; do sleep 0.02; done';
  const shell = `nginx -c ${folder}/${port}.conf & ${wait}; echo ${port}; trap "kill $!" TERM; wait`;
  return { name, program: '', command: 'sh', args: ['-c', shell, `http://127.0.0.1:${port}/small.txt`] };
}

const MOUNTS = 1_000;
const ROUNDS = 7;
const CALLS = 200_000;
const MOST_US = 1;

/** What finding an app among many adds to calling it, in this process: the least of what a request costs elsewhere would hide it. */
export async function mounts(
  print: (text: string) => void,
  { rounds = ROUNDS, calls = CALLS } = {},
): Promise<{ readonly title: string; readonly bareUs: number; readonly mappedUs: number }> {
  const bare = await appOf(['[app:main]', 'use = @appserve/parts#test']);
  const paths = Array.from({ length: MOUNTS }, (_, index) => `/part-${index % 10}/section-${index}`);
  const lines = paths.map((path) => `${path} = app`);
  const mapped = await appOf([
    '[composite:main]',
    'use = @appserve/parts#urlmap',
    ...lines,
    '[app:app]',
    'use = @appserve/parts#test',
  ]);
  const costs = { bare: [] as number[], mapped: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const [one, other] = [callUs(bare, paths, calls), callUs(mapped, paths, calls)];
    // The first round is for the compilers.
    if (round === 0) continue;
    costs.bare.push(one);
    costs.mapped.push(other);
  }
  const [bareUs, mappedUs] = [median(costs.bare), median(costs.mapped)];
  print(`\na urlmap of ${MOUNTS.toLocaleString('en')} mounts, in this process`);
  print(`  an app alone ${bareUs.toFixed(3)} us, behind the urlmap ${mappedUs.toFixed(3)} us`);
  print(renderLimit('it adds to a request', mappedUs - bareUs, MOST_US, 'us'));
  return { title: 'urlmap', bareUs, mappedUs };
}

async function appOf(lines: readonly string[]): Promise<GatewayApp> {
  const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
  try {
    writeFileSync(`${folder}/site.ini`, lines.join('\n'));
    return (await loadApp(`${folder}/site.ini`)) as GatewayApp;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(): Promise<void> {
  // Nothing is written.
}

const startResponse: StartResponse = () => write;

function callUs(app: GatewayApp, paths: readonly string[], calls: number): number {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    // Text as it comes from a client: of its own, and never seen before.
    const path = Buffer.from(`${paths[call % paths.length]!}/article/${call}`).toString('latin1');
    const environ = { SCRIPT_NAME: '', PATH_INFO: path, HTTP_HOST: 'example.com' } as unknown as Environ;
    void app(environ, startResponse);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
