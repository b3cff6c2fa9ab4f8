// read-config.ts: the one room that reads files: configurations, and what `%(file:...)s` names.

import { readFileSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { Fault, nearest, tellRead } from '@appserve/core';
import { parseDocument, type Document } from './ini/document.ts';
import { namesIn } from './files.ts';
import { originsOf } from './generate/origin.ts';
import type { Outside } from './ini/interpolate.ts';
import { languageOf, readStructured } from './structured/read.ts';

/**
 * An ini at once; what is no ini, as a promise. `shown` is how messages call the file.
 *
 * Faults: CONFIG_MISSING, CONFIG_UNREADABLE, those of the ini dialect and of readStructured.
 */
export function readDocument(file: string, shown: string): Document | Promise<Document> {
  const language = languageOf(file);
  if (language !== 'ini') return readStructured(language, file, shown, textOf);
  const text = textOf(file, shown);
  return parseDocument(text, shown, originsOf(text, file, shown));
}

/** Faults: CONFIG_MISSING, CONFIG_UNREADABLE. */
export function textOf(file: string, shown: string): string {
  const read = readText(file);
  if ('text' in read) return read.text;
  if (read.isMissing) throw new Fault('CONFIG_MISSING', { path: shown, nearest: likeOne(file) });
  const { why, cause, badBytes } = read;
  if (badBytes === undefined) throw new Fault('CONFIG_UNREADABLE', { path: shown, why }, { cause });
  const encoding = /^(?:\xff\xfe|\xfe\xff)/.test(Buffer.from(badBytes).toString('latin1', 0, 2)) ? 'utf-16' : 'latin1';
  const hint = `write it anew: iconv -f ${encoding} -t utf-8 ${basename(shown)}, if it is ${encoding}`;
  throw new Fault('CONFIG_UNREADABLE', { path: shown, why, hint }, { at: { file: shown, ...firstBad(badBytes) }, cause });
}

/** The file that may be meant instead: of the same kind, and alike without its ending, which would make short names alike. */
function likeOne(file: string): string | undefined {
  const ending = extname(file);
  const stems = namesIn(dirname(file)).flatMap((name) => (extname(name) === ending ? [basename(name, ending)] : []));
  const like = nearest(basename(file, ending), stems);
  return like && like + ending;
}

const SECRET_BYTES_MAX = 2 ** 20;

/** What the inis of a folder can ask for. */
export function outsideOf(folder: string): Outside {
  return {
    environment: process.env,
    readFile: (path) => {
      const read = readText(resolve(folder, path));
      if ('text' in read && Buffer.byteLength(read.text) > SECRET_BYTES_MAX) return { why: 'it is larger than 1 MiB' };
      return read;
    },
  };
}

type Read =
  | { readonly text: string }
  | { readonly why: string; readonly isMissing: boolean; readonly cause: unknown; readonly badBytes?: Uint8Array };

/** Where bytes stop to be UTF-8. */
function firstBad(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const encoded = Buffer.from(text);
  // What is no UTF-8 has become a sign of its own, which is encoded in another way.
  const differs = bytes.findIndex((byte, index) => byte !== encoded[index]);
  const before = Buffer.from(bytes.subarray(0, differs === -1 ? bytes.length : differs)).toString();
  const lines = before.split('\n');
  return { line: lines.length, column: lines.at(-1)!.replace(/\ufffd$/, '').length + 1 };
}

/** At once, not as a promise: a plan asks in the middle of a sentence, and nothing else runs while it is made. */
function readText(file: string): Read {
  tellRead(file);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    return { why: REASONS[code] ?? message, isMissing: code === 'ENOENT' || code === 'ENOTDIR', cause };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (cause) {
    return { why: 'it is not UTF-8', isMissing: false, cause, badBytes: bytes };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};
