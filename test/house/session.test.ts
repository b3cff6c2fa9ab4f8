// The recorded session that the README shows: what it says of a mistake is what is said today, and its picture has all of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { DOMParser } from '@xmldom/xmldom';
import { Command } from '../support/command.ts';
import { folderOf } from '../support/guide.ts';
import { inRepository } from '../support/repository.ts';

const [, ...events] = readFileSync(inRepository('docs/images/session.cast'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as [number, 'i' | 'o', string]);
const shown = stripVTControlCharacters(
  events
    .filter(([, kind]) => kind === 'o')
    .map(([, , text]) => text)
    .join(''),
).replaceAll('\r', '');

const APP = 'export const main = () => ({ fetch: () => new Response() });\n';

/** What was shown between a command and the next prompt. */
function answerTo(command: string): string {
  const [, answer] = shown.split(`$ ${command}\n`);
  assert.ok(answer !== undefined, `${command} was typed`);
  return answer.split('\n$ ')[0]!;
}

describe('the recorded session', { timeout: 240_000 }, () => {
  it('says of a mistake what is said today', async () => {
    using folder = folderOf({
      'package.json': { type: 'module' },
      'development.ini': `${answerTo('cat development.ini')}\n`,
      'app.ts': APP,
    });
    await using command = Command.appserve(['check'], { cwd: folder.path });
    assert.equal((await command.ending()).code, 2);
    const answer = answerTo('appserve check');
    assert.match(command.stdout, /^development\.ini:8:1: /);
    assert.equal(answer.includes(command.stdout), true, `${command.stdout} in ${answer}`);
    assert.equal(command.stderr.split('\n').at(-2), answer.split('\n').at(-1));
  });

  it('is drawn line for line', () => {
    const document = new DOMParser().parseFromString(
      readFileSync(inRepository('docs/images/session.svg'), 'utf8'),
      'image/svg+xml',
    );
    const lines = new Map<string, string>();
    for (const text of document.getElementsByTagName('text')) {
      const row = text.getAttribute('y')!;
      lines.set(row, (lines.get(row) ?? '') + text.textContent);
    }
    assert.deepEqual(
      [...lines.values()],
      shown.split('\n').filter((line) => line !== ''),
    );
  });
});
