// The guide to the command line: every command on the page is played, and says what stands below it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { COMMANDS } from 'appserve';
import { Command } from '../support/command.ts';
import { copiedCli } from '../support/copied-cli.ts';
import { folderOf, READERS_FOLDER, readGuide, scenesOf, type Chapter, type Scene } from '../support/guide.ts';
import { inRepository } from '../support/repository.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import { withoutProgress } from '../support/without-progress.ts';

const PAGE = 'docs/guide/cli.md';
const { chapters } = readGuide(PAGE);

interface Typed {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** `NAME=value npx appserve ...`, with single quotes if need be. */
function typed(command: string): Typed {
  const words = Array.from(command.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '');
  const at = words.indexOf('npx');
  assert.deepEqual(words.slice(at, at + 2), ['npx', 'appserve'], command);
  return {
    env: Object.fromEntries(words.slice(0, at).map((word) => word.split('=') as [string, string])),
    args: words.slice(at + 2),
  };
}

/** As the reader's machine would say it. */
function normal(output: string, folder: TemporaryFolder): string {
  return withoutProgress(output)
    .replaceAll(folder.path, READERS_FOLDER)
    .replaceAll(/pid \d+/g, 'pid 4711')
    .replaceAll(/ready in \d+ ms/g, 'ready in 110 ms');
}

/** Ports of the page may be in use here: a free one is taken, and shown as the page has it. */
function onFreePort(args: readonly string[]): readonly string[] {
  const free = args.map((word, nth) => (/^80\d\d$/.test(word) && nth > 0 ? '0' : word));
  return free.includes('0') ? free : [...free, 'http_port=0'];
}

async function serves({ command, output }: Scene, folder: TemporaryFolder): Promise<void> {
  const { env, args } = typed(command);
  await using server = Command.appserve(onFreePort(args), { cwd: folder.path, env });
  const url = await server.url();
  const [, shown] = /^ {2}(http\S+)$/m.exec(output) ?? [];
  assert.equal(normal(server.stderr, folder).replace(url, shown!), output);
  server.signal('SIGTERM');
  assert.deepEqual(await server.ending(), { code: 0, signal: null });
}

async function says({ command, output }: Scene, code: number, folder: TemporaryFolder): Promise<void> {
  const { env, args } = typed(command);
  const options = { cwd: folder.path, env };
  using installed = temporaryFolder();
  // From a clone it would tell how to install what is in that.
  await using played =
    args[0] === 'init' ? Command.node([copiedCli(installed), ...args], options) : Command.appserve(args, options);
  assert.deepEqual(await played.ending(), { code, signal: null }, played.stderr);
  const said = normal(`${played.stdout}${played.stderr}`, folder);
  if (!/^\.\.\.$/m.test(output)) assert.equal(said, output);
  else assertParts(said, output.split(/^\.\.\.\n/m));
}

/** `...` in a line of its own stands for lines that the page leaves out. */
function assertParts(said: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const at = said.indexOf(part, from);
    assert.ok(at !== -1 && (from > 0 || parts[0] === '' || at === 0), `${said}\ndoes not have\n${part}`);
    from = at + part.length;
  }
}

function scenesWithCodes(chapter: Chapter): (Scene & { readonly code: number })[] {
  return chapter.fences.flatMap((fence) => {
    const code = Number(/^exits ([0-9])$/.exec(fence.info)?.[1] ?? 0);
    return scenesOf({ ...chapter, fences: [fence] }).map((scene) => ({ ...scene, code }));
  });
}

describe('the guide to the command line', { concurrency: 2, timeout: 240_000 }, () => {
  for (const chapter of chapters) {
    for (const scene of scenesWithCodes(chapter)) {
      it(`${chapter.title}: ${scene.command}`, async () => {
        using folder = folderOf({ 'package.json': { type: 'module' }, ...chapter.files });
        await (scene.output.includes('; ready in ') ? serves(scene, folder) : says(scene, scene.code, folder));
      });
    }
  }

  it('has every command', () => {
    const text = readFileSync(inRepository(PAGE), 'utf8');
    const missing = Object.keys(COMMANDS).filter((name) => name !== 'serve' && !text.includes(`appserve ${name}`));
    assert.deepEqual(missing, []);
  });
});
