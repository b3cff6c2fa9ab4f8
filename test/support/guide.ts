// guide.ts: a page of docs/guide as something that can be played. A page is cut into chapters at its `##` headings.
//
// A fence whose language is followed by a path is a file: ```js app.js. Those in front of the first heading are in every chapter.
// ```ini part is not a whole file, and nobody loads it. ```console has commands behind `$ `, each with what it says.

import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { getSections, loadFilter, loadLivingApp, loadServer } from '@appserve/loader';
import { Command } from './command.ts';
import { folderWith, type Tree } from './packages.ts';
import { inRepository } from './repository.ts';
import type { TemporaryFolder } from './temporary.ts';

export interface Fence {
  readonly language: string;
  /** What stands behind the language. */
  readonly info: string;
  readonly text: string;
}

export interface Chapter {
  readonly title: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  readonly files: Tree;
}

export interface Guide {
  /** What stands in front of the first heading. */
  readonly before: readonly Fence[];
  readonly chapters: readonly Chapter[];
}

const FENCE = /^```(?<language>[a-z]+)(?: (?<info>.+))?\n(?<text>[^]*?)^```$/gm;

export function readGuide(page: string): Guide {
  const [opening = '', ...rest] = readFileSync(inRepository(page), 'utf8').split(/^## /m);
  const before = fencesOf(opening);
  const chapters = rest.map((chapter) => {
    const fences = fencesOf(chapter);
    return { title: chapter.slice(0, chapter.indexOf('\n')), text: chapter, fences, files: filesOf([...before, ...fences]) };
  });
  return { before, chapters };
}

function fencesOf(markdown: string): Fence[] {
  return Array.from(markdown.matchAll(FENCE), ({ groups }): Fence => {
    const { language = '', info = '', text = '' } = groups ?? {};
    return { language, info, text };
  });
}

function filesOf(fences: readonly Fence[]): Tree {
  return Object.fromEntries(fences.filter(({ info }) => /^[^\s]+\.[a-z]+$/.test(info)).map(({ info, text }) => [info, text]));
}

export interface Scene {
  readonly command: string;
  readonly output: string;
}

/** The commands of a chapter, each with what it says. */
export function scenesOf({ fences }: Chapter): Scene[] {
  return fences
    .filter(({ language }) => language === 'console')
    .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
    .map((scene) => {
      const end = scene.indexOf('\n');
      return { command: scene.slice(0, end), output: scene.slice(end + 1) };
    });
}

/** A folder with these files, in which our packages and zod are installed. */
export function folderOf(files: Tree): TemporaryFolder {
  const folder = folderWith(files);
  const installed = join(folder.path, 'node_modules');
  mkdirSync(installed, { recursive: true });
  for (const name of ['@appserve', 'zod']) symlinkSync(inRepository(`node_modules/${name}`), join(installed, name));
  return folder;
}

/** How pages call the folder of their reader. */
export const READERS_FOLDER = '/srv/site';

export interface Played {
  readonly code: number | null;
  readonly output: string;
}

/** A command as a reader types it: `npx appserve ...` or `node ...`, with quotes if need be. */
export async function play(typed: string, folder: TemporaryFolder): Promise<Played> {
  const [program = '', ...args] = Array.from(
    typed.replace(/^npx /, '').matchAll(/'([^']*)'|(\S+)/g),
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  if (program !== 'appserve' && program !== 'node') throw new Error(`${typed}: neither npx appserve nor node`);
  // Many of them are played at once.
  const options = { cwd: folder.path };
  await using command = program === 'node' ? Command.node(args, options) : Command.appserve(args, options);
  const { code } = await command.ending();
  return { code, output: `${command.stdout}${command.stderr}`.replaceAll(folder.path, READERS_FOLDER) };
}

/** All that an ini names is made, and its servers are made ready. */
export async function makeAll(folder: TemporaryFolder, ini: string): Promise<void> {
  for (const section of await getSections(ini, { relativeTo: folder.path })) {
    const [kind, name = 'main'] = section.split(':');
    const options = { relativeTo: folder.path, name };
    if (kind === 'server') await loadServer(ini, options);
    else if (kind === 'filter') await loadFilter(ini, options);
    else await loadLivingApp(ini, options);
  }
}
