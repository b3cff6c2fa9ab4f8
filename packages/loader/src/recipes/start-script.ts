// recipes/start-script.ts: bin/NAME: serves the ini of an instance, from wherever one stands. Further arguments are appserve's own.

import { headerOf, linesFrom, type GeneratedFile } from '../generate/generated.ts';
import type { Part } from './part.ts';
import { inShell } from './quoting.ts';

/** Faults: PART_OPTION for a line of environment-vars that is none. */
export function startScript(part: Part, path: string, ini: string): GeneratedFile {
  const { made, isSecret } = part.marked(() => textOf(part, ini));
  return { path, lines: linesFrom(made, part.at), isSecret, mode: isSecret ? 0o700 : 0o755 };
}

function textOf(part: Part, ini: string): string {
  const variables = part.lines('environment-vars').map(({ text, at }) => {
    const [, name, value] = /^([A-Za-z_]\w*)(?:\s*=\s*|\s+)(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) part.refuse('environment-vars', `${text} is not NAME value`, at);
    return `export ${name}=${inShell(value)}`;
  });
  return [
    '#!/bin/sh',
    headerOf([part.source]),
    ...variables,
    // What Zope's script wants to hear; here a server runs in the foreground, and somebody else keeps it.
    'case "$1" in fg | console) shift ;; esac',
    `exec ${[part.buildout('executable'), part.buildout('appserve'), ini].map(inShell).join(' ')} "$@"`,
    '',
  ].join('\n');
}
