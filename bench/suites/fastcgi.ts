// fastcgi.ts: FastCGI against HTTP, of one and the same app: behind nginx, which shares the core with it, and without nginx.
//
// What nginx and the application take of their core for a request is its time: one over it is the throughput of that core. Requests by
// the clock are shown too, but they say as well what else the machine does.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contestant } from '../contestant.ts';
import { runLoad } from '../load.ts';
import { median, type Effort } from '../measure.ts';
import { multiplexed } from '../multiplexed.ts';
import { Nginx, type Upstream } from '../nginx.ts';
import { isInstalled, LOAD_CORE, outputOf, spawnOn } from '../pinned.ts';

const CONNECTIONS = 64;
const RATIO_MAX = 1.1;
const HELD = 1_000;

type Protocol = 'fastcgi' | 'http';
type Print = (text: string) => void;

interface Row {
  readonly name: string;
  /** Of the application alone, and with nginx. */
  readonly cpuUsPerRequest: number;
  readonly totalUsPerRequest: number;
  readonly requestsPerSecond: number;
}

export async function fastcgi(effort: Effort, print: Print): Promise<readonly object[]> {
  return [await behindNginx(effort, print), await alone(effort, print), await heldUp(print)];
}

interface Entrant {
  readonly upstream: Upstream;
  readonly contestant: Contestant;
}

/** Keeps as many connections as there are clients, so that no request waits for one. */
const OURS = (['fastcgi', 'http'] as const).map((protocol) => ({ protocol, keeps: CONNECTIONS }));

async function behindNginx(effort: Effort, print: Print): Promise<object> {
  const title = `hello through nginx, unix sockets, ${CONNECTIONS} connections; the CPU time is the application's, and with nginx's`;
  print(`\n${title}`);
  if (!isInstalled('nginx')) {
    print('  not measured: nginx is not installed: apt-get install nginx-light');
    return { title, rows: [], verdicts: [] };
  }
  const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
  const entrants: Entrant[] = [];
  try {
    for (const { protocol, keeps } of OURS) {
      const contestant = await Contestant.start({
        name: protocol,
        program: 'embedded',
        args: [protocol, `${folder}/${protocol}`],
      });
      entrants.push({ contestant, upstream: { name: protocol, protocol, keeps, path: contestant.address } });
    }
    if (isInstalled('php-cgi')) entrants.push(await php(folder));
    else print('  php-cgi is not installed: apt-get install php-cgi');
    await using nginx = await Nginx.start(entrants.map(({ upstream }) => upstream));
    const rows = await race(entrants, nginx, effort);
    for (const row of rows) print(renderRow(row));
    const [ours, http] = rows as [Row, Row];
    const verdicts = [
      judge('CPU time of the application with fastcgi', ours.cpuUsPerRequest / http.cpuUsPerRequest),
      judge('CPU time of both, the throughput of the core, with fastcgi', ours.totalUsPerRequest / http.totalUsPerRequest),
    ];
    for (const verdict of verdicts) print(renderVerdict(verdict));
    return { title, rows, verdicts };
  } finally {
    for (const { contestant } of entrants) await contestant[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One process of it, which serves one connection at a time: so none is kept. */
async function php(folder: string): Promise<Entrant> {
  const [path, script] = [`${folder}/php`, `${folder}/hello.php`];
  writeFileSync(script, "<?php header('Content-Type: text/plain'); header('X-App: bench'); echo 'Hello, world!';");
  // By itself it ends after 500 requests.
  const shell = ['-c', `echo ${path}; PHP_FCGI_MAX_REQUESTS=1000000000 exec php-cgi -b ${path}`];
  const contestant = await Contestant.startProgram('php-cgi', 'sh', shell);
  return { contestant, upstream: { name: 'php-cgi', protocol: 'fastcgi', keeps: 0, path, script } };
}

/** Interleaved rounds, of which the first is for the compilers. */
async function race(entrants: readonly Entrant[], nginx: Nginx, { rounds, seconds }: Effort): Promise<Row[]> {
  const measured = new Map<string, Row[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const { upstream, contestant } of entrants) {
      const [own, total] = [contestant.cpuUs(), contestant.cpuUs() + nginx.cpuUs()];
      const requests = await runLoad(nginx.port, { connections: CONNECTIONS, seconds, path: `/${upstream.name}` });
      if (round === 0) continue;
      const row: Row = {
        name: upstream.name,
        cpuUsPerRequest: (contestant.cpuUs() - own) / requests,
        totalUsPerRequest: (contestant.cpuUs() + nginx.cpuUs() - total) / requests,
        requestsPerSecond: requests / seconds,
      };
      measured.set(upstream.name, [...(measured.get(upstream.name) ?? []), row]);
    }
  }
  return Array.from(measured, ([name, rows]) => ({
    name,
    cpuUsPerRequest: median(rows.map((row) => row.cpuUsPerRequest)),
    totalUsPerRequest: median(rows.map((row) => row.totalUsPerRequest)),
    requestsPerSecond: median(rows.map((row) => row.requestsPerSecond)),
  }));
}

/** Both by the same load, in turns. */
async function alone({ rounds, seconds }: Effort, print: Print): Promise<object> {
  const title = `hello without nginx, TCP, ${CONNECTIONS} connections, asked by one and the same program`;
  print(`\n${title}`);
  const measured: Record<Protocol, number[]> = { fastcgi: [], http: [] };
  await using fastcgiServer = await Contestant.start({ name: 'fastcgi', program: 'embedded', args: ['fastcgi', '127.0.0.1:0'] });
  await using httpServer = await Contestant.start({ name: 'http', program: 'embedded', args: ['http', '127.0.0.1:0'] });
  for (let round = 0; round <= rounds; round += 1) {
    for (const [protocol, contestant] of [
      ['fastcgi', fastcgiServer],
      ['http', httpServer],
    ] as const) {
      const before = contestant.cpuUs();
      const requests = await ask(protocol, contestant.port, seconds);
      if (round > 0) measured[protocol].push((contestant.cpuUs() - before) / requests);
    }
  }
  const costs = { fastcgi: median(measured.fastcgi), http: median(measured.http) };
  for (const [name, us] of Object.entries(costs)) print(`  ${name.padEnd(14)}${`${us.toFixed(2)} us`.padStart(14)}`);
  const verdict = judge('CPU time of the application with fastcgi', costs.fastcgi / costs.http);
  print(renderVerdict(verdict));
  return { title, costs, verdicts: [verdict] };
}

async function ask(protocol: Protocol, port: number, seconds: number): Promise<number> {
  const program = fileURLToPath(new URL('../load/hello.js', import.meta.url));
  const args = [program, protocol, ...[CONNECTIONS, seconds, port].map(String)];
  const requests = Number(await outputOf(spawnOn(LOAD_CORE, process.execPath, args)));
  if (!(requests > 0)) throw new Error(`${protocol} was not answered: nothing to compare`);
  return requests;
}

/** One connection, and a request in front that is not answered before all others are. */
async function heldUp(print: Print): Promise<object> {
  const title = `${HELD.toLocaleString('en')} requests at once on one connection, the first of them slow`;
  print(`\n${title}`);
  await using contestant = await Contestant.start({ name: 'fastcgi', program: 'embedded', args: ['fastcgi', '127.0.0.1:0'] });
  const { othersMs, answered } = await multiplexed(contestant.port, HELD);
  print(
    `  ${answered} others were answered before it, in ${othersMs.toFixed(0)} ms; the bar is ${HELD - 1}: ${answered === HELD - 1 ? 'met' : 'NOT MET'}`,
  );
  return { title, answered, othersMs };
}

interface Verdict {
  readonly of: string;
  readonly ratio: number;
  readonly atMost: number;
}

function judge(of: string, ratio: number): Verdict {
  return { of, ratio, atMost: RATIO_MAX };
}

function renderRow({ name, cpuUsPerRequest, totalUsPerRequest, requestsPerSecond }: Row): string {
  const costs = [cpuUsPerRequest, totalUsPerRequest].map((us) => `${us.toFixed(2)} us`.padStart(14));
  return `  ${name.padEnd(14)}${costs.join('')}${Math.round(requestsPerSecond).toLocaleString('en').padStart(12)} requests/s`;
}

function renderVerdict({ of, ratio, atMost }: Verdict): string {
  return `  ${of} is ${ratio.toFixed(3)}x that with http; the bar is ${atMost.toFixed(2)}x: ${ratio <= atMost ? 'met' : 'NOT MET'}`;
}
