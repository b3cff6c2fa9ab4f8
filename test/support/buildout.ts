// buildout.ts: what zc.buildout and we make of a configuration, in lines that can be compared.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, FaultList } from '@appserve/core';
import type { Setting } from '@appserve/loader';
import { Configuration, layerOf, Merged, readLayers, type Machine } from '@appserve/loader/buildout';
import { BUILDOUT_CASES, type BuildoutCase } from './buildout-cases.ts';
import { nastyBuildouts } from './nasty-buildout.ts';
import { folderWith } from './packages.ts';
import { inRepository } from './repository.ts';

type PythonSection = Readonly<Record<string, string>> | { readonly error: string };
export type PythonAnswer = { readonly error: string } | { readonly sections: Readonly<Record<string, PythonSection>> };

export interface BuildoutGolden {
  readonly buildout: string;
  readonly python: string;
  readonly answers: Readonly<Record<string, PythonAnswer>>;
}

const SEED = 20_121_121;
const GENERATED = 100;

/** Those that are written, and those that are generated, by name. */
export function allBuildoutCases(): Readonly<Record<string, BuildoutCase>> {
  const generated = nastyBuildouts(SEED, GENERATED).map((one, index) => [`generated ${index + 1}`, one] as const);
  return { ...BUILDOUT_CASES, ...Object.fromEntries(generated) };
}

export function goldenBuildouts(): BuildoutGolden {
  return JSON.parse(readFileSync(inRepository('test/fixtures/buildout_golden.json'), 'utf8')) as BuildoutGolden;
}

/** `python`: one that has zc.buildout. */
export function askBuildout(python: string): BuildoutGolden {
  const { stdout, stderr, status } = spawnSync(python, [inRepository('test/support/buildout_oracle.py')], {
    input: JSON.stringify(allBuildoutCases()),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as BuildoutGolden;
}

/** A Linux, on which PATH and HOME are known. */
const MACHINE: Machine = {
  words: { linux: true, posix: true, windows: false, macosx: false, sys_platform: 'linux', node_version: '20.19' },
  environment: { PATH: '/bin', HOME: '/home/me' },
};

/** `[a] x = 1`, `[a] refuses`, `refuses`. */
export function linesOfPython(answer: PythonAnswer): string[] {
  if ('error' in answer) return ['refuses'];
  return Object.entries(answer.sections).flatMap(([name, section]) =>
    isRefusal(section) ? [`[${name}] refuses`] : linesOfSection(name, Object.entries(section)),
  );
}

/** A section may have an option named error. */
function isRefusal(section: PythonSection): boolean {
  return (
    Object.keys(section).length === 1 && /^(?:MissingSection|MissingOption|UserError|KeyError)$/.test(section['error'] ?? '')
  );
}

function linesOfSection(name: string, entries: readonly (readonly [string, string])[]): string[] {
  const lines = entries.map(([key, value]) => `[${name}] ${key} = ${JSON.stringify(value)}`);
  return lines.length === 0 ? [`[${name}]`] : lines;
}

/** `spreads`: a section refuses as soon as one does that it refers to, as in zc.buildout. */
export function linesOfOurs({ files, given }: BuildoutCase, spreads = false): string[] {
  using folder = folderWith(files);
  const said = given.map((word): [string, string, string] => {
    const [, section = 'buildout', option = '', value = ''] = /^(?:([^:=]*):)?([^=]*)=(.*)$/s.exec(word) ?? [];
    return [section, option.trim(), value];
  });
  try {
    const layers = readLayers(join(folder.path, 'buildout.cfg'), 'buildout.cfg', {
      read: (file) => {
        if (!existsSync(file)) throw new Fault('CONFIG_MISSING', { path: file });
        return readFileSync(file, 'utf8');
      },
      exists: existsSync,
      machine: MACHINE,
    });
    const defaults = layerOf('default', [['buildout', 'directory', '<here>']]);
    const merged = new Merged([defaults, ...layers, layerOf('the command line', said)]);
    return merged.names.flatMap((name) => sectionLines(merged, name, spreads));
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) return ['refuses'];
    throw error;
  }
}

function sectionLines(merged: Merged, name: string, spreads: boolean): string[] {
  const settings = settingsIn(merged, name, spreads ? [] : undefined);
  if (settings === undefined) return [`[${name}] refuses`];
  return linesOfSection(
    name,
    settings.map(({ key, value }) => [key, value]),
  );
}

/** Nothing, where it refuses. `way`: the sections that led here, where those that are referred to count too. */
function settingsIn(merged: Merged, name: string, way: string[] | undefined): readonly Setting[] | undefined {
  const configuration = new Configuration(merged, MACHINE.environment);
  const entered = new Set<string>();
  configuration.onEnter = (section) => void entered.add(section);
  way?.push(name);
  try {
    const settings = [...configuration.options(name).values()];
    const further = [...entered].filter((section) => way?.includes(section) === false);
    return further.every((section) => settingsIn(merged, section, way) !== undefined) ? settings : undefined;
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) return undefined;
    throw error;
  }
}

/** What differs: zc.buildout's lines with a minus, ours with a plus. */
export function differenceOf(python: readonly string[], ours: readonly string[]): string[] {
  const [theirs, own] = [new Set(python), new Set(ours)];
  const minus = python.filter((line) => !own.has(line)).map((line) => `- ${line}`);
  const plus = ours.filter((line) => !theirs.has(line)).map((line) => `+ ${line}`);
  return [...minus, ...plus].toSorted((one, other) => one.slice(2).localeCompare(other.slice(2)) || one.localeCompare(other));
}
