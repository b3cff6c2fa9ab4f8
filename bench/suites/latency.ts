// latency.ts: how long the slowest requests wait while a server is busy, but not overrun: 80 % of what it can do.
//
// Of what each can do by itself: the faster server is asked more often, so a time that is as long is the better one. At equal
// rates the slower one would be near its limit, and its queue would be compared with an idle server.

import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GATEWAY, NODE_HTTP } from '../contenders.ts';
import { Contestant } from '../contestant.ts';
import { runLoad } from '../load.ts';
import { median, type Effort } from '../measure.ts';
import { isInstalled, LOAD_CORE, outputOf, spawnOn } from '../pinned.ts';

const CONNECTIONS = 64;
const OVERDUE_MS = 20_000;
const SHARE = 0.8;
const PERCENTILE = 0.99;

export async function latency({ rounds, seconds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const title = `slowest hundredth (p99) at ${SHARE * 100} % of its own highest load, ${CONNECTIONS} connections`;
  print(`\n${title}`);
  if (!isInstalled('h2load')) {
    print('  not measured: h2load is not installed: apt-get install nghttp2-client');
    return [];
  }
  const ours = await p99(GATEWAY.name, await Contestant.start(GATEWAY), rounds, seconds, print);
  const theirs = await p99(NODE_HTTP.name, await Contestant.start(NODE_HTTP), rounds, seconds, print);
  print(
    `  gateway waits ${(ours / theirs).toFixed(2)}x as long as node:http; the bar is 1.00x: ${ours <= theirs ? 'met' : 'NOT MET'}`,
  );
  return [{ title, oursUs: ours, theirsUs: theirs }];
}

async function p99(
  name: string,
  contestant: Contestant,
  rounds: number,
  seconds: number,
  print: (text: string) => void,
): Promise<number> {
  await using server = contestant;
  const loads: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const requests = await runLoad(server.port, { connections: CONNECTIONS, seconds });
    if (round > 0) loads.push(requests / seconds);
  }
  const perSecond = median(loads) * SHARE;
  const waited: number[] = [];
  for (let round = 0; round < rounds; round += 1) waited.push(await slowest(server.port, perSecond, seconds));
  const us = median(waited);
  print(`  ${name.padEnd(14)}${`${Math.round(us)} us`.padStart(12)} at ${Math.round(perSecond).toLocaleString('en')} requests/s`);
  return us;
}

export async function slowest(port: number, perSecond: number, seconds: number): Promise<number> {
  const [us] = await waits(port, perSecond, seconds, [PERCENTILE]);
  return us!;
}

/**
 * How long the given parts of the requests wait at most, in microseconds. h2load writes a line for each request: when it began, its status (-1: none came; 0: without a reason phrase, which it does not read), and how many microseconds it took. Throws when one
 * was not answered with 2xx: errors are quick.
 */
export async function waits(
  port: number,
  perSecond: number,
  seconds: number,
  parts: readonly number[],
  path = '/',
): Promise<readonly number[]> {
  const log = join(tmpdir(), `appserve-bench-${process.pid}.log`);
  const rate = String(Math.max(1, Math.round(perSecond / CONNECTIONS)));
  const args = [
    '--h1',
    '-t1',
    `-c${CONNECTIONS}`,
    `-D${seconds}`,
    `--rps=${rate}`,
    `--log-file=${log}`,
    `http://127.0.0.1:${port}${path}`,
  ];
  try {
    // It never ends where a server closes each connection and leaves the next one waiting.
    await outputOf(spawnOn(LOAD_CORE, 'h2load', args), seconds * 1_000 + OVERDUE_MS);
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    const answers = lines.map((line) => line.split('\t').map(Number) as [beganUs: number, status: number, us: number]);
    const others = answers.filter(([, status]) => !(status === 0 || (status >= 200 && status <= 299))).length;
    if (others > 0) throw new Error(`${others} of ${answers.length} requests were not answered with 2xx: nothing to compare`);
    const times = answers.map(([, , us]) => us).toSorted((one, other) => one - other);
    return parts.map((part) => times[Math.floor(times.length * part)]!);
  } finally {
    rmSync(log, { force: true });
  }
}
