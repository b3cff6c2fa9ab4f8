// syntax-error.ts: where a module cannot be parsed.
//
// The stack of a SyntaxError in an ES module does not say where it is, though Node knows; so another Node is asked.
//
// Law: nothing of the app runs for the sake of a better message. The modules are parsed, not linked and not evaluated.

import { spawnSync } from 'node:child_process';

/** The stack, with the place, the line and the caret before it where they can be found. */
export function locatedStack(url: string, error: SyntaxError): string {
  const stack = error.stack ?? String(error);
  // One that code threw while it ran (JSON.parse, new RegExp) has a frame that names it.
  if (!stack.startsWith('SyntaxError') || /\bfile:\/\//.test(stack)) return stack;
  const flags = ['--no-warnings', '--experimental-vm-modules', '--input-type=module'];
  const { stderr } = spawnSync(process.execPath, [...flags, '--eval', PARSER, url], { encoding: 'utf8', timeout: TIMEOUT_MS });
  const place = /^[^\n]+:[0-9]+\n(?:[^\n]*\n){2,4}?(?=\n?SyntaxError)/.exec(stderr)?.[0] ?? '';
  return `${place}${stack}`;
}

const TIMEOUT_MS = 5_000;

/** Parses the module and those that it imports by a path; the first that cannot be parsed ends it, and Node prints its place. */
const PARSER = `
import { readFileSync } from 'node:fs';
import { SourceTextModule } from 'node:vm';
const seen = new Set();
function parse(url) {
  if (seen.has(url) || !/[.]m?js$/.test(url)) return;
  seen.add(url);
  const module = new SourceTextModule(readFileSync(new URL(url), 'utf8'), { identifier: url });
  const specifiers = module.dependencySpecifiers ?? module.moduleRequests.map(({ specifier }) => specifier);
  for (const specifier of specifiers) if (/^[.]{0,2}[/]/.test(specifier)) parse(new URL(specifier, url).href);
}
parse(process.argv[1]);
`;
