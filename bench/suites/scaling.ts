// scaling.ts: one and two instances of a site behind HAProxy: what the second one brings, and what clients feel of a rolling restart.
//
// The pages cost some milliseconds of computing, as pages do. Instances, HAProxy and load share the cores of one machine: so what the second
// instance brings is bounded by what HAProxy and the load leave of them, and CPU time per request says what remains the same.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuUsOfAll } from '../accounts.ts';
import { freePort } from '../free-port.ts';
import { Haproxy, type Backend } from '../haproxy.ts';
import { runLoad } from '../load.ts';
import { median, type Effort } from '../measure.ts';
import { isInstalled } from '../pinned.ts';
import { Site } from '../site.ts';
import type { Asked } from './reload.ts';

const WORK = '/work';
const CONNECTIONS = 16;
const PER_SECOND = 200;
/** Before the first instance stops, and after the last one is back. */
const QUIET_MS = 1_000;
/** What a restart of two instances takes at most, on a machine that is busy with others. */
const RESTART_S = 60;
/** HAProxy asks each 200 ms. */
const STOP_DELAY_S = 1;
const CLIENT = fileURLToPath(new URL('../load/steady.js', import.meta.url));

/** One that can be started again where it was. */
class Instance implements AsyncDisposable {
  readonly backend: Backend;
  readonly #stopDelayS: number;
  #site: Site | undefined;

  private constructor(backend: Backend, stopDelayS: number) {
    this.backend = backend;
    this.#stopDelayS = stopDelayS;
  }

  static async start(stopDelayS: number): Promise<Instance> {
    const instance = new Instance({ port: await freePort(), metricsPort: await freePort() }, stopDelayS);
    await instance.#start();
    return instance;
  }

  async #start(): Promise<void> {
    const { port, metricsPort } = this.backend;
    const addresses = { socket: `127.0.0.1:${port}`, metrics: `127.0.0.1:${metricsPort}` };
    const lines = { workers: 1, max_reuse_count: 'unlimited', keepalive_timeout: 75, stop_delay: this.#stopDelayS };
    this.#site = await Site.start({ ...addresses, ...lines });
  }

  /** As an operator does it: SIGTERM, and the same command once more when it has ended. */
  async restart(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#start();
  }

  cpuUs(): number {
    return this.#site === undefined ? 0 : cpuUsOfAll(this.#site.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site?.[Symbol.asyncDispose]();
    this.#site = undefined;
  }
}

interface Setting {
  readonly title: string;
  readonly instances: readonly Instance[];
  /** Nothing where the load goes to the one instance itself. */
  readonly front: Haproxy | undefined;
}

export interface Scaled {
  readonly title: string;
  readonly requestsPerSecond: number;
  /** Of the instances, and of HAProxy. */
  readonly cpuUsPerRequest: number;
  readonly frontUsPerRequest: number;
}

export interface Restarted {
  readonly title: string;
  readonly requests: number;
  readonly failed: number;
  readonly tookMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export async function scaling(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  if (!isInstalled('haproxy')) {
    print('  not measured: haproxy is not installed: apt-get install haproxy');
    return [];
  }
  return [...(await throughput(effort, print)), ...(await restarts(print))];
}

async function throughput(effort: Effort, print: (text: string) => void): Promise<readonly Scaled[]> {
  print('\npages of some ms of computing, an instance with one worker each, 16 connections');
  await using first = await Instance.start(0);
  await using second = await Instance.start(0);
  await using one = await Haproxy.start([first.backend]);
  await using two = await Haproxy.start([first.backend, second.backend]);
  const settings: readonly Setting[] = [
    { title: 'one instance, alone', instances: [first], front: undefined },
    { title: 'one behind HAProxy', instances: [first], front: one },
    { title: 'two behind HAProxy', instances: [first, second], front: two },
  ];
  const rounds = settings.map((): Round[] => []);
  // The first round is for the compilers.
  for (let round = 0; round <= effort.rounds; round += 1) {
    for (const [nth, setting] of settings.entries()) {
      const found = await measured(setting, effort.seconds);
      if (round > 0) rounds[nth]!.push(found);
    }
  }
  const rows = settings.map(({ title }, nth) => ({ title, ...middle(rounds[nth]!) }));
  for (const row of rows) print(rowText(row));
  const [, alone, both] = rows;
  print(`  two instances answer ${(both!.requestsPerSecond / alone!.requestsPerSecond).toFixed(2)}x what one does`);
  return rows;
}

type Round = Omit<Scaled, 'title'>;

async function measured({ instances, front }: Setting, seconds: number): Promise<Round> {
  const used = (): number => instances.reduce((sum, instance) => sum + instance.cpuUs(), 0);
  const before = [used(), front?.cpuUs() ?? 0] as const;
  const port = front?.port ?? instances[0]!.backend.port;
  const requests = await runLoad(port, { connections: CONNECTIONS, seconds, path: WORK });
  return {
    requestsPerSecond: requests / seconds,
    cpuUsPerRequest: (used() - before[0]) / requests,
    frontUsPerRequest: ((front?.cpuUs() ?? 0) - before[1]) / requests,
  };
}

function middle(rounds: readonly Round[]): Round {
  const of = (key: keyof Round): number => median(rounds.map((round) => round[key]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    cpuUsPerRequest: of('cpuUsPerRequest'),
    frontUsPerRequest: of('frontUsPerRequest'),
  };
}

function rowText({ title, requestsPerSecond, cpuUsPerRequest, frontUsPerRequest }: Scaled): string {
  const rate = Math.round(requestsPerSecond).toLocaleString('en').padStart(8);
  const cost = `${Math.round(cpuUsPerRequest).toLocaleString('en')} us`.padStart(10);
  const front = frontUsPerRequest === 0 ? '' : `, and ${Math.round(frontUsPerRequest)} us in HAProxy`;
  return `  ${title.padEnd(20)}${rate} requests/s${cost} of CPU each${front}`;
}

async function restarts(print: (text: string) => void): Promise<readonly Restarted[]> {
  print(`\na rolling restart of two instances, ${PER_SECOND} requests/s on ${CONNECTIONS} connections`);
  const results: Restarted[] = [];
  for (const stopDelayS of [0, STOP_DELAY_S]) {
    const result = await restarted(stopDelayS);
    results.push(result);
    const verdict = `the bar is 0: ${result.failed === 0 ? 'met' : 'NOT MET'}`;
    print(` ${result.title}: ${(result.tookMs / 1_000).toFixed(1)} s`);
    print(`  ${result.failed} failed among ${result.requests.toLocaleString('en')} requests; ${verdict}`);
    print(`  p99 ${result.p99Ms.toFixed(1)} ms, the slowest one ${result.worstMs.toFixed(1)} ms`);
  }
  return results;
}

/** The next one stops when HAProxy has the first one back. */
async function restarted(stopDelayS: number): Promise<Restarted> {
  await using first = await Instance.start(stopDelayS);
  await using second = await Instance.start(stopDelayS);
  await using front = await Haproxy.start([first.backend, second.backend]);
  const numbers = [front.port, CONNECTIONS, PER_SECOND, RESTART_S].map(String);
  const client = spawn(process.execPath, [CLIENT, ...numbers, 'keeps'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(client.stdout)[Symbol.asyncIterator]();
    await lines.next();
    await later(QUIET_MS);
    const sinceMs = performance.now();
    for (const instance of [first, second]) {
      await instance.restart();
      await front.whole();
    }
    const tookMs = performance.now() - sinceMs;
    if (tookMs > RESTART_S * 1_000 - 2 * QUIET_MS)
      throw new Error(`the restarts took ${Math.round(tookMs)} ms: the load ended before them`);
    await later(QUIET_MS);
    client.kill('SIGTERM');
    const { value } = (await lines.next()) as { readonly value: string };
    const title = stopDelayS === 0 ? 'stops at once' : `stop_delay = ${stopDelayS}s`;
    return { title, ...feltOf(JSON.parse(value) as Asked[]), tookMs };
  } finally {
    if (client.exitCode === null) {
      client.kill('SIGKILL');
      await once(client, 'exit');
    }
  }
}

function feltOf(asked: readonly Asked[]): Pick<Restarted, 'requests' | 'failed' | 'p99Ms' | 'worstMs'> {
  const times = asked.map(([, tookMs]) => tookMs).toSorted((one, other) => one - other);
  return {
    requests: asked.length,
    failed: asked.filter(([, , isAnswered]) => !isAnswered).length,
    p99Ms: times[Math.floor(times.length * 0.99)]!,
    worstMs: times.at(-1)!,
  };
}
