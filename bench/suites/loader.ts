// loader.ts: what it costs to get from an ini file to a plan: the import, a typical file, and files that grow.
//
// Times are CPU time of a fresh process each, as an operator meets them: nothing is warm when a server starts.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Effort } from '../measure.ts';

const IMPORT_BAR_MS = 60;
const PLAN_BAR_MS = 5;
/** Twice the size may cost a little more than twice the time: caches end somewhere. */
const GROWTH_BAR = 2.6;

/** Sixty lines with what such files have: settings, a pipeline, a composite, a filter around an app, logging. */
const TYPICAL = `[DEFAULT]
home = %(here)s/var
log_level = INFO

[composite:main]
use = ./app.mjs#urls
/ = site
/admin = admin
/api = piped

[app:site]
use = ./app.mjs#app
filter-with = gzip
title = A site
pyramid.includes =
    pyramid_tm
    pyramid_debugtoolbar
    # not yet
    # pyramid_mailer
sqlalchemy.url = sqlite:///%(home)s/site.sqlite
cache.lifetime = 3600

[app:admin]
use = site
title = The admin's site
set debug = true

[app:api]
use = ./app.mjs#app
limit = 100

[pipeline:piped]
pipeline =
    gzip
    auth
    api

[filter:gzip]
use = ./app.mjs#filter
level = 6

[filter:auth]
use = ./app.mjs#filter
realm = %(home)s

[server:main]
use = ./app.mjs#server
socket = 127.0.0.1:8080
workers = 2

[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = %(log_level)s
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)-5.5s [%(name)s] %(message)s
`;

/** Prints the CPU time of the import and of what follows it, in microseconds. */
const CHILD = `
const spent = (since) => { const { user, system } = process.cpuUsage(since); return user + system; };
const [file, name] = process.argv.slice(1);
const before = process.cpuUsage();
const { loadPlan } = await import('@appserve/loader');
const imported = spent(before);
const planned = process.cpuUsage();
await loadPlan(file, { name });
console.log(JSON.stringify({ imported, planned: spent(planned) }));
`;

interface Cost {
  readonly importMs: number;
  readonly planMs: number;
}

function measured(file: string, name: string): Cost {
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', CHILD, file, name], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const { imported, planned } = JSON.parse(run.stdout) as { imported: number; planned: number };
  return { importMs: imported / 1_000, planMs: planned / 1_000 };
}

function medians(file: string, name: string, rounds: number): Cost {
  const costs = Array.from({ length: rounds }, () => measured(file, name));
  return { importMs: median(costs.map((cost) => cost.importMs)), planMs: median(costs.map((cost) => cost.planMs)) };
}

export function loader({ rounds }: Effort, print: (text: string) => void): readonly object[] {
  const folder = mkdtempSync(join(tmpdir(), 'appserve-bench-'));
  try {
    return [typical(folder, rounds, print), ...growing(folder, rounds, print)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function typical(folder: string, rounds: number, print: (text: string) => void): object {
  const file = join(folder, 'typical.ini');
  writeFileSync(file, TYPICAL);
  const { importMs, planMs } = medians(file, 'piped', rounds);
  print(`\na typical ini (${TYPICAL.split('\n').length - 1} lines), CPU time of a fresh process`);
  print(`  import('@appserve/loader')${verdict(importMs, IMPORT_BAR_MS)}`);
  print(`  the plan of an app        ${verdict(planMs, PLAN_BAR_MS)}`);
  return { title: 'a typical ini', importMs, planMs };
}

function verdict(ms: number, barMs: number): string {
  return `${`${ms.toFixed(1)} ms`.padStart(10)}; the bar is ${barMs} ms: ${ms <= barMs ? 'met' : 'NOT MET'}`;
}

const SECTIONS = [1_250, 2_500, 5_000, 10_000];
/** Together with the number of sections: 10 MB at the end. */
const SECTION_BYTES = 1_000;

function growing(folder: string, rounds: number, print: (text: string) => void): object[] {
  print('\nthe plan of an app that uses the last of many sections of 1 kB, CPU time');
  const results = SECTIONS.map((sections) => {
    const file = join(folder, `${sections}.ini`);
    writeFileSync(file, many(sections));
    const { planMs } = medians(file, 'main', rounds);
    print(`  ${sections.toLocaleString('en').padStart(6)} sections${`${planMs.toFixed(0)} ms`.padStart(10)}`);
    return { title: `${sections} sections`, sections, planMs };
  });
  const worst = Math.max(...results.slice(1).map(({ planMs }, index) => planMs / results[index]!.planMs));
  print(
    `  twice as many cost at most ${worst.toFixed(2)}x; the bar is ${GROWTH_BAR}x: ${worst <= GROWTH_BAR ? 'met' : 'NOT MET'}`,
  );
  return results;
}

function many(sections: number): string {
  const filler = Array.from({ length: 20 }, (_, key) => `key${key} = ${'x'.repeat(SECTION_BYTES / 20 - 10)}`).join('\n');
  const all = Array.from({ length: sections }, (_, index) => `[app:n${index}]\nuse = ./app.mjs#app\n${filler}\n`);
  return `[app:main]\nuse = n${sections - 1}\n${all.join('\n')}`;
}
