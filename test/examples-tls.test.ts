// The example of TLS, as its README tells it: its shell commands are run, and say what stands below them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command } from './support/command.ts';
import { demand } from './support/programs.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder } from './support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };
const README = readFileSync(inRepository('examples/tls/README.md'), 'utf8');
const PORT = '8443';

/** What is run, and what it says where the README tells it. */
interface Step {
  readonly script: string;
  readonly says: string | undefined;
}

function stepsOf(markdown: string): Step[] {
  const steps = markdown.matchAll(/^```sh\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms);
  return Array.from(steps, ([, script, says]) => ({ script: script!, says }));
}

function run(script: string, cwd: string): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${script}\n${stderr}`);
  return stdout;
}

describe('examples/tls', TIMEOUT, () => {
  it('does what its README tells', async () => {
    for (const program of ['openssl', 'curl'] as const) demand(program);
    using folder = temporaryFolder();
    linkPackages(folder);
    const cwd = `${folder.path}/examples/tls`;
    for (const name of ['app.js', 'development.ini']) cpSync(inRepository(`examples/tls/${name}`), `${cwd}/${name}`);
    const [prepare, ...questions] = stepsOf(README);
    run(prepare!.script, folder.path);
    await using command = Command.appserve(['development.ini', 'https_port=0'], { cwd });
    const { port } = new URL(await command.url());
    assert.equal(questions.length, 4);
    for (const { script, says } of questions) assert.equal(run(script.replaceAll(PORT, port), cwd), says);
    assert.doesNotMatch(command.stderr, / (?:WARN|ERROR) /);
  });
});
