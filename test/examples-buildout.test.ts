// examples/buildout-plone-like, played as its README tells it: built, both instances started by their scripts from another folder, and
// asked through the nginx whose configuration was generated.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { freePort } from '../bench/free-port.ts';
import { answersOf, type Heard } from './support/answers-of.ts';
import { appserveBuild, everythingIn, textIn } from './support/building.ts';
import { APPSERVE, Command } from './support/command.ts';
import { absent, WITH_SBIN } from './support/programs.ts';
import { RawClient } from './support/raw-client.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from './support/temporary.ts';

const EXAMPLE = inRepository('examples/buildout-plone-like');
const README = readFileSync(`${EXAMPLE}/README.md`, 'utf8');

/** What is in the repository, and nothing that somebody has built there. */
const MADE = ['bin', 'parts', 'var', '.appserve-installed.json', '.appserve-build', 'local.cfg'];

function site(): TemporaryFolder {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  linkPackages(folder);
  cpSync(EXAMPLE, folder.path, { recursive: true, filter: (source) => !MADE.some((name) => source === `${EXAMPLE}/${name}`) });
  return folder;
}

function says(command: string): string {
  assert.ok(README.includes(`\n${command}\n`), `the README says ${command}`);
  return command;
}

/** Requests of the README, each with its answer. */
function scenes(): [request: string, response: string][] {
  const fences = README.matchAll(/^```http\n(.*?)\n```\n\n```response\n(.*?)\n```$/gms);
  return Array.from(fences, ([, request, response]) => [request!, response!]);
}

async function ask(port: number, request: string): Promise<Heard> {
  await using client = await RawClient.connect(port);
  await client.send(`${request}\r\nHost: example.test\r\nConnection: close\r\n\r\n`);
  const text = await client.until((received) => answersOf(received, ['GET'])[0]?.isWhole === true);
  return answersOf(text, ['GET'])[0]!;
}

describe('examples/buildout-plone-like', { timeout: 120_000 }, () => {
  it('is built once, and then is as it should be', async () => {
    using folder = site();
    says('npx appserve build');
    const first = await appserveBuild(folder);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const before = everythingIn(folder);
    assert.equal((await appserveBuild(folder)).stdout, 'everything is as it should be\n');
    assert.deepEqual(everythingIn(folder), before);
    const inis = ['instance1', 'instance2'].map((name) => textIn(folder, `parts/${name}/etc/wsgi.ini`));
    assert.match(inis[0]!, /^socket = 127.0.0.1:8081$/m);
    assert.match(inis[1]!, new RegExp(`^socket = unix:${folder.path}/var/instance2.sock$`, 'm'));
    says('SITE_STAGE=production npx appserve build --diff');
    const env = { SITE_STAGE: 'production' };
    // What comes from the environment is not printed.
    const { stdout } = await appserveBuild(folder, ['--diff'], { env });
    assert.match(stdout, /^would replace bin\/instance1$/m);
    assert.doesNotMatch(stdout, /SITE_STAGE=production/);
    says('SITE_STAGE=production npx appserve build');
    await appserveBuild(folder, [], { env });
    assert.match(textIn(folder, 'bin/instance2'), /^export SITE_STAGE=production$/m);
  });

  it('serves through nginx what its README shows', { skip: absent('nginx') }, async () => {
    using folder = site();
    const [one, front] = [await freePort(), await freePort()];
    const { code, stderr } = await appserveBuild(folder, [`ports:instance1=${one}`, `ports:nginx=${front}`]);
    assert.equal(code, 0, stderr);
    // From another folder, which the script does not mind.
    const start = (name: string): Command =>
      Command.program(`${folder.path}/${says(`bin/${name} &`).replace(' &', '')}`, [], { cwd: '/' });
    await using first = start('instance1');
    await using second = start('instance2');
    await Promise.all([first.url(), second.url()]);
    const [program = '', ...options] = says('nginx -p . -e stderr -c parts/nginx/nginx.conf').split(' ');
    const args = options.map((word) =>
      word === '.' ? folder.path : word.startsWith('parts/') ? `${folder.path}/${word}` : word,
    );
    await using nginx = Command.program(program, args, { cwd: '/', env: { PATH: WITH_SBIN.PATH } });
    await nginx.says(/start worker process \d+/);
    const seen = new Set<string>();
    assert.equal(scenes().length, 2);
    for (const [request, response] of scenes()) {
      const heard = await ask(front, request);
      const [head = '', body] = response.split('\n\n');
      const [status, ...fields] = head.split('\n');
      assert.equal(`HTTP/1.1 ${heard.status} ${heard.reason}`, status);
      assert.equal(heard.body.trimEnd(), body);
      const instance = heard.fields.get('x-instance')![0]!;
      seen.add(instance);
      // nginx decides with whom it begins, if it has several workers.
      for (const field of fields) {
        const [name = '', value = ''] = field.toLowerCase().split(': ');
        assert.equal(heard.fields.get(name)?.[0]?.toLowerCase(), value.replace(/instance\d/, instance));
      }
    }
    for (let request = 0; request < 20 && seen.size < 2; request += 1)
      seen.add((await ask(front, 'GET / HTTP/1.1')).fields.get('x-instance')![0]!);
    assert.deepEqual([...seen].toSorted(), ['instance1', 'instance2']);
    nginx.signal('SIGQUIT');
    for (const command of [first, second]) {
      command.signal('SIGTERM');
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
    }
    await nginx.ending();
  });

  it('tells a mistake of its template at its line', () => {
    using folder = site();
    symlinkSync(APPSERVE, `${folder.path}/appserve`);
    const { stderr, status } = spawnSync(process.execPath, ['appserve', 'build', 'instance:workers=many', 'parts=instance1'], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /^templates\/wsgi.ini.in:20:1: /m);
    assert.match(stderr, /^ {2}in the generated parts\/instance1\/etc\/wsgi.ini:21:1$/m);
  });
});
