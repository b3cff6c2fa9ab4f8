// parts.ts: what stock parts cost: files against express with send and against nginx, and a urlmap of many mounts.

import { ftruncateSync, mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { loadApp } from '@appserve/loader';
import type { Contender } from '../contestant.ts';
import { freePort } from '../free-port.ts';
import { measure, median, type Effort, type Question } from '../measure.ts';
import { isInstalled } from '../pinned.ts';
import { renderAnswer, renderLimit } from '../table.ts';

const GROWTH_MAX = 16 * 1_024 ** 2;
const BIG_BYTES = 100 * 1_024 ** 2;

export async function parts(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const folder = siteFolder();
  try {
    const ours: Contender = { name: 'appserve', program: 'parts', args: ['appserve', folder] };
    const express: Contender = { name: 'express', program: 'parts', args: ['express', folder] };
    const nginx = isInstalled('nginx') ? [await nginxOf(folder)] : [];
    const answers: object[] = [];
    for (const question of questions(ours, express, nginx)) {
      const answer = await measure(question, effort);
      print(renderAnswer(answer));
      answers.push(answer);
    }
    return [...answers, await mounts(print)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function questions(ours: Contender, express: Contender, nginx: readonly Contender[]): readonly Question[] {
  return [
    {
      title: 'a file of 1 KiB, 64 connections',
      contenders: [ours, express, ...nginx],
      load: { connections: 64, path: '/small.txt' },
      bars: [
        { of: 'appserve', over: 'express', atMost: 0.8 },
        ...nginx.map(({ name }) => ({ of: 'appserve', over: name, atMost: 2.5 })),
      ],
    },
    {
      title: 'a file of 100 MiB, 4 connections',
      contenders: [ours, express],
      load: { connections: 4, path: '/big.bin' },
      bars: [{ of: 'appserve', over: 'express', atMost: 1 }],
      growsAtMostBytes: GROWTH_MAX,
    },
  ];
}

function siteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
  mkdirSync(`${folder}/public`);
  writeFileSync(`${folder}/public/small.txt`, 'x'.repeat(1_024));
  // Sparse: it is the sending that is measured, not the disk.
  const big = openSync(`${folder}/public/big.bin`, 'w');
  ftruncateSync(big, BIG_BYTES);
  closeSync(big);
  const lines = ['[app:main]', 'use = @appserve/parts#static', 'document_root = public', 'cache_max_age = 1h'];
  writeFileSync(`${folder}/site.ini`, `${lines.join('\n')}\n`);
  return folder;
}

/** One process, as ours is one; it looks at the disk for each request, unless it is told what ours does by itself. */
async function nginxOf(folder: string): Promise<Contender> {
  const port = await freePort();
  const temporary = ['client_body', 'fastcgi', 'proxy', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  writeFileSync(
    `${folder}/nginx.conf`,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000000; sendfile on; types { text/plain txt; }
      ${temporary.join(' ')}
      server { listen 127.0.0.1:${port}; root ${folder}/public; expires 1h; }
    }`,
  );
  const wait = 'until curl -s -o /dev/null "$0"; do sleep 0.02; done';
  const shell = `nginx -c ${folder}/nginx.conf & ${wait}; echo ${port}; trap "kill $!" TERM; wait`;
  return { name: 'nginx', program: '', command: 'sh', args: ['-c', shell, `http://127.0.0.1:${port}/small.txt`] };
}

const MOUNTS = 1_000;
const ROUNDS = 7;
const CALLS = 200_000;
const MOST_US = 1;

/** What finding an app among many adds to calling it, in this process: the least of what a request costs elsewhere would hide it. */
async function mounts(print: (text: string) => void): Promise<object> {
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
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [one, other] = [callUs(bare, paths), callUs(mapped, paths)];
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

function callUs(app: GatewayApp, paths: readonly string[]): number {
  const write = async (): Promise<void> => undefined;
  const startResponse = (): typeof write => write;
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 1) {
    // Text as it comes from a client: of its own, and never seen before.
    const path = Buffer.from(`${paths[call % paths.length]!}/article/${call}`).toString('latin1');
    const environ = { SCRIPT_NAME: '', PATH_INFO: path, HTTP_HOST: 'example.com' } as unknown as Environ;
    void app(environ, startResponse);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}
