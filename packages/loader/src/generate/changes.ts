// generate/changes.ts: what a build would do to the disk: what is new, what is replaced, what goes. It looks, and changes nothing.

import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Fault, Faults } from '@appserve/core';
import { COMMAND_LINE } from '../buildout/command-line.ts';
import { isFile, isFolder, namesIn } from '../files.ts';
import { at } from './disk.ts';
import { HEADER, textOfLines } from './generated.ts';
import { modeFor, octal, wantedMode } from './mode.ts';
import { isAsMapped, isMap, mapPathOf, mapTextOf, sha256 } from './origin.ts';
import type { MadeFile, MadePart } from './parts.ts';
import type { Installed, InstalledFile, InstalledPart } from './state.ts';

export type Change =
  | {
      readonly type: 'make' | 'replace';
      readonly path: string;
      readonly text: string;
      readonly mode: number;
      readonly before: string;
      /** Of the file that is there. */
      readonly modeBefore: number | undefined;
      /** What is there, or shall be there, is nobody else's to read. */
      readonly isSecret: boolean;
    }
  | { readonly type: 'remove'; readonly path: string; readonly before: string; readonly isSecret: boolean };

export interface Changes {
  readonly files: readonly Change[];
  /** Absolute, the outermost first. */
  readonly newFolders: readonly string[];
  /** Absolute, the innermost first; those in which something of somebody else is stay. */
  readonly oldFolders: readonly string[];
  readonly installed: Installed;
}

interface Wanted {
  readonly part: string;
  readonly file: MadeFile;
  readonly text: string;
}

export interface Disk {
  readonly directory: string;
  readonly before: Installed;
  /** The configuration's own parts; what was made for another one goes. Those that are built are among them. */
  readonly kept: ReadonlySet<string>;
  readonly isForced: boolean;
  readonly shownPath: (path: string) => string;
}

/** Faults: FILE_CLASH, FILE_IS_LINK, FILE_NOT_OURS, FILE_EDITED; all at once. */
export function changesFor(parts: readonly MadePart[], disk: Disk): Changes {
  const faults = new Faults();
  const wanted = parts.flatMap((made) => filesOf(made, disk));
  for (const fault of clashes(wanted, disk)) faults.add(fault);
  const recorded = new Map<string, InstalledFile>();
  for (const { files } of disk.before.values()) for (const file of files) recorded.set(resolve(disk.directory, file.path), file);
  const written = wanted.flatMap(
    (one) => faults.catch(() => at(disk.shownPath(one.file.path), () => changesOf(one, recorded, disk))) ?? [],
  );
  const built = new Set(parts.map(({ part }) => part.name));
  const stays = new Set(wanted.map(({ file }) => file.path));
  for (const [name, { files }] of disk.before) {
    if (built.has(name) || !disk.kept.has(name)) continue;
    for (const { path } of files) stays.add(resolve(disk.directory, path));
  }
  const removed = [...recorded].flatMap(([path, file]) =>
    stays.has(path) ? [] : (faults.catch(() => at(disk.shownPath(path), () => removal(path, file, disk))) ?? []),
  );
  const made = folders(parts, wanted, removed, disk, built);
  for (const path of made.newFolders) faults.catch(() => refuseInTheWay(path, disk));
  faults.end();
  return {
    files: [...written, ...removed],
    ...made,
    installed: installedBy(parts, wanted, disk, built),
  };
}

/** With the map of an ini, where any line of it came from somewhere. */
function filesOf({ part, files }: MadePart, { directory }: Disk): Wanted[] {
  return files
    .flatMap((file) => {
      const own: Wanted = { part: part.name, file, text: textOfLines(file.lines) };
      if (file.ini === undefined) return [own];
      const path = mapPathOf(file.path);
      // What messages call a file begins at the working directory.
      const text = mapTextOf(file.path, file.lines, (shown) => (shown === COMMAND_LINE ? undefined : resolve(shown)));
      return [own, { part: part.name, file: { path, lines: [], isSecret: file.isSecret }, text }];
    })
    .map((one) => ({ ...one, file: { ...one.file, path: resolve(directory, one.file.path) } }));
}

function clashes(wanted: readonly Wanted[], { shownPath }: Disk): Fault[] {
  const byPath = new Map<string, string[]>();
  for (const { file, part } of wanted) byPath.set(file.path, [...(byPath.get(file.path) ?? []), part]);
  return [...byPath].flatMap(([path, parts]) =>
    parts.length > 1 ? [new Fault('FILE_CLASH', { path: shownPath(path), parts })] : [],
  );
}

/** Nothing where the file is as it shall be. */
function changesOf({ part, file, text }: Wanted, recorded: ReadonlyMap<string, InstalledFile>, disk: Disk): Change[] {
  const { path } = file;
  const before = isFile(path) ? readFileSync(path, 'utf8') : undefined;
  if (before === undefined) {
    if (!disk.isForced) refuseLink(path, disk, part);
    if (isFolder(path))
      throw new Fault('WRITE_FAILED', { path: disk.shownPath(path), why: 'it is a folder' }, { askedBy: [`[${part}]`] });
    return [{ type: 'make', path, text, mode: wantedMode(file), before: '', modeBefore: undefined, isSecret: file.isSecret }];
  }
  const known = recorded.get(path);
  const modeBefore = statSync(path).mode & 0o7777;
  const mode = modeFor(file, modeBefore, known);
  if (before === text && mode === modeBefore) return [];
  if (!disk.isForced) refuseLink(path, disk, part);
  if (before !== text && !disk.isForced) refuseToLose(path, before, known, disk, part);
  const isSecret = file.isSecret || wasSecret(known, modeBefore);
  return [{ type: 'replace', path, text, mode, before, modeBefore, isSecret }];
}

/** What is written takes the place of what stands there: also of a link, which somebody meant. Faults: FILE_IS_LINK. */
function refuseLink(path: string, { shownPath }: Disk, part: string): void {
  if (entryAt(path)?.isSymbolicLink() !== true) return;
  throw new Fault('FILE_IS_LINK', { path: shownPath(path), leadsTo: readlinkSync(path) }, { askedBy: [`[${part}]`] });
}

/** Where nothing is remembered of it, a file that only its owner may read is taken for one. */
function wasSecret(known: InstalledFile | undefined, mode: number): boolean {
  return known?.isSecret ?? (known?.mode === undefined && (mode & OTHERS) === 0);
}

const OTHERS = 0o077;

/** Faults: FILE_NOT_OURS, FILE_EDITED. */
function refuseToLose(path: string, before: string, known: InstalledFile | undefined, { shownPath }: Disk, part: string): void {
  const context = { askedBy: [`[${part}]`] };
  if (known === undefined) {
    // What remembers it may be lost, or not be kept with the rest. An ini has its sum beside it.
    if (isMap(before) || isAsMapped(before, path)) return;
    const isGenerated = before.split('\n', 2).some((line) => line.includes(HEADER));
    throw new Fault('FILE_NOT_OURS', { path: shownPath(path), isGenerated }, context);
  } else if (sha256(before) !== known.sha256) {
    throw new Fault('FILE_EDITED', { path: shownPath(path) }, context);
  }
}

function removal(path: string, known: InstalledFile, { isForced, shownPath }: Disk): Change[] {
  if (!isFile(path)) return [];
  const before = readFileSync(path, 'utf8');
  if (!isForced && sha256(before) !== known.sha256) throw new Fault('FILE_EDITED', { path: shownPath(path) });
  return [{ type: 'remove', path, before, isSecret: wasSecret(known, statSync(path).mode) }];
}

function folders(
  parts: readonly MadePart[],
  wanted: readonly Wanted[],
  removed: readonly Change[],
  { directory, before, kept }: Disk,
  built: ReadonlySet<string>,
): Pick<Changes, 'newFolders' | 'oldFolders'> {
  const needed = new Set(
    [...parts.flatMap((made) => made.folders ?? []), ...wanted.map(({ file }) => dirname(file.path))].flatMap(withParents),
  );
  const newFolders = [...needed].filter((path) => !isFolder(path)).toSorted((one, other) => one.length - other.length);
  const ofOthers = [...before].flatMap(([name, part]) => (kept.has(name) && !built.has(name) ? part.folders : []));
  const stays = new Set([...needed, ...ofOthers.map((path) => resolve(directory, path))]);
  const recorded = new Set([...before.values()].flatMap((part) => part.folders.map((path) => resolve(directory, path))));
  const old = [...recorded]
    .filter((path) => !stays.has(path) && isFolder(path))
    .toSorted((one, other) => other.length - one.length);
  return { newFolders, oldFolders: emptied(old, new Set(removed.map(({ path }) => path))) };
}

/** Those of the folders, the innermost first, in which nothing is when the others have gone. */
function emptied(old: readonly string[], gone: Set<string>): string[] {
  return old.filter((folder) => {
    const isEmpty = namesIn(folder).every((name) => gone.has(join(folder, name)));
    if (isEmpty) gone.add(folder);
    return isEmpty;
  });
}

/** Faults: WRITE_FAILED where a file stands, or a link that leads nowhere. */
function refuseInTheWay(path: string, { shownPath }: Disk): void {
  const found = entryAt(path);
  if (found === undefined) return;
  const why = found.isSymbolicLink() ? 'it is a link that leads to no folder' : 'it is no folder';
  throw new Fault('WRITE_FAILED', { path: shownPath(path), why });
}

/** What stands there itself, be it a link; nothing also where there is no folder that it could stand in. */
function entryAt(path: string): Stats | undefined {
  return isFolder(dirname(path)) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
}

/** Asked once for each: three hundred parts have few folders above them. */
function folderTest(): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    const found = known.get(path) ?? isFolder(path);
    known.set(path, found);
    return found;
  };
}

function withParents(path: string): string[] {
  return path === dirname(path) ? [path] : [...withParents(dirname(path)), path];
}

function installedBy(parts: readonly MadePart[], wanted: readonly Wanted[], disk: Disk, built: ReadonlySet<string>): Installed {
  const { directory, before, kept } = disk;
  const isThere = folderTest();
  const installed = new Map([...before].filter(([name]) => kept.has(name) && !built.has(name)));
  const ours = new Set([...before.values()].flatMap((part) => part.folders));
  for (const { part, recipe, folders: named = [] } of parts) {
    const own = wanted.filter((one) => one.part === part.name);
    const files = own.map(({ file, text }): InstalledFile => ({
      path: relative(directory, file.path),
      sha256: sha256(text),
      mode: octal(wantedMode(file)),
      ...(file.isSecret && { isSecret: true }),
    }));
    const all = [...new Set([...named, ...own.map(({ file }) => dirname(file.path))].flatMap(withParents))];
    // A folder that was there before is not ours to remove.
    const made = all
      .filter((path) => !isThere(path) || ours.has(relative(directory, path)))
      .map((path) => relative(directory, path));
    installed.set(part.name, { recipe, files, folders: made } satisfies InstalledPart);
  }
  return installed;
}
