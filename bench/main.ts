// main.ts: `npm run bench [-- SUITE ...] [--rounds N] [--seconds S] [--json FILE]`: what a request costs here and elsewhere.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { LOAD_PROGRAM } from './load.ts';
import type { Effort } from './measure.ts';
import { build } from './suites/build.ts';
import { cli } from './suites/cli.ts';
import { contracts } from './suites/contracts.ts';
import { fastcgi } from './suites/fastcgi.ts';
import { fetchApps } from './suites/fetch.ts';
import { hello } from './suites/hello.ts';
import { http } from './suites/http.ts';
import { http2 } from './suites/http2.ts';
import { loader } from './suites/loader.ts';
import { logging } from './suites/logging.ts';
import { metrics } from './suites/metrics.ts';
import { parts } from './suites/parts.ts';
import { peers } from './suites/peers.ts';
import { scaling } from './suites/scaling.ts';
import { tls } from './suites/tls.ts';
import { threads } from './suites/threads.ts';
import { typescript } from './suites/typescript.ts';
import { websocket } from './suites/websocket.ts';

/** Runs, prints as it goes, and gives what it found as data. */
type Suite = (effort: Effort, print: (text: string) => void) => Promise<readonly object[]> | readonly object[];

const SUITES: Readonly<Record<string, Suite>> = {
  build,
  cli,
  contracts,
  fastcgi,
  fetch: fetchApps,
  hello,
  http,
  http2,
  loader,
  logging,
  metrics,
  parts,
  peers,
  scaling,
  threads,
  tls,
  typescript,
  websocket,
};

const { values, positionals } = said();

function said() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '2' },
        json: { type: 'string' },
      },
    });
  } catch (error) {
    console.error(
      `${(error as Error).message}\nnpm run bench -- [${Object.keys(SUITES).join('|')}] ... [--rounds N] [--seconds N] [--json FILE]`,
    );
    process.exit(2);
  }
}

const wanted = positionals.length > 0 ? positionals : ['hello'];
const unknown = wanted.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  console.error(`there is no suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}

/** Load generators count in whole seconds. */
function atLeastOne(name: 'rounds' | 'seconds'): number {
  const text = values[name];
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  console.error(`--${name} ${text}: must be a whole number >= 1`);
  process.exit(2);
}

const effort: Effort = { rounds: atLeastOne('rounds'), seconds: atLeastOne('seconds') };
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: LOAD_PROGRAM };
console.log('CPU time of the server per request, on one core; the load on another');
console.log(
  `Node ${machine.node}, ${machine.cores} x ${machine.cpu}, ${machine.load}; medians of ${effort.rounds} rounds of ${effort.seconds} s`,
);

const results: Record<string, readonly object[]> = {};
for (const name of wanted) results[name] = await SUITES[name]!(effort, (text) => console.log(text));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, effort, results }, undefined, 2)}\n`);
