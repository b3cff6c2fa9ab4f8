// Completion, in the shells themselves: what they offer for what has been typed.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { absent } from '../support/programs.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };

/** What is typed, and what the shell offers. */
const TYPED: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['appserve chec', ['check']],
  ['appserve graph --form', ['--format']],
  ['appserve check --no-imp', ['--no-import']],
  ['appserve --no-im', []],
  ['appserve check --format s', ['sarif']],
  ['appserve --worker-c', ['--worker-class']],
  ['appserve --worker-class p', ['process']],
  ['appserve -n other --dispatch b', ['balanced']],
  ['appserve init exp', ['express']],
  ['appserve completion z', ['zsh']],
  ['appserve ./devel', ['./development.ini']],
];

async function scriptIn(folder: TemporaryFolder, shell: string): Promise<void> {
  await using command = Command.appserve(['completion', shell]);
  assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
  writeFileSync(join(folder.path, 'appserve.complete'), command.stdout);
  writeFileSync(join(folder.path, 'development.ini'), '');
}

function run(program: string, args: readonly string[], folder: TemporaryFolder): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder.path, encoding: 'utf8', timeout: PATIENCE_MS });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('appserve completion', TIMEOUT, () => {
  it('bash', async () => {
    using folder = temporaryFolder();
    await scriptIn(folder, 'bash');
    const ask = `source ./appserve.complete; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _appserve; printf '%s\\n' "\${COMPREPLY[@]}"`;
    for (const [line, offered] of TYPED)
      assert.deepEqual(run('bash', ['-c', ask, 'bash', ...line.split(' ')], folder), offered, line);
    // The folder of a project comes behind its template.
    assert.deepEqual(run('bash', ['-c', ask, 'bash', 'appserve', 'init', ''], folder), [
      'gateway',
      'fetch',
      'express',
      'pyramid',
      'buildout',
    ]);
    assert.deepEqual(run('bash', ['-c', ask, 'bash', 'appserve', 'init', 'fetch', 'dev'], folder), ['development.ini']);
    // Which bash cuts into three words.
    assert.deepEqual(run('bash', ['-c', ask, 'bash', 'appserve', '--dispatch', '=', 'b'], folder), ['balanced']);
    const registered = run('bash', ['-c', 'source ./appserve.complete; complete -p appserve'], folder);
    assert.match(registered.join(), /-F _appserve appserve$/);
  });

  it('fish', { skip: absent('fish') }, async () => {
    using folder = temporaryFolder();
    await scriptIn(folder, 'fish');
    for (const [line, offered] of TYPED) {
      const lines = run('fish', ['--no-config', '-c', 'source appserve.complete; complete -C $argv[1]', line], folder);
      const words = lines.map((one) => one.split('\t')[0]!);
      assert.deepEqual(words, offered, line);
    }
  });

  // zsh completes at a terminal only.
  it('zsh', { skip: absent('zsh') || absent('script') }, async () => {
    using folder = temporaryFolder();
    await scriptIn(folder, 'zsh');
    for (const [line, offered] of TYPED.filter(([, words]) => words.length === 1))
      await completesInZsh(folder, line, offered[0]!);
  });
});

/** The rest of the word appears behind it. */
async function completesInZsh(folder: TemporaryFolder, line: string, whole: string): Promise<void> {
  const env = { ...process.env, TERM: 'dumb', PS1: '> ' };
  const zsh = spawn('script', ['-qec', 'zsh -f -i', '/dev/null'], { cwd: folder.path, env, timeout: PATIENCE_MS });
  const ended = once(zsh, 'close');
  try {
    let shown = '';
    const says = async (text: string): Promise<void> => {
      for await (const bytes of zsh.stdout.iterator({ destroyOnReturn: false })) {
        shown += String(bytes);
        if (shown.includes(text)) return;
      }
      assert.fail(`${line}: zsh ended, and showed ${JSON.stringify(shown)}`);
    };
    zsh.stdin.write('autoload -Uz compinit && compinit -D -u && source ./appserve.complete && echo set-$((40 + 2))\n');
    await says('set-42');
    zsh.stdin.write(`${line}\t`);
    const typed = line.split(' ').at(-1)!;
    await says(`${line}${whole.slice(typed.length)}`);
  } finally {
    zsh.stdin.end('\x03exit\n');
    zsh.kill('SIGKILL');
    await ended;
  }
}
