// typescript.ts: what it costs to start an app that is written in TypeScript, once it is in the cache, over the JavaScript that tsc
// makes of it. What is measured is a process that loads the app; the first start, which compiles it, is shown beside.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, type Effort } from '../measure.ts';

const FILES = 50;
const RATIO_MAX = 1.3;
/** A start takes a tenth of a second, and how long varies. */
const STARTS_A_ROUND = 4;

const LOADER = fileURLToPath(new URL('../servers/load-app.js', import.meta.url));
const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

interface Start {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export async function typescript({ rounds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'appserve-bench-')));
  try {
    writeApp(folder);
    const first = start(folder, 'src');
    start(folder, 'dist');
    const starts = { src: [] as Start[], dist: [] as Start[] };
    for (let round = 0; round < rounds * STARTS_A_ROUND; round += 1) {
      starts.src.push(start(folder, 'src'));
      starts.dist.push(start(folder, 'dist'));
    }
    const answer = { title: `starting an app of ${FILES} TypeScript files`, first, ...compare(starts.src, starts.dist) };
    print(`\n${answer.title}`);
    if (!('registerHooks' in nodeModule))
      print('  this Node runs hooks in a thread of their own, which is most of the difference');
    print(renderStart('compiled, first start', first));
    print(renderStart('from the cache', answer.cached));
    print(renderStart('as JavaScript', answer.plain));
    for (const [what, ratio] of Object.entries(answer.ratios)) {
      const verdict = ratio <= RATIO_MAX ? 'met' : 'NOT MET';
      print(`  from the cache is ${ratio.toFixed(3)}x JavaScript in ${what}; the bar is ${RATIO_MAX.toFixed(2)}x: ${verdict}`);
    }
    return [answer];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function renderStart(name: string, { cpuMs, wallMs }: Start): string {
  return `  ${name.padEnd(22)}${`${cpuMs.toFixed(1)} ms`.padStart(10)} of CPU time${`${wallMs.toFixed(1)} ms`.padStart(12)} to the app`;
}

function compare(src: readonly Start[], dist: readonly Start[]): { cached: Start; plain: Start; ratios: Record<string, number> } {
  const [cached, plain] = [medianOf(src), medianOf(dist)];
  return { cached, plain, ratios: { 'CPU time': cached.cpuMs / plain.cpuMs, time: cached.wallMs / plain.wallMs } };
}

function medianOf(starts: readonly Start[]): Start {
  return { cpuMs: median(starts.map(({ cpuMs }) => cpuMs)), wallMs: median(starts.map(({ wallMs }) => wallMs)) };
}

function start(folder: string, app: 'src' | 'dist'): Start {
  const env = { ...process.env, APPSERVE_CACHE: join(folder, 'cache') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [LOADER, join(folder, `${app}.ini`)], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${app} did not start: ${stderr}`);
  return JSON.parse(stdout) as Start;
}

/** The same app twice: as it is written, and as tsc compiles it. */
function writeApp(folder: string): void {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const options = { target: 'es2022', module: 'nodenext', rootDir: 'src', outDir: 'dist', types: [], strict: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }));
  for (let index = 0; index < FILES; index += 1) writeFileSync(join(folder, `src/part${index}.ts`), partText(index));
  writeFileSync(join(folder, 'src.ini'), '[app:main]\nuse = ./src/part0.ts#main\n');
  writeFileSync(join(folder, 'dist.ini'), '[app:main]\nuse = ./dist/part0.js#main\n');
  const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tsc does not like the app:\n${stdout}`);
}

/** A file of about a hundred lines, which imports two others: a tree. */
function partText(index: number): string {
  const children = [2 * index + 1, 2 * index + 2].filter((child) => child < FILES);
  const imports = children.map((child) => `import { total as total${child}, type Item${child} } from './part${child}.js';`);
  const known = children.map((child) => `export type Known${child} = readonly Item${child}[];`);
  const methods = Array.from({ length: 12 }, (_, method) => methodText(index, method));
  return `${imports.join('\n')}
${known.join('\n')}

export interface Item${index} {
  readonly name: string;
  readonly price: number;
  readonly tags?: readonly string[];
}

enum Kind {
  Book = 'book',
  Record = 'record',
}

export class Shelf${index} {
  #items: Item${index}[] = [];
  constructor(private readonly kind: Kind, readonly limit: number = 10) {}
${methods.join('\n')}
}

export function total(): number {
  return new Shelf${index}(Kind.Book).sum0([{ name: 'a', price: ${index} }])${children.map((child) => ` + total${child}()`).join('')};
}

export function main(): (request: Request) => Response {
  return () => new Response(String(total()));
}

declare class Request {}
declare class Response {
  constructor(body: string);
}
`;
}

function methodText(index: number, method: number): string {
  return `
  /** Adds items up to the limit, and gives their sum. */
  sum${method}(items: readonly Item${index}[], factor: number = ${method + 1}): number {
    for (const item of items) {
      if (this.#items.length >= this.limit) throw new RangeError(\`no room for \${item.name} (\${this.kind})\`);
      this.#items.push({ ...item, tags: item.tags ?? [] });
    }
    return this.#items.reduce((sum: number, { price }: Item${index}) => sum + price * factor, 0);
  }`;
}
