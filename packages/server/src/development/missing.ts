// development/missing.ts: an import that leads to no file: which files, if they came, would mend it.

import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENDINGS = ['', '.js', '.ts', '.mjs', '.mts', '.cjs', '.cts', '.jsx', '.tsx', '.json', '/index.js', '/index.ts'];
const MADE_FROM: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.jsx': ['.tsx'],
};

/** `parent`: the path or the URL of who asks. None for a name of a package. */
export function wouldMend(specifier: string, parent: string | undefined): readonly string[] {
  const path = pathOf(specifier.replace(/(?<=.)[?#].*$/s, ''), parent);
  if (path === undefined) return [];
  const [ending = ''] = /\.[cm]?jsx?$/.exec(path) ?? [];
  if (ending === '') return ENDINGS.map((one) => path + one);
  return [path, ...(MADE_FROM[ending] ?? []).map((one) => path.slice(0, -ending.length) + one)];
}

function pathOf(specifier: string, parent: string | undefined): string | undefined {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  if (specifier.startsWith('/')) return specifier;
  if (parent === undefined || !/^\.{1,2}(?:\/|$)/.test(specifier)) return undefined;
  return resolve(dirname(parent.startsWith('file:') ? fileURLToPath(parent) : parent), specifier);
}
