// generate/origin.ts: which line of a template a line of a generated ini came from, kept in a file beside it: `wsgi.ini.map`.
//
// Law: a map is believed only for the very text that it was made for.

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Place } from '@appserve/core';
import type { OriginOf } from '../ini/scan.ts';
import { HEADER, textOfLines, type GeneratedLine } from './generated.ts';

export function mapPathOf(path: string): string {
  return `${path}.map`;
}

interface OriginMap {
  readonly version: 1;
  /** Of the ini. */
  readonly sha256: string;
  /** Relative to the folder of the ini. */
  readonly sources: readonly string[];
  /** For each line the index of its source, and the line there; null for one that nobody wrote. */
  readonly lines: readonly (readonly [source: number, line: number] | null)[];
}

export function sha256(text: string): string {
  // Only here: it costs 7 ms, and most files were not generated.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');
}

/** `absolute`: from a path as messages show it to the absolute one; nothing for what is no file. */
export function mapTextOf(
  path: string,
  lines: readonly GeneratedLine[],
  absolute: (shown: string) => string | undefined,
): string {
  const sources: string[] = [];
  const indexOf = (file: string): number => {
    const source = relative(dirname(path), file);
    const index = sources.indexOf(source);
    return index === -1 ? sources.push(source) - 1 : index;
  };
  const origins = lines.map(({ from }) => {
    const file = from && absolute(from.file);
    return file === undefined ? null : ([indexOf(file), from!.line] as const);
  });
  const map: OriginMap = { version: 1, sha256: sha256(textOfLines(lines)), sources, lines: origins };
  return `${JSON.stringify(map)}\n`;
}

/** Of an ini that was read; nothing where it was not generated, or was changed since. */
export function originsOf(text: string, file: string, shown: string): OriginOf | undefined {
  if (!text.startsWith(`# ${HEADER}`)) return undefined;
  const map = readMap(mapPathOf(file));
  if (map === undefined || map.sha256 !== sha256(text)) return undefined;
  return (number) => {
    const [source, line] = map.lines[number - 1] ?? [];
    const path = source === undefined ? undefined : map.sources[source];
    return path === undefined || line === undefined ? undefined : { file: join(dirname(shown), path), line, column: 1 };
  };
}

/** Nobody writes one by hand. */
export function isMap(text: string): boolean {
  return text.startsWith('{"version":1,"sha256":');
}

/** An ini that nobody has changed since it was generated. */
export function isAsMapped(text: string, file: string): boolean {
  return readMap(mapPathOf(file))?.sha256 === sha256(text);
}

/** A map that is not there, or broken, costs nothing but the comfort of it. */
function readMap(path: string): OriginMap | undefined {
  try {
    const map = JSON.parse(readFileSync(path, 'utf8')) as Partial<OriginMap> | null;
    return map?.version === 1 && Array.isArray(map.lines) && Array.isArray(map.sources) ? (map as OriginMap) : undefined;
  } catch {
    return undefined;
  }
}

/** The same for lines that are not written yet. */
export function originsIn(lines: readonly GeneratedLine[]): OriginOf {
  return (number): Place | undefined => lines[number - 1]?.from;
}
