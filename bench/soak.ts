// soak.ts: `npm run soak [-- --minutes 10] [--reload-every 20]`: a server under mixed load that is reloaded again and again.
//
// Nothing may fail but what the clients break off themselves; memory and descriptors must be flat. Both are sampled before each
// reload, when the workers of the last one are alone and have been at work for as long as they ever are.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { APPSERVE } from './site.ts';
import { CLIENTS } from './soak/clients.ts';
import { slopePerSecond, Tally, type Sample } from './soak/tally.ts';

/** The compiler copies no ini: it is read from where it is written. */
const INI = fileURLToPath(new URL('../../bench/soak/site.ini', import.meta.url));
/** V8's heaps and the allocator come to rest meanwhile. */
const WARM_PART = 0.25;
/** More than that over the whole run is no noise. */
const GROWTH_PART_MAX = 0.1;
const DESCRIPTORS_MAX = 10;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, 'reload-every': { type: 'string', default: '20' } },
});

function positive(name: 'minutes' | 'reload-every'): number {
  const text = values[name];
  if (/^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) && Number(text) > 0) return Number(text);
  console.error(`--${name} ${text}: must be a number above 0`);
  process.exit(2);
}

const durationMs = positive('minutes') * 60_000;
const reloadEveryMs = positive('reload-every') * 1_000;

class Server {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #said = '';

  constructor() {
    this.#child = spawn(process.execPath, [APPSERVE, INI], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    this.#closed = once(this.#child, 'close');
  }

  async says(what: RegExp, times = 1): Promise<string> {
    for (;;) {
      const found = [...this.#said.matchAll(what)];
      if (found.length >= times) return found[times - 1]![1] ?? '';
      if (this.#child.exitCode !== null) throw new Error(`the server has ended:\n${this.#said}`);
      await Promise.race([once(this.#child.stderr!, 'data'), this.#closed]);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  sample(sinceMs: number): Sample {
    const { pid } = this.#child;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      atMs: performance.now() - sinceMs,
      rssBytes: Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)![1]) * 1_024,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
    };
  }

  /** Its exit code, and what it has said of errors. */
  async stop(): Promise<{ readonly code: number | null; readonly errors: readonly string[] }> {
    this.signal('SIGTERM');
    await this.#closed;
    return { code: this.#child.exitCode, errors: this.#said.split('\n').filter((line) => / ERROR /.test(line)) };
  }
}

const tally = new Tally();
const server = new Server();
const port = Number(await server.says(/^ {2}http:\/\/127\.0\.0\.1:([0-9]+)/gm));
await server.says(/ready in/g);
console.log(`${values.minutes} minutes, ${CLIENTS.length} clients, a reload every ${values['reload-every']} s`);
const ending = new AbortController();
const sinceMs = performance.now();
const running = CLIENTS.map((client) => client({ port, tally, ended: ending.signal }));
const samples: Sample[] = [];
for (let reloads = 1; performance.now() - sinceMs + reloadEveryMs <= durationMs; reloads += 1) {
  await later(sinceMs + reloads * reloadEveryMs - performance.now());
  const sample = server.sample(sinceMs);
  samples.push(sample);
  server.signal('SIGHUP');
  await server.says(/ reloaded: /g, reloads);
  const requests = [...tally.done.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${(sample.atMs / 1_000).toFixed(0).padStart(5)} s  ${(sample.rssBytes / 1_024 ** 2).toFixed(1).padStart(7)} MiB  ${String(sample.descriptors).padStart(4)} descriptors  ${String(requests).padStart(9)} done  ${tally.failures.length} failed`,
  );
}
await later(Math.max(0, sinceMs + durationMs - performance.now()));
ending.abort();
await Promise.all(running);
const { code, errors } = await server.stop();

console.log('');
for (const [kind, count] of tally.done) console.log(`${kind.padEnd(24)}${String(count).padStart(10)}`);
const faults: string[] = [...tally.failures, ...errors.map((line) => `the server said: ${line}`)];
if (code !== 0) faults.push(`the server ended with ${code}`);

const late = samples.slice(Math.floor(samples.length * WARM_PART));
const rssSlope = slopePerSecond(late.map(({ atMs, rssBytes }) => [atMs, rssBytes]));
const descriptorSlope = slopePerSecond(late.map(({ atMs, descriptors }) => [atMs, descriptors]));
const [first] = late;
if (first !== undefined && late.length > 1) {
  const spanS = (late.at(-1)!.atMs - first.atMs) / 1_000;
  const grownPart = (rssSlope * spanS) / first.rssBytes;
  console.log(`memory: ${(rssSlope / 1_024).toFixed(1)} KiB/s, ${(grownPart * 100).toFixed(1)} % over ${spanS.toFixed(0)} s`);
  console.log(`descriptors: ${descriptorSlope.toFixed(3)} a second`);
  if (grownPart > GROWTH_PART_MAX) faults.push(`memory grows: the bar is ${GROWTH_PART_MAX * 100} %`);
  if (descriptorSlope * spanS > DESCRIPTORS_MAX) faults.push(`descriptors grow: the bar is ${DESCRIPTORS_MAX} over the run`);
}
console.log(`${samples.length} reloads, ${tally.failures.length} failed requests`);
for (const fault of faults.slice(0, 50)) console.log(`  ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
