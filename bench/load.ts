// load.ts: the client side of a measurement: wrk, or autocannon where wrk is absent.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isInstalled, LOAD_CORE, outputOf, spawnOn } from './pinned.ts';

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  readonly path?: string;
  /** What is sent; a plain GET when left out. */
  readonly kind?: 'browser' | 'pipeline' | 'post' | 'websocket';
  readonly isSecure?: boolean;
  /** A connection for each request. */
  readonly closes?: boolean;
}

/** What the load generators can do. */
type HttpLoad = Omit<Load, 'kind'> & { readonly kind?: Exclude<Load['kind'], 'websocket'> };

interface LoadResult {
  readonly requests: number;
  /** Answers other than 2xx, and broken connections. */
  readonly errors: number;
}

const isWrk = isInstalled('wrk');
export const LOAD_PROGRAM = isWrk ? 'wrk' : 'autocannon';

/** How many requests were answered. A measurement with an error is no measurement: it throws. */
export async function runLoad(port: number, load: Load): Promise<number> {
  const url = `http${load.isSecure === true ? 's' : ''}://127.0.0.1:${port}${load.path ?? '/'}`;
  const { requests, errors } = await run(port, url, load);
  if (errors > 0 || requests === 0) throw new Error(`${url}: ${requests} requests, ${errors} errors: nothing to compare`);
  return requests;
}

async function run(port: number, url: string, load: Load): Promise<LoadResult> {
  const { kind, ...others } = load;
  if (kind === 'websocket') return runWebSocket(port, load);
  const httpLoad: HttpLoad = kind === undefined ? others : { ...others, kind };
  return isWrk ? runWrk(url, httpLoad) : runAutocannon(url, httpLoad);
}

/** A request is a message of 100 bytes that has come back. */
async function runWebSocket(port: number, { connections, seconds }: Load): Promise<LoadResult> {
  const program = fileURLToPath(new URL('load/websocket.js', import.meta.url));
  const output = await outputOf(
    spawnOn(LOAD_CORE, process.execPath, [program, String(port), String(connections), String(seconds)]),
  );
  return { requests: Number(output), errors: 0 };
}

async function runWrk(url: string, { connections, seconds, kind, closes = false }: HttpLoad): Promise<LoadResult> {
  const script = kind === undefined ? [] : ['-s', inSources(`bench/load/${kind}.lua`)];
  const header = closes ? ['-H', 'Connection: close'] : [];
  const args = ['-t1', `-c${connections}`, `-d${seconds}`, '--timeout', '10', ...script, ...header, url];
  const output = await outputOf(spawnOn(LOAD_CORE, 'wrk', args));
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

const AUTOCANNON_KINDS = {
  browser: [
    '-H',
    'User-Agent=Mozilla/5.0',
    '-H',
    'Accept=text/html',
    '-H',
    'Accept-Language=en',
    '-H',
    'Cookie=session=0123456789',
  ],
  pipeline: ['-p', '16'],
  post: ['-m', 'POST', '-b', 'x'.repeat(1_024)],
} as const;

async function runAutocannon(url: string, { connections, seconds, kind, closes = false }: HttpLoad): Promise<LoadResult> {
  const program = createRequire(import.meta.url).resolve('autocannon');
  const how = [...(kind === undefined ? [] : AUTOCANNON_KINDS[kind]), ...(closes ? ['-H', 'Connection=close'] : [])];
  const args = [program, '--json', '--no-progress', '-c', String(connections), '-d', String(seconds), ...how, url];
  const result = JSON.parse(await outputOf(spawnOn(LOAD_CORE, process.execPath, args))) as AutocannonResult;
  return { requests: result['2xx'], errors: result.non2xx + result.errors };
}

/** The compiler copies no Lua: it is read from where it is written. */
function inSources(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
