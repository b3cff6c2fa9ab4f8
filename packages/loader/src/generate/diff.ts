// generate/diff.ts: what would change in a file, as `diff -u` says it. No line that has a secret in it is shown.

import { createTwoFilesPatch } from 'diff';
import type { Change } from './changes.ts';

/** `shown`: how messages call the file. */
export function diffOf(change: Change, shown: string): string {
  if ('isSecret' in change && change.isSecret)
    return `--- ${shown}\n+++ ${shown}\n(it has a value of the environment in it, and is not shown)\n`;
  const [from, to] = [change.type === 'make' ? '/dev/null' : shown, change.type === 'remove' ? '/dev/null' : shown];
  const text = change.type === 'remove' ? '' : change.text;
  return createTwoFilesPatch(from, to, change.before, text).replace(/^=+\n/, '');
}
