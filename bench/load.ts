// load.ts: the client side of a measurement: wrk, or autocannon where wrk is absent.

import { createRequire } from 'node:module';
import { isInstalled, LOAD_CORE, outputOf, spawnOn } from './pinned.ts';

export interface Load {
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  /** Answers other than 2xx and broken connections: a measurement with any is no measurement. */
  readonly errors: number;
}

const isWrk = isInstalled('wrk');
export const LOAD_PROGRAM = isWrk ? 'wrk' : 'autocannon';

export async function runLoad(port: number, load: Load): Promise<LoadResult> {
  const url = `http://127.0.0.1:${port}/`;
  return isWrk ? runWrk(url, load) : runAutocannon(url, load);
}

async function runWrk(url: string, { connections, seconds }: Load): Promise<LoadResult> {
  const output = await outputOf(spawnOn(LOAD_CORE, 'wrk', ['-t1', `-c${connections}`, `-d${seconds}`, url]));
  const [, requests] = /([0-9]+) requests in/.exec(output) ?? [];
  if (requests === undefined) throw new Error(`wrk said what nobody understands:\n${output}`);
  const [, refused = '0'] = /Non-2xx or 3xx responses: ([0-9]+)/.exec(output) ?? [];
  const broken = /Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)/.exec(output)?.slice(1) ?? [];
  return { requests: Number(requests), errors: [refused, ...broken].reduce((sum, count) => sum + Number(count), 0) };
}

interface AutocannonResult {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
}

async function runAutocannon(url: string, { connections, seconds }: Load): Promise<LoadResult> {
  const program = createRequire(import.meta.url).resolve('autocannon');
  const args = [program, '--json', '--no-progress', '-c', String(connections), '-d', String(seconds), url];
  const result = JSON.parse(await outputOf(spawnOn(LOAD_CORE, process.execPath, args))) as AutocannonResult;
  return { requests: result['2xx'], errors: result.non2xx + result.errors };
}
