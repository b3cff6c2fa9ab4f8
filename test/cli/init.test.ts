// What `appserve init` makes works as its README says: the commands of the README are played in the project, with our packages as they
// would be published.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { COMMANDS } from 'appserve';
import { Command } from '../support/command.ts';
import { copiedCli } from '../support/copied-cli.ts';
import { installPacked, packed, type Packed } from '../support/packed.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TEMPLATES = COMMANDS['init']!.operands.find(({ name }) => name === 'TEMPLATE')!.offers!;
const LIFETIME_MS = 230_000;

interface Scene {
  readonly command: string;
  readonly output: string;
}

function scenesOf(readme: string): Scene[] {
  const fences = Array.from(readme.matchAll(/^```console\n(.*?)^```$/gms), ([, text]) => text!);
  return fences.flatMap((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((scene) => ({ command: scene.slice(0, scene.indexOf('\n')), output: scene.slice(scene.indexOf('\n') + 1) })),
  );
}

async function made(template: string, folder: TemporaryFolder): Promise<string> {
  await using init = Command.appserve(['init', template, 'My Shop'], { cwd: folder.path });
  assert.deepEqual(await init.ending(), { code: 0, signal: null }, init.stderr);
  return join(folder.path, 'My Shop');
}

describe('appserve init', { timeout: 600_000 }, () => {
  let workspace: Packed;
  before(() => {
    workspace = packed();
  });
  after(() => workspace[Symbol.dispose]());

  for (const template of TEMPLATES) {
    it(`${template} makes a project that does what its README says`, async () => {
      using folder = temporaryFolder();
      const project = await made(template, folder);
      const env = { PATH: `${join(project, 'node_modules/.bin')}:${process.env['PATH']}`, NO_COLOR: '1' };
      // A port that nobody has.
      const ini = join(project, 'development.ini');
      writeFileSync(ini, readFileSync(ini, 'utf8').replace('http_port = 8080', 'http_port = 0'));
      let served: Command | undefined;
      const asked: string[] = [];
      const played = async (program: string, args: readonly string[]): Promise<string> => {
        await using command = Command.program(program, args, { cwd: project, env, lifetimeMs: LIFETIME_MS });
        assert.deepEqual(
          await command.ending(),
          { code: 0, signal: null },
          `${program} ${args.join(' ')}\n${command.stdout}${command.stderr}`,
        );
        return command.stdout;
      };
      const start = async (): Promise<string> => {
        const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: { start: string } };
        const [program = '', ...args] = scripts.start.split(' ');
        served = Command.program(program, args, { cwd: project, env, lifetimeMs: LIFETIME_MS });
        await served.url();
        return '';
      };
      try {
        for (const { command, output } of scenesOf(readFileSync(join(project, 'README.md'), 'utf8'))) {
          asked.push(command);
          const [program = '', ...args] = command.split(' ');
          if (command === 'npm install') installPacked(workspace, project);
          else if (command === 'npm start') await start();
          else if (program === 'curl') {
            const { pathname } = new URL(args[0]!);
            assert.equal((await served!.get(pathname))?.body, output);
          } else if (program === 'npm') await played('npm', args);
          else {
            const said = await played(args[0]!, args.slice(1));
            if (output !== '') assert.equal(said, output);
            assert.notEqual(said, '');
          }
        }
      } finally {
        await served?.[Symbol.asyncDispose]();
      }
      assert.deepEqual([asked.length, asked.includes('npm test'), asked.includes('npm run check')], [9, true, true]);
    });
  }

  it('names the project after its folder', async () => {
    using folder = temporaryFolder();
    const project = await made('gateway', folder);
    assert.equal((JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { name: string }).name, 'my-shop');
  });

  it('overwrites nothing, and then makes nothing', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'src'));
    writeFileSync(join(folder.path, 'src/app.ts'), 'mine');
    writeFileSync(join(folder.path, 'README.md'), 'mine too');
    await using init = Command.appserve(['init'], { cwd: folder.path });
    assert.deepEqual(await init.ending(), { code: 2, signal: null });
    assert.match(init.stderr, /README\.md, src\/app\.ts would be overwritten; nothing was made|src\/app\.ts, README\.md would/);
    assert.deepEqual(
      new Set(readdirSync(folder.path, { recursive: true, encoding: 'utf8' })),
      new Set(['README.md', 'src', 'src/app.ts']),
    );
  });

  it('goes beside what is there already', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'LICENSE'), 'mine');
    await using init = Command.appserve(['init', 'fetch'], { cwd: folder.path });
    assert.deepEqual(await init.ending(), { code: 0, signal: null }, init.stderr);
    assert.ok(readdirSync(folder.path).includes('development.ini'));
  });

  it('says how its packages get into the project: those of a clone, or what npm has', async () => {
    using folder = temporaryFolder();
    await using fromClone = Command.appserve(['init', 'fetch', 'one'], { cwd: folder.path });
    assert.deepEqual(await fromClone.ending(), { code: 0, signal: null }, fromClone.stderr);
    const [, steps = ''] = fromClone.stdout.split('\nNext, with the packages of this clone\n');
    const [cd, pack = '', install, start] = steps.split('\n').map((line) => line.trim());
    assert.deepEqual([cd, install, start], ['cd one', 'npm install ./*.tgz', 'npm start']);
    const project = join(folder.path, 'one');
    const known = readdirSync(project);
    await using npm = Command.program('sh', ['-c', `${pack} --silent`], { cwd: project, lifetimeMs: LIFETIME_MS });
    assert.deepEqual(await npm.ending(), { code: 0, signal: null }, npm.stderr);
    const packs = readdirSync(project).filter((name) => !known.includes(name));
    assert.equal(packs.length, workspace.tarballs.size);
    assert.ok(
      packs.every((name) => /^appserve-.*\.tgz$/.test(name)),
      packs.join(),
    );

    await using installed = Command.node([copiedCli(folder), 'init', 'fetch', 'two'], { cwd: folder.path });
    assert.deepEqual(await installed.ending(), { code: 0, signal: null }, installed.stderr);
    assert.match(installed.stdout, /\nNext\n {2}cd two\n {2}npm install\n {2}npm start\n$/);
  });

  it('says which templates there are', async () => {
    await using init = Command.appserve(['init', 'expres']);
    assert.deepEqual(await init.ending(), { code: 2, signal: null });
    assert.match(
      init.stderr,
      /^appserve: expres: TEMPLATE is one of gateway, fetch, express, pyramid, buildout; did you mean express\?\n/,
    );
  });

  it('makes the one with generated inis by a flag too, which goes with no other', async () => {
    using folder = temporaryFolder();
    await using init = Command.appserve(['init', '--buildout'], { cwd: folder.path });
    assert.deepEqual(await init.ending(), { code: 0, signal: null }, init.stderr);
    assert.ok(readdirSync(folder.path).includes('buildout.cfg'));
    await using there = Command.appserve(['init', 'shop', '--buildout'], { cwd: folder.path });
    assert.deepEqual(await there.ending(), { code: 0, signal: null }, there.stderr);
    assert.ok(readdirSync(join(folder.path, 'shop')).includes('buildout.cfg'));
    await using other = Command.appserve(['init', 'fetch', 'shop', '--buildout'], { cwd: folder.path });
    assert.deepEqual(await other.ending(), { code: 2, signal: null });
    assert.match(other.stderr, /^appserve: --buildout: is the template buildout, and fetch is another one$/m);
  });

  it('says where nothing can be made', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    await using init = Command.appserve(['init', 'fetch', 'file/shop'], { cwd: folder.path });
    assert.deepEqual(await init.ending(), { code: 2, signal: null });
    assert.match(init.stderr, /^appserve: \S+file\/shop\/\S+: cannot be written: ENOTDIR/);
  });

  it('says it also where the system knows the folder and makes nothing in it', async () => {
    await using init = Command.appserve(['init', 'fetch', '/proc/shop']);
    assert.deepEqual(await init.ending(), { code: 2, signal: null });
    assert.match(init.stderr, /^appserve: \/proc\/shop\/\S+: cannot be written: ENOENT/);
  });
});
