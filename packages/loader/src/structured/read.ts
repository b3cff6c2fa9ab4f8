// structured/read.ts: which language a configuration is written in, and the reading of those that are no ini.

import { basename, extname } from 'node:path';
import type { Document } from '../ini/document.ts';

const LANGUAGES = {
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.ts': 'module',
  '.mts': 'module',
  '.js': 'module',
  '.mjs': 'module',
  '.cjs': 'module',
} as const;

export type Language = 'ini' | 'manifest' | (typeof LANGUAGES)[keyof typeof LANGUAGES];

/** By the name of the file; what has no known ending is an ini. */
export function languageOf(path: string): Language {
  const name = basename(path);
  if (name === 'package.json') return 'manifest';
  // What has `rc` at its end and no ending of its own is YAML, or JSON, which is YAML: so it is for all that cosmiconfig finds.
  if (name === '.appserverc') return 'yaml';
  const ending = extname(name).toLowerCase();
  return Object.hasOwn(LANGUAGES, ending) ? LANGUAGES[ending as keyof typeof LANGUAGES] : 'ini';
}

/** Gives the text of a file, or says why there is none. */
type ReadText = (file: string, path: string) => string;

/**
 * Reads what is no ini. `file` is absolute, `path` is how messages call it.
 *
 * Faults: those of `readText`, of parseStructured and of readModule.
 */
export async function readStructured(
  language: Exclude<Language, 'ini'>,
  file: string,
  path: string,
  readText: ReadText,
): Promise<Document> {
  // That of a module is read too: a file that is not there shall be missed in the same words.
  const text = readText(file, path);
  // Imported here: who has an ini need not wait for them.
  if (language === 'module') return await (await import('./read-module.ts')).readModule(file, path, text);
  return (await import('./parse.ts')).parseStructured(text, path, language);
}
