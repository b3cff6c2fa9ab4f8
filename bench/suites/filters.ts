// filters.ts: what a filter adds to a request: gzip against zlib alone, the others by themselves. In this process: the least of what a
// request costs elsewhere would hide most of them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Environ, GatewayApp, StartResponse } from '@appserve/core/app';
import { loadFilter } from '@appserve/loader';
import { median } from '../measure.ts';
import { renderVerdict } from '../table.ts';

const BODY_BYTES = 10 * 1_024;
const LEVEL = 6;
const ROUNDS = 7;
const MOST_OVER_ZLIB = 1.05;

/** What each has to do for an ordinary request that it lets through. */
const FILTERS: Readonly<
  Record<string, { readonly lines?: readonly string[]; readonly asks?: Readonly<Record<string, string>> }>
> = {
  config: {},
  cors: { lines: ['origins = https://www.example.com'], asks: { HTTP_ORIGIN: 'https://www.example.com' } },
  csp: { lines: ["policy = script-src 'self' {nonce}"] },
  error_catcher: {},
  ip_allow: { lines: ['allow = 192.0.2.0/24'] },
  prefix: { lines: ['prefix = /shop'] },
  proxy_headers: {
    lines: ['trusted = 192.0.2.0/24'],
    asks: { HTTP_X_FORWARDED_FOR: '198.51.100.7', HTTP_X_FORWARDED_PROTO: 'https' },
  },
  rate_limit: { lines: ['requests = 1000000000'] },
  request_id: {},
  security_headers: {},
  session_cookie: { lines: ['secrets = an-example-of-a-secret-that-is-no-secret'] },
  timeout: {},
};

export interface Cost {
  readonly title: string;
  readonly bareUs: number;
  readonly filteredUs: number;
}

const BODY = Buffer.from('hello');

const hello: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [BODY];
};

/** No bars: so that one that has become dear is seen. */
export async function filters(print: (text: string) => void, { rounds = ROUNDS, calls = 20_000 } = {}): Promise<readonly Cost[]> {
  print('\nfilters around an app, in this process: what each adds to a request');
  const costs: Cost[] = [];
  for (const [name, { lines = [], asks = {} }] of Object.entries(FILTERS)) {
    const around = await behind(hello, name, lines);
    const [bareUs, filteredUs] = await compared(rounds, [() => callsUs(hello, asks, calls), () => callsUs(around, asks, calls)]);
    print(`  ${name.padEnd(18)}${(filteredUs - bareUs).toFixed(2).padStart(8)} us`);
    costs.push({ title: name, bareUs, filteredUs });
  }
  return costs;
}

/** A page of 10 KiB behind the filter, and the same bytes given to zlib. */
export async function compression(print: (text: string) => void, { rounds = ROUNDS, calls = 4_000 } = {}): Promise<Cost> {
  const body = pageOf(BODY_BYTES);
  const page: GatewayApp = (_environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/html']]);
    return [body];
  };
  const alone: GatewayApp = () => [gzipSync(body, { level: LEVEL })];
  const around = await behind(page, 'gzip', [`compress_level = ${LEVEL}`]);
  const asks = { HTTP_ACCEPT_ENCODING: 'gzip, deflate' };
  const [bareUs, filteredUs] = await compared(rounds, [() => callsUs(alone, asks, calls), () => callsUs(around, asks, calls)]);
  const ratio = filteredUs / bareUs;
  print(`\na page of ${BODY_BYTES / 1_024} KiB through gzip, in this process`);
  print(`  zlib alone ${bareUs.toFixed(1)} us, the app behind the filter ${filteredUs.toFixed(1)} us`);
  print(renderVerdict({ of: 'the filter', over: 'zlib alone', ratio, atMost: MOST_OVER_ZLIB, isMet: ratio <= MOST_OVER_ZLIB }));
  return { title: 'gzip', bareUs, filteredUs };
}

/** As an ini has it. */
async function behind(app: GatewayApp, name: string, lines: readonly string[]): Promise<GatewayApp> {
  const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
  try {
    writeFileSync(`${folder}/site.ini`, ['[filter:main]', `use = @appserve/parts#${name}`, ...lines].join('\n'));
    const filter = await loadFilter(`${folder}/site.ini`);
    return filter(app) as GatewayApp;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Text that shrinks as pages do: few words, in no order. */
function pageOf(bytes: number): Buffer {
  const words = '<p> </p> <a_href="/articles/ the server answers a request with its length and closes'.split(' ');
  let text = '<!doctype html>';
  for (let at = 1; text.length < bytes; at = (at * 48_271) % 2_147_483_647) text += ` ${words[at % words.length]!}${at % 97}`;
  return Buffer.from(text.slice(0, bytes));
}

/** In turns, so that a slow minute hits both; the first turn is for the compilers. Medians. */
async function compared(
  rounds: number,
  [one, other]: readonly [() => Promise<number>, () => Promise<number>],
): Promise<readonly [number, number]> {
  const costs: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = [await one(), await other()] as const;
    if (round === 0) continue;
    costs[0].push(figures[0]);
    costs[1].push(figures[1]);
  }
  return [median(costs[0]), median(costs[1])];
}

async function write(): Promise<void> {
  // Nothing is written.
}

const startResponse: StartResponse = () => write;
const signal = new AbortController().signal;

async function callsUs(app: GatewayApp, asks: Readonly<Record<string, string>>, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    const result = app(environOf(asks, call), startResponse);
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** As a server makes one, as far as filters look at it. */
function environOf(asks: Readonly<Record<string, string>>, call: number): Environ {
  return {
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: `/articles/${call}`,
    QUERY_STRING: 'page=2',
    RAW_URI: `/articles/${call}?page=2`,
    SERVER_NAME: '127.0.0.1',
    SERVER_PORT: '8080',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_ADDR: '192.0.2.7',
    REMOTE_PORT: '50000',
    HTTP_HOST: 'www.example.com',
    HTTP_USER_AGENT: 'curl/7.88.1',
    HTTP_ACCEPT: '*/*',
    'wsgi.url_scheme': 'http',
    'wsgi.errors': process.stderr,
    'wsgi.signal': () => signal,
    ...asks,
  } as unknown as Environ;
}
