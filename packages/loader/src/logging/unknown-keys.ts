// logging/unknown-keys.ts: keys of logging sections that nobody reads, and that are written much as one that is read.
//
// Law: a warning, not a mistake: fileConfig passes over what it does not know, and inis of others shall load.

import { nearest, type Warning } from '@appserve/core';
import type { Section } from '../ini/document.ts';
import type { Scope } from '../scope.ts';

/** By what a section is of; `channel`, `parent` and `stream` are of logging.conf as it once was. */
const KEYS = {
  logger: ['level', 'handlers', 'propagate', 'qualname', 'channel', 'parent'],
  handler: ['class', 'level', 'formatter', 'args', 'kwargs', 'stream', 'target'],
  formatter: ['format', 'datefmt', 'style', 'class', 'defaults', 'validate'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export function unknownLoggingKeys({ document: { sections } }: Scope): Warning[] {
  if (!sections.has('loggers')) return [];
  return [...sections.values()].flatMap((section) => {
    const kind = /^(logger|handler|formatter)_/.exec(section.name)?.[1] as keyof typeof KEYS | undefined;
    return kind === undefined ? [] : unknownIn(section, kind);
  });
}

function unknownIn({ name, at: sectionAt, values }: Section, kind: keyof typeof KEYS): Warning[] {
  const known: readonly string[] = KEYS[kind];
  return [...values].flatMap(([key, { at }]): Warning[] => {
    const like = known.includes(key.toLowerCase()) ? undefined : nearest(key, known);
    if (like === undefined) return [];
    const message = `${key} means nothing in the section of a ${kind}; did you mean ${like}?`;
    return [{ code: 'LOGGING_KEY_UNKNOWN', key, message, at, askedBy: [`[${name}] ${sectionAt.file}:${sectionAt.line}`] }];
  });
}
