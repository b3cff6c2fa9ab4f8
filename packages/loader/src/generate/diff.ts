// generate/diff.ts: what would change in a file, as `diff -u` says it. Nothing is shown of a file that has a secret in it, or had one.

import { createTwoFilesPatch } from 'diff';
import type { Change } from './changes.ts';
import { octal } from './mode.ts';

/** `shown`: how messages call the file. */
export function diffOf(change: Change, shown: string): string {
  if (change.isSecret) return `--- ${shown}\n+++ ${shown}\n(it has a value of the environment in it, and is not shown)\n`;
  const [from, to] = [change.type === 'make' ? '/dev/null' : shown, change.type === 'remove' ? '/dev/null' : shown];
  const text = change.type === 'remove' ? '' : change.text;
  const patch = createTwoFilesPatch(from, to, change.before, text).replace(/^=+\n/, '');
  return `${modesOf(change)}${patch}`;
}

/** As git says it. */
function modesOf(change: Change): string {
  if (change.type === 'remove' || change.modeBefore === undefined || change.modeBefore === change.mode) return '';
  return `old mode ${octal(change.modeBefore)}\nnew mode ${octal(change.mode)}\n`;
}
