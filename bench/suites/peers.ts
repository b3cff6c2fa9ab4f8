// peers.ts: appserve beside what people run today, as each is started by its own command, in one run.
//
// Who has one worker has one core, and the load another; who has two shares both cores with the load. CPU time per request is what to
// compare: it is the same on a busy machine. Requests per second are those of a client that is never idle.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runLoad, type Load } from '../load.ts';
import { median, type Effort } from '../measure.ts';
import { RunningPeer, type Peer } from '../peer.ts';
import { SERVERS } from '../installed-peers.ts';
import { allPeers } from '../peers.ts';
import { isInstalled } from '../pinned.ts';
import { waits } from './latency.ts';

const RESULTS = fileURLToPath(new URL('../../../bench/results', import.meta.url));
const CONNECTIONS = 64;
const SHARE = 0.8;
const STARTS = 2;

const LOADS: Readonly<Record<'kib' | 'hundredKib' | 'closing', Omit<Load, 'seconds'>>> = {
  kib: { connections: CONNECTIONS, path: '/kib' },
  hundredKib: { connections: CONNECTIONS, path: '/100kib' },
  closing: { connections: CONNECTIONS, path: '/kib', closes: true },
};
type LoadName = keyof typeof LOADS;

interface Cost {
  readonly cpuUs: number;
  readonly perSecond: number;
}

export interface PeerResult {
  readonly name: string;
  readonly on: string;
  readonly version: string;
  readonly workers: number;
  readonly startMs: number;
  readonly memoryMib: number;
  /** What could not be measured is not there; `failures` says why. */
  readonly kib?: Cost;
  readonly hundredKib?: Cost;
  readonly closing?: Cost;
  /** At 80 % of its own highest load. */
  readonly p50Us?: number;
  readonly p99Us?: number;
  readonly failures: readonly string[];
}

export async function peers(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  await using entrants = new Entrants();
  for (const peer of allPeers()) {
    const failure = await entrants.enter(peer);
    if (failure !== undefined) print(`${peer.name} is not measured: ${failure}`);
  }
  for (const load of Object.keys(LOADS) as LoadName[]) await entrants.measure(load, effort);
  const results: PeerResult[] = [];
  print(`\n${HEAD}`);
  for (const entrant of entrants.all) {
    const result = await resultOf(entrant, effort);
    print(lineOf(result));
    for (const failure of result.failures) print(`    ${failure}`);
    results.push(result);
  }
  keep(results, effort);
  return results;
}

interface Entrant {
  readonly peer: Peer;
  readonly running: RunningPeer;
  readonly startMs: number;
  readonly failures: string[];
  readonly costs: Partial<Record<LoadName, Cost>>;
}

/** All of them run at the same time; one at a time has something to do. */
class Entrants implements AsyncDisposable {
  readonly all: Entrant[] = [];

  /** Why it cannot take part, where it cannot. */
  async enter(peer: Peer): Promise<string | undefined> {
    const starts: number[] = [];
    try {
      // The first start is for the page cache.
      for (let time = 0; time <= STARTS; time += 1) {
        await using started = await RunningPeer.start(peer, SERVERS);
        if (time > 0) starts.push(started.startMs);
      }
      const running = await RunningPeer.start(peer, SERVERS);
      this.all.push({ peer, running, startMs: median(starts), failures: [], costs: {} });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** In interleaved rounds, so that a slow minute hits all alike. The first one is for the compilers. */
  async measure(name: LoadName, { rounds, seconds }: Effort): Promise<void> {
    const found = new Map<Entrant, Cost[]>(this.all.map((entrant) => [entrant, []]));
    for (let round = 0; round <= rounds; round += 1) {
      for (const [entrant, costs] of found) {
        try {
          const cost = await costOf(entrant.running, { ...LOADS[name], seconds });
          if (round > 0) costs.push(cost);
        } catch (error) {
          entrant.failures.push(`${name}: ${(error as Error).message}`);
          found.delete(entrant);
        }
      }
    }
    for (const [entrant, costs] of found)
      entrant.costs[name] = {
        cpuUs: median(costs.map(({ cpuUs }) => cpuUs)),
        perSecond: median(costs.map(({ perSecond }) => perSecond)),
      };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { running } of this.all) await running[Symbol.asyncDispose]();
  }
}

async function resultOf({ peer, running, startMs, failures, costs }: Entrant, effort: Effort): Promise<PeerResult> {
  const waited = costs.kib && isInstalled('h2load') ? await waitsOf(running, costs.kib, effort, failures) : {};
  const { name, on, workers } = peer;
  const memoryMib = running.memoryBytes() / 1_024 ** 2;
  return { name, on, version: peer.version(), workers, startMs, memoryMib, ...costs, ...waited, failures };
}

async function costOf(peer: RunningPeer, load: Load): Promise<Cost> {
  const before = peer.cpuUs();
  const requests = await runLoad(peer.port, load);
  return { cpuUs: (peer.cpuUs() - before) / requests, perSecond: requests / load.seconds };
}

async function waitsOf(
  { port }: RunningPeer,
  { perSecond }: Cost,
  { seconds }: Effort,
  failures: string[],
): Promise<{ p50Us?: number; p99Us?: number }> {
  try {
    const [p50Us, p99Us] = await waits(port, perSecond * SHARE, seconds, [0.5, 0.99], '/kib');
    return { p50Us: p50Us!, p99Us: p99Us! };
  } catch (error) {
    failures.push(`waits: ${(error as Error).message}`);
    return {};
  }
}

const HEAD = [
  'server'.padEnd(24),
  'workers'.padStart(7),
  '1 KiB/s'.padStart(9),
  'CPU us'.padStart(8),
  '100 KiB'.padStart(8),
  'closing'.padStart(8),
  'p50 ms'.padStart(8),
  'p99 ms'.padStart(8),
  'MiB'.padStart(7),
  'start ms'.padStart(9),
].join('');

function number(value: number | undefined, width: number, digits: number): string {
  return (value === undefined ? '-' : value.toFixed(digits)).padStart(width);
}

function lineOf(result: PeerResult): string {
  return [
    `${result.name} ${result.version}`.slice(0, 23).padEnd(24),
    number(result.workers, 7, 0),
    number(result.kib?.perSecond, 9, 0),
    number(result.kib?.cpuUs, 8, 1),
    number(result.hundredKib?.cpuUs, 8, 1),
    number(result.closing?.cpuUs, 8, 1),
    number(result.p50Us && result.p50Us / 1_000, 8, 2),
    number(result.p99Us && result.p99Us / 1_000, 8, 2),
    number(result.memoryMib, 7, 0),
    number(result.startMs, 9, 0),
  ].join('');
}

/** The README's table is printed from it. */
function keep(results: readonly PeerResult[], effort: Effort): void {
  mkdirSync(RESULTS, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, kernel: process.platform };
  const text = JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, effort, results }, undefined, 2);
  writeFileSync(`${RESULTS}/peers.json`, `${text}\n`);
}
