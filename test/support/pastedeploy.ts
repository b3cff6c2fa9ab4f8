// pastedeploy.ts: cases for PasteDeploy and for us, as Markdown has them: a title, prose, and files.
//
//   ```ini PATH    a file; without a path it is site.ini
//   ```vars        name = value, one a line: the variables of the command line
//   ```ask         kind, URI and perhaps a name, one a line; without it every section of site.ini is asked for
//
// What must come of them is nowhere written by hand: PasteDeploy itself has said it, through pastedeploy_oracle.py, and
// test/fixtures/pastedeploy_golden.json keeps it. scripts/pastedeploy-golden.mjs asks anew.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { visible } from './ini-scenes.ts';
import { inRepository } from './repository.ts';

export type Role = 'app' | 'filter' | 'server';
/** The name is null when it is in the URI, or main. */
export type Ask = readonly [role: Role, uri: string, name: string | null];
export type Group = (typeof GROUPS)[number];

export interface Case {
  /** The page and the title: `uris/An unknown scheme in use`. */
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly asks: readonly Ask[];
}

/** What the oracle says of one ask. The folder of the files is `<here>`. */
export type Answer = { readonly ask: Ask } & (
  | { readonly error: PythonError }
  | { readonly context: PythonContext; readonly trace: readonly Call[]; readonly made?: string; readonly failed?: PythonError }
);

export interface PythonError {
  readonly type: string;
  readonly message: string;
}

export type Pairs = readonly (readonly [key: string, value: string])[];
export type Globals = Readonly<Record<string, string>>;

interface Confs {
  readonly global_conf: Globals;
  /** As pairs, since an object in JavaScript has keys such as `10` in an order of its own. */
  readonly local_conf: Pairs;
}

/** `sections` led here, the innermost first. */
export type PythonContext = Confs & { readonly sections: readonly string[] } & (
    | { readonly kind: 'application' | 'filter' | 'server'; readonly protocol: string | null; readonly factory: string }
    | { readonly kind: 'pipeline'; readonly filters: readonly PythonContext[]; readonly app: PythonContext }
    | { readonly kind: 'filter_app' | 'filtered_with'; readonly filter: PythonContext; readonly next: PythonContext }
  );

/** A call of a factory; `app` is what a filter_app_factory or a server_runner was given. */
export interface Call extends Confs {
  readonly factory: string;
  readonly app?: string;
}

export interface Golden {
  readonly python: string;
  readonly pastedeploy: string;
  readonly cases: Readonly<Record<string, readonly Answer[]>>;
}

export const GROUPS = [
  'app_factory',
  'composite_factory',
  'filter_factory',
  'filter_app_factory',
  'server_factory',
  'server_runner',
] as const;

/** What is installed, on both sides. */
export const DISTRIBUTIONS: Readonly<Record<string, Partial<Record<Group, readonly string[]>>>> = {
  FakeApp: {
    app_factory: ['main', 'other', 'twice', 'everything'],
    composite_factory: ['both', 'alone', 'twice'],
    filter_factory: ['upper', 'twice_filter', 'everything'],
    filter_app_factory: ['lower', 'twice_filter'],
    server_factory: ['serve', 'twice_server', 'everything'],
    server_runner: ['run', 'twice_server'],
  },
  'other-dist.name': { app_factory: ['main'] },
  // The packages that whole-sites.md names.
  bookshop: { app_factory: ['main'] },
  waitress: { server_runner: ['main'] },
  Zope: { app_factory: ['main'], filter_app_factory: ['httpexceptions'] },
  Paste: { filter_app_factory: ['translogger'] },
  PasteDeploy: { filter_app_factory: ['prefix'] },
  'plone.recipe.zope2instance': { server_factory: ['main'], server_runner: ['main'] },
};

/** The functions of the module `fake`. */
export const FUNCTIONS: Readonly<Record<string, Group>> = {
  make_app: 'app_factory',
  'Object.make': 'app_factory',
  make_composite: 'composite_factory',
  make_filter: 'filter_factory',
  make_filter_app: 'filter_app_factory',
  make_server: 'server_factory',
  make_runner: 'server_runner',
};

const PAGES = inRepository('test/transcripts/pastedeploy');
const GOLDEN = inRepository('test/fixtures/pastedeploy_golden.json');

export function readCases(): readonly Case[] {
  return readdirSync(PAGES)
    .toSorted()
    .flatMap((file) => {
      const cases = readFileSync(`${PAGES}/${file}`, 'utf8').split(/^## /m).slice(1);
      return cases.map((section) => caseOf(basename(file, '.md'), section));
    });
}

const FENCE = /^```(?<kind>[a-z]+)(?: (?<info>.+))?\n(?<content>[^]*?)^```$/gm;

function caseOf(page: string, section: string): Case {
  const id = `${page}/${section.slice(0, section.indexOf('\n'))}`;
  const files: Record<string, string> = {};
  const lines: Record<string, string[]> = { vars: [], ask: [] };
  for (const { groups } of section.matchAll(FENCE)) {
    const { kind = '', info = 'site.ini', content = '' } = groups ?? {};
    if (kind === 'ini') files[info] = visible(content);
    else if (kind in lines) lines[kind]!.push(...content.trimEnd().split('\n'));
    else assert.fail(`${id}: there is no fence called ${kind}`);
  }
  assert.ok(Object.keys(files).length > 0, `${id} has a file`);
  return { id, files, vars: Object.fromEntries(lines['vars']!.map(entryOf)), asks: lines['ask']!.map(askOf) };
}

function entryOf(line: string): [string, string] {
  const [name = '', value = ''] = line.split(/ *= *(.*)/s);
  return [name, value];
}

function askOf(line: string): Ask {
  const [role, uri, name] = line.split(' ');
  return [role as Role, uri!, name ?? null];
}

/** One process for all cases. The python3 is Debian's, which is the one that has its packages. */
export function askPasteDeploy(cases: readonly Case[]): Golden {
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [inRepository('test/support/pastedeploy_oracle.py')], {
    input: JSON.stringify({ distributions: DISTRIBUTIONS, functions: FUNCTIONS, cases }),
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  const { python, pastedeploy, answers } = JSON.parse(stdout) as Omit<Golden, 'cases'> & { readonly answers: Answer[][] };
  return { python, pastedeploy, cases: Object.fromEntries(cases.map(({ id }, index) => [id, answers[index]!])) };
}

export function readGolden(): Golden {
  return JSON.parse(readFileSync(GOLDEN, 'utf8')) as Golden;
}
