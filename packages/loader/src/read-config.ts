// read-config.ts: the one room that reads the files of configurations.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Fault } from '@appserve/core';
import { parseDocument, type Document } from './ini/document.ts';
import type { Variables } from './ini/interpolate.ts';
import { plannerOf, type Planner } from './plan.ts';
import { languageOf, readStructured } from './structured/read.ts';

export interface LoadedConfig {
  readonly planner: Planner;
  /** The folder of the file, absolute: what `%(here)s` is, and where relative modules and packages are looked up. */
  readonly folder: string;
}

/** `path` is how messages call the file. Faults: CONFIG_MISSING, CONFIG_UNREADABLE, those of the ini dialect and of readStructured. */
export async function readConfig(path: string, relativeTo: string, overrides: Variables): Promise<LoadedConfig> {
  const file = resolve(relativeTo, path);
  const language = languageOf(file);
  const document: Document =
    language === 'ini' ? parseDocument(await readText(file, path), path) : await readStructured(language, file, path, readText);
  const folder = dirname(file);
  return { planner: plannerOf(document, { here: folder, __file__: file }, overrides), folder };
}

async function readText(file: string, path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Fault('CONFIG_MISSING', { path });
    const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : message;
    throw new Fault('CONFIG_UNREADABLE', { path, why }, { cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('CONFIG_UNREADABLE', { path, why: 'it is not UTF-8' }, { cause });
  }
}
