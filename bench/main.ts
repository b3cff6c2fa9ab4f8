// main.ts: `npm run bench [-- --rounds N --seconds S --json FILE]`: what a request costs here and elsewhere, in one run.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { LOAD_PROGRAM } from './load.ts';
import { measure, type Row } from './measure.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
    json: { type: 'string' },
  },
});

const BASELINE = 'node-http';
const rows = await measure({
  servers: ['gateway', BASELINE, 'net'],
  baseline: BASELINE,
  rounds: Number(values.rounds),
  load: { connections: Number(values.connections), seconds: Number(values.seconds) },
});
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: LOAD_PROGRAM };

console.log(`\nhello, keep-alive, ${values.connections} connections: CPU time of the server per request`);
console.log(
  `Node ${machine.node}, ${machine.cores} x ${machine.cpu}, ${machine.load}; medians of ${values.rounds} rounds of ${values.seconds} s\n`,
);
console.log(table(rows));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);

function table(all: readonly Row[]): string {
  const lines = all.map((row) => [
    row.name.padEnd(12),
    `${row.cpuUsPerRequest.toFixed(2)} us`.padStart(10),
    `${row.lowest.toFixed(2)}-${row.highest.toFixed(2)}`.padStart(14),
    `${row.ratio.toFixed(2)}x`.padStart(8),
  ]);
  const head = ['server'.padEnd(12), 'median'.padStart(10), 'spread'.padStart(14), `of ${BASELINE}`.padStart(8)];
  return [head, ...lines].map((cells) => cells.join('  ')).join('\n');
}
