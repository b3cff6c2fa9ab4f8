// markdown.ts: what links in a page lead to, and where links may lead in one.

import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { inRepository } from './repository.ts';

export interface Link {
  /** As it is written. */
  readonly written: string;
  /** A path in the repository. */
  readonly path: string;
  readonly anchor: string | undefined;
}

export function textOf(page: string): string {
  return readFileSync(inRepository(page), 'utf8');
}

/** Code holds no links and no headings. */
export function proseOf(page: string): string {
  return textOf(page).replaceAll(/^(`{3,}).*\n[^]*?^\1$/gm, '');
}

/** Those that do not leave the repository. */
export function linksOf(page: string): Link[] {
  const prose = proseOf(page).replaceAll(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));
  return Array.from(prose.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g), ([, path = '', anchor]) => ({
    written: `${path}${anchor === undefined ? '' : `#${anchor}`}`,
    path: path === '' ? page : normalize(join(dirname(page), path)),
    anchor,
  }));
}

/** As GitHub makes them of headings: lower case, no punctuation, a dash for each blank; a number where one comes again. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}
