// build.ts: what it costs to generate a site: a configuration of 300 parts, by the command, as an operator waits for it; and how that
// grows.
//
// Half of the parts are instances, each with an ini that the real loader loads before it is written; the others are templates.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, type Effort } from '../measure.ts';

const BAR_MS = 1_000;
const BAR_PARTS = 300;
/** Twice the size may cost a little more than twice the time. */
const GROWTH_BAR = 2.3;
const SIZES = [75, 150, 300, 600];

const INSTALLED = fileURLToPath(new URL('../../../node_modules', import.meta.url));

const TEMPLATE = `[app:main]
use = ../../../app.js#main
greeting = %(name)s of \${buildout:directory}

[server:main]
use = @appserve/server#main
socket = %(http_address)s
workers = %(workers)s
keepalive_timeout = \${settings:keepalive}
`;

function configuration(parts: number): string {
  const names = Array.from({ length: parts }, (_, nth) => (nth % 2 === 0 ? `site${nth}` : `notes${nth}`));
  const sections = names.map((name, nth) =>
    nth % 2 === 0
      ? `[${name}]\n<= site\nhttp-address = 127.0.0.1:${10_000 + nth}\nworkers = 2`
      : `[${name}]\n<= notes\nsite = \${${names[nth - 1]}:sockets}`,
  );
  return `[buildout]
parts =
    ${names.join('\n    ')}

[settings]
keepalive = 5

[site]
recipe = @appserve/loader#instance
wsgi-ini-template = wsgi.ini.in

[notes]
recipe = @appserve/loader#template
input = notes.in
output = var/\${:_buildout_section_name_}.txt

${sections.join('\n\n')}
`;
}

function siteOf(folder: string, parts: number): void {
  mkdirSync(folder);
  symlinkSync(INSTALLED, join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'app.js'), 'export const main = () => () => new Response();');
  writeFileSync(join(folder, 'wsgi.ini.in'), TEMPLATE);
  writeFileSync(join(folder, 'notes.in'), '%for address in ${site}\nat ${address}\n%end\n');
  writeFileSync(join(folder, 'buildout.cfg'), configuration(parts));
}

/** Says on its last line what it cost, in microseconds of CPU time; and what it said is not counted. */
const CHILD = `
import { main } from 'appserve';
const code = await main(['build']);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ code, us: user + system }));
`;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** A process from its start to its end: nothing is warm. */
function measuredIn(folder: string): Cost {
  const sinceMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', CHILD], {
    cwd: folder,
    encoding: 'utf8',
  });
  const wallMs = performance.now() - sinceMs;
  const { code, us } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as { code?: number; us: number };
  if (status !== 0 || code !== 0) throw new Error(stderr);
  return { cpuMs: us / 1_000, wallMs };
}

export function build({ rounds }: Effort, print: (text: string) => void): readonly object[] {
  const folder = mkdtempSync(join(tmpdir(), 'appserve-bench-'));
  try {
    return measured(folder, rounds, print);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Row {
  readonly parts: number;
  /** CPU time, where everything is new, and where nothing has changed. */
  readonly freshMs: number;
  readonly againMs: number;
  /** By the clock on the wall, the best round: others use this machine too. */
  readonly wallMs: number;
}

function measured(folder: string, rounds: number, print: (text: string) => void): Row[] {
  print(
    '\nappserve build: CPU time of the process where everything is new, and where nothing has changed; by the clock, everything new',
  );
  const rows = SIZES.map((parts) => rowOf(folder, parts, rounds));
  for (const { parts, freshMs, againMs, wallMs } of rows) {
    const verdict = parts === BAR_PARTS ? `; the bar is ${BAR_MS} ms: ${freshMs <= BAR_MS ? 'met' : 'NOT MET'}` : '';
    const figures = [freshMs, againMs, wallMs].map((ms) => `${ms.toFixed(0)} ms`.padStart(9));
    print(`${`${parts} parts`.padStart(12)}${figures.join('')}${verdict}`);
  }
  const worst = Math.max(...rows.slice(1).map(({ freshMs }, index) => freshMs / rows[index]!.freshMs));
  print(
    `  twice as many cost at most ${worst.toFixed(2)}x; the bar is ${GROWTH_BAR}x: ${worst <= GROWTH_BAR ? 'met' : 'NOT MET'}`,
  );
  return rows;
}

function rowOf(folder: string, parts: number, rounds: number): Row {
  const costs = Array.from({ length: rounds }, (_, round) => {
    const site = join(folder, `${parts}-${round}`);
    siteOf(site, parts);
    return { fresh: measuredIn(site), again: measuredIn(site) };
  });
  return {
    parts,
    freshMs: median(costs.map(({ fresh }) => fresh.cpuMs)),
    againMs: median(costs.map(({ again }) => again.cpuMs)),
    wallMs: Math.min(...costs.map(({ fresh }) => fresh.wallMs)),
  };
}
