// init.ts: `appserve init [TEMPLATE] [FOLDER]`: a project to begin with. No file is overwritten, and nothing is installed.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, nearest } from '@appserve/core';
import { inShell, makeFolders } from '@appserve/loader/generate';
import type { Given } from '../command.ts';
import type { INIT_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { TEMPLATES } from '../templates.ts';
import { VERSION } from '../version.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = join(PACKAGE, 'templates');
/** What every project has; a template's own file of that name takes its place. */
const COMMON = 'common';
const BUILDOUT = 'buildout';

export async function run({ operands, flags }: Given<typeof INIT_FLAGS>): Promise<number> {
  const { template, folder } = meant(operands, flags.buildout);
  const target = resolve(folder);
  const files = new Map([...filesOf(COMMON), ...filesOf(template)]);
  const inTheWay = [...files.keys()].filter((path) => existsSync(join(target, path)));
  if (inTheWay.length > 0)
    throw new Fault('ARGUMENT_INVALID', {
      argument: folder,
      why: `${inTheWay.join(', ')} would be overwritten; nothing was made`,
    });
  const values = { name: nameOf(target), version: VERSION, template };
  for (const [path, source] of files) write(join(target, path), filled(readFileSync(source, 'utf8'), values));
  process.stdout.write(said(folder, [...files.keys()].toSorted()));
  return EXIT_CODES.asked.code;
}

/** With --buildout a single word is the folder. Faults: ARGUMENT_INVALID. */
function meant(operands: readonly string[], isBuildout: boolean): { readonly template: string; readonly folder: string } {
  const [first = isBuildout ? BUILDOUT : 'gateway', second] = operands;
  if (isBuildout && second === undefined && !TEMPLATES.includes(first)) return { template: BUILDOUT, folder: first };
  if (!TEMPLATES.includes(first)) {
    const like = nearest(first, TEMPLATES);
    const guess = like === undefined ? '' : `; did you mean ${like}?`;
    throw new Fault('ARGUMENT_INVALID', { argument: first, why: `TEMPLATE is one of ${TEMPLATES.join(', ')}${guess}` });
  }
  if (isBuildout && first !== BUILDOUT)
    throw new Fault('ARGUMENT_INVALID', {
      argument: '--buildout',
      why: `is the template ${BUILDOUT}, and ${first} is another one`,
    });
  return { template: first, folder: second ?? '.' };
}

/** Faults: ARGUMENT_INVALID, where nothing can be written. */
function write(path: string, text: string): void {
  try {
    makeFolders(dirname(path));
    // `wx`: what has come into being since we looked stays too.
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    throw new Fault('ARGUMENT_INVALID', { argument: path, why: `cannot be written: ${(cause as Error).message}` }, { cause });
  }
}

/** By their paths in the project. They end in .tmpl, so that no tool takes a template for a project. */
function filesOf(template: string): [string, string][] {
  const folder = join(SOURCES, template);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const source = join(entry.parentPath, entry.name);
      const path = relative(folder, source).slice(0, -'.tmpl'.length);
      // npm leaves a file called .gitignore out of a package.
      return [path.replace(/^dot-/, '.'), source];
    });
}

/** `<<name>>`: nothing else that inis or TypeScript have looks like it. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/<<(\w+)>>/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`a template asks for ${key}`);
    return value;
  });
}

/** As npm has it: lower case, nothing that an address would escape. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[._-]+|-+$/g, '');
  return name === '' ? 'site' : name;
}

function said(folder: string, paths: readonly string[]): string {
  const first = folder === '.' ? [] : [`  cd ${folder}`];
  const clone = ownClone();
  return [
    'Made',
    ...paths.map((path) => `  ${join(folder, path)}`),
    '',
    clone === undefined ? 'Next' : 'Next, with the packages of this clone',
    ...first,
    ...installLines(clone).map((line) => `  ${line}`),
    '  npm start',
    '',
  ].join('\n');
}

/** The clone that this is run from; nothing where npm has installed it, which calls its folder otherwise. */
function ownClone(): string | undefined {
  const isClone = basename(PACKAGE) === 'cli' && existsSync(join(PACKAGE, '../core/package.json'));
  return isClone ? resolve(PACKAGE, '../..') : undefined;
}

/** A registry has other packages of this version than a clone, or none. Linked ones would look for what they need in the clone. */
function installLines(clone: string | undefined): readonly string[] {
  if (clone === undefined) return ['npm install'];
  return [`npm pack --workspaces --prefix ${inShell(clone)} --pack-destination .`, 'npm install ./*.tgz'];
}
