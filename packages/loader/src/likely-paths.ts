// likely-paths.ts: what somebody may have meant by `servr:main.port`, where no section is called so.

import { nearest } from '@appserve/core';
import { KINDS } from './kinds.ts';
import { sectionName } from './scope.ts';

/**
 * What may have been meant: the section that is spelt most like the beginning, wherever the key begins; else those which are called
 * so behind their colon (`main.debug`), or before it (`server.port`).
 */
export function likelyPaths(path: string, names: readonly string[]): string[] {
  const splits = [...path.matchAll(/\./g)].map(({ index }) => [path.slice(0, index), path.slice(index + 1) || 'KEY'] as const);
  const [before = path, key = 'KEY'] = splits[0] ?? [];
  for (const [written, rest] of splits.toReversed()) {
    const name = nearest(written, names);
    if (name !== undefined) return [`${name}.${rest}`];
  }
  const sections = names.flatMap((section) => {
    const parts = sectionName(section);
    return parts === undefined ? [] : [{ section, ...parts }];
  });
  const [behind, kind] = [
    nearest(
      before,
      sections.map(({ name }) => name),
    ),
    nearest(before, Object.keys(KINDS)),
  ];
  const called = sections.filter(({ name }) => name === behind);
  const ofKind = sections.filter(({ prefix }) => prefix === kind);
  return (called.length > 0 ? called : ofKind).map(({ section }) => `${section}.${key}`);
}
