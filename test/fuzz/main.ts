// main.ts: `npm run fuzz [-- TARGET ...] [--seed N] [--minutes M]`: throws what is nearly right at whatever reads from outside.

import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRepository } from '../support/repository.ts';
import { Fuzzer, type Finding } from './fuzzer.ts';
import { TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, minutes: { type: 'string', default: '1' } },
});

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

const unknown = positionals.filter((name) => !Object.hasOwn(TARGETS, name));
if (unknown.length > 0) refuse(`there is no target ${unknown.join(', ')}; there are ${Object.keys(TARGETS).join(', ')}`);
if (!/^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(values.minutes) || Number(values.minutes) === 0)
  refuse(`--minutes ${values.minutes}: must be a number above 0`);
if (values.seed !== undefined && !/^[0-9]{1,9}$/.test(values.seed)) refuse(`--seed ${values.seed}: must be a whole number`);

const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
const eachMs = (Number(values.minutes) * 60_000) / names.length;
console.log(`seed ${seed}`);

for (const name of names) {
  const fuzzer = new Fuzzer(name);
  for (const [file, bytes] of fuzzer.corpus) tell(name, await fuzzer.attempt(bytes), `corpus/${file}`);
  const untilMs = performance.now() + eachMs;
  let tried = 0;
  for (; performance.now() < untilMs; tried += 1)
    tell(name, await fuzzer.attemptNth(seed, tried), `--seed ${seed}, number ${tried}`);
  console.log(`${name.padEnd(12)}${String(tried).padStart(9)} tried: ${TARGETS[name]!.reads}`);
}

/** The first finding ends it: the next ones are often the same. */
function tell(name: string, finding: Finding | undefined, where: string): void {
  if (finding === undefined) return;
  const folder = inRepository('build/fuzz');
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${name}-${Date.now()}`;
  writeFileSync(file, finding.bytes);
  console.error(`${name} (${where}): ${finding.error.stack ?? finding.error.message}`);
  console.error(`what was read is in ${file}: once it is mended, keep it in test/fuzz/corpus/${name}`);
  process.exit(1);
}
