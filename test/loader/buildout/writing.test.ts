// How a build writes: what has changed and nothing else, all of it or none; and what it does not take away from people.

import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { formatPlace } from '@appserve/core';
import { loadServer } from '@appserve/loader';
import { diffOf } from '@appserve/loader/generate';
import { appserveBuild, built, everythingIn, isThere, siteWith, textIn } from '../../support/building.ts';
import { Command } from '../../support/command.ts';
import { faultOf, faultsOf } from '../../support/faults.ts';
import type { TemporaryFolder } from '../../support/temporary.ts';

const PARTS = [
  '[one]',
  'recipe = @appserve/loader#instance',
  'app = ./app.js',
  // Reading is enough here: what is tried is writing.
  'check = parse',
  'http-address = 8081',
  '[two]',
  '<= one',
  'http-address = 8082',
  '[notes]',
  'recipe = @appserve/loader#template',
  'output = var/notes.txt',
  'inline = of ${one:http-address}',
];
const SITE = ['[buildout]', 'parts = one two notes', ...PARTS];

function rewrite({ path }: TemporaryFolder, lines: readonly string[]): void {
  writeFileSync(`${path}/buildout.cfg`, `${lines.join('\n')}\n`);
}

describe('a build', () => {
  it('changes nothing where nothing has changed', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    const before = everythingIn(folder);
    const { changes } = await built(folder);
    assert.deepEqual([changes.files, changes.newFolders], [[], []]);
    assert.deepEqual(everythingIn(folder), before);
  });

  it('changes nothing but what has changed, and keeps permissions', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    chmodSync(`${folder.path}/parts/two/etc/wsgi.ini`, 0o640);
    const before = everythingIn(folder);
    rewrite(
      folder,
      SITE.map((line) => (line === 'http-address = 8082' ? 'http-address = 8092' : line)),
    );
    await built(folder);
    const after = everythingIn(folder);
    const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
    assert.deepEqual(changed, [
      '.appserve-installed.json',
      'buildout.cfg',
      'parts/two/etc/wsgi.ini',
      'parts/two/etc/wsgi.ini.map',
    ]);
    assert.match(after['parts/two/etc/wsgi.ini']!, /^100640 .*8092/s);
  });

  it('gives a file other permissions when others are asked for', async () => {
    using folder = siteWith([...SITE, 'mode = 0640']);
    const mode = (): string => (statSync(`${folder.path}/var/notes.txt`).mode & 0o777).toString(8);
    await built(folder);
    assert.equal(mode(), '640');
    const { changes, shownPath } = await built(folder, { given: { 'notes:mode': '0600' } });
    assert.equal(mode(), '600');
    assert.match(diffOf(changes.files[0]!, shownPath(changes.files[0]!.path)), /^old mode 0640\nnew mode 0600\n/);
    chmodSync(`${folder.path}/var/notes.txt`, 0o444);
    await built(folder, { given: { 'notes:mode': '0600', 'notes:inline': 'new' } });
    assert.equal(mode(), '444', 'what a person has done stays');
  });

  it('makes a script run again that has lost its x', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    chmodSync(`${folder.path}/bin/one`, 0o640);
    await built(folder);
    assert.equal(statSync(`${folder.path}/bin/one`).mode & 0o777, 0o750);
  });

  it('makes the same wherever it is started, and whatever is written above', async () => {
    using folder = siteWith(SITE);
    await appserveBuild(folder);
    const { stdout } = await appserveBuild(folder, [`${folder.path}/buildout.cfg`], { cwd: '/' });
    assert.equal(stdout, 'everything is as it should be\n');
    rewrite(folder, ['# a comment', ...SITE]);
    assert.equal((await appserveBuild(folder)).stdout, 'everything is as it should be\n');
  });

  it('removes what a part has made that is no more, with the folders that are empty', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    mkdirSync(`${folder.path}/parts/two/data`);
    rewrite(folder, ['[buildout]', 'parts = one', ...PARTS]);
    await built(folder);
    assert.deepEqual([isThere(folder, 'bin/one'), isThere(folder, 'bin/two'), isThere(folder, 'var')], [true, false, false]);
    assert.deepEqual(readdirSync(`${folder.path}/parts/two`), ['data']);
    rewrite(folder, ['[buildout]', 'parts =']);
    await built(folder);
    assert.deepEqual([isThere(folder, 'bin'), isThere(folder, 'parts/one')], [false, false]);
  });

  it('keeps folders that were there before', async () => {
    using folder = siteWith(SITE, { 'bin/mine': '#!/bin/sh\n' });
    rmSync(`${folder.path}/bin/mine`);
    await built(folder);
    rewrite(folder, ['[buildout]', 'parts =']);
    await built(folder);
    assert.deepEqual(readdirSync(`${folder.path}/bin`), []);
  });

  it('of single parts leaves the others alone', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    rewrite(folder, ['[buildout]', 'parts = one', ...PARTS.map((line) => line.replace('808', '809'))]);
    await built(folder, { parts: ['two'] });
    assert.match(textIn(folder, 'parts/two/etc/wsgi.ini'), /8092/);
    assert.match(textIn(folder, 'parts/one/etc/wsgi.ini'), /8081/);
    assert.equal(textIn(folder, 'var/notes.txt'), 'of 8081\n');
  });

  it('takes each value of the command line, in their order', async () => {
    using folder = siteWith(['[buildout]', 'parts =', ...PARTS]);
    assert.equal((await appserveBuild(folder, ['parts+=one', 'parts+=notes', 'one:server.a=1', 'parts+=two'])).code, 0);
    assert.deepEqual(
      ['bin/one', 'bin/two', 'var/notes.txt'].map((file) => isThere(folder, file)),
      [true, true, true],
    );
  });

  it('tells a mistake of the command line there', async () => {
    using folder = siteWith(SITE);
    const value = await appserveBuild(folder, ['two:check=many']);
    assert.match(value.stderr, /^the command line:1:1: check: many is neither load nor parse\n {2}1 \| two:check=many$/m);
    const name = await appserveBuild(folder, ['nosuch']);
    assert.match(name.stderr, /^the command line:1:1: there is no section \[nosuch\]\n {2}1 \| nosuch$/m);
    const { stdout } = await appserveBuild(folder, ['--annotate', 'one:check=load', 'one']);
    assert.match(stdout, /^ {4}# the command line {2}= load$/m);
  });

  it('takes values of the command line', async () => {
    using folder = siteWith(SITE);
    const { code } = await appserveBuild(folder, ['one:http-address=9000', 'parts-=notes', 'parts=one']);
    assert.equal(code, 0);
    assert.match(textIn(folder, 'parts/one/etc/wsgi.ini'), /9000/);
    assert.ok(!isThere(folder, 'bin/two'));
  });
});

describe('a file of somebody else', () => {
  it('is not written over, but by force', async () => {
    using folder = siteWith(SITE, { 'bin/one': 'mine\n', 'var/notes.txt': 'mine too\n' });
    const before = everythingIn(folder);
    const faults = await faultsOf(built(folder));
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['FILE_NOT_OURS', 'FILE_NOT_OURS'],
    );
    assert.deepEqual(everythingIn(folder), before);
    await built(folder, { isForced: true });
    assert.match(textIn(folder, 'bin/one'), /^#!\/bin\/sh/);
  });

  it('is one that was changed since it was made', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    writeFileSync(`${folder.path}/parts/one/etc/wsgi.ini`, `${textIn(folder, 'parts/one/etc/wsgi.ini')}# mine\n`);
    assert.equal((await faultOf(built(folder))).code, 'FILE_EDITED');
    rewrite(folder, ['[buildout]', 'parts = two', ...PARTS]);
    assert.equal((await faultOf(built(folder))).code, 'FILE_EDITED');
    await built(folder, { isForced: true });
    assert.ok(!isThere(folder, 'parts/one/etc/wsgi.ini'));
  });

  it('is shown with what would become of it, and stays', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    writeFileSync(`${folder.path}/bin/one`, `${textIn(folder, 'bin/one')}# mine\n`);
    const { code, stdout, stderr } = await appserveBuild(folder, ['--diff']);
    assert.equal(code, 2);
    assert.match(stderr, /^appserve: bin\/one was changed since it was generated$/m);
    assert.match(stdout, /^--- bin\/one\n\+\+\+ bin\/one\n(?:.*\n)+-# mine$/m);
    assert.match(textIn(folder, 'bin/one'), /# mine$/m);
  });

  it('is none that says that it was generated, where it is not remembered any more', async () => {
    using folder = siteWith(['[buildout]', 'parts = one', ...PARTS]);
    await built(folder);
    rmSync(`${folder.path}/.appserve-installed.json`);
    await built(folder, { given: { 'one:http-address': '8088' } });
    assert.match(textIn(folder, 'parts/one/etc/wsgi.ini'), /8088/);
  });

  it('is one that may have been changed, where it is not remembered any more', async () => {
    using folder = siteWith(['[buildout]', 'parts = one', ...PARTS]);
    await built(folder);
    rmSync(`${folder.path}/.appserve-installed.json`);
    for (const file of ['bin/one', 'parts/one/etc/wsgi.ini'])
      writeFileSync(`${folder.path}/${file}`, `${textIn(folder, file)}# mine\n`);
    const faults = await faultsOf(built(folder));
    assert.deepEqual(
      faults.map(({ code, message }) => [code, message.endsWith('whether it was changed since it was generated')]),
      [
        ['FILE_NOT_OURS', true],
        ['FILE_NOT_OURS', true],
      ],
    );
    assert.match(textIn(folder, 'bin/one'), /# mine$/m);
  });

  it('is one that two parts would write', async () => {
    using folder = siteWith([...SITE, '[three]', '<= one', 'control-script = two']);
    const fault = await faultOf(built(folder, { parts: ['two', 'three'] }));
    assert.match(fault.message, /bin\/two is written by \[two\] and \[three\]$/);
  });
});

const withFolders = (parts: string): string[] => [
  '[buildout]',
  `parts = ${parts}`,
  '[a]',
  'recipe = @appserve/loader#mkdir',
  'paths =',
  '    a/b',
  '    c/d',
];

describe('a look at what would go', () => {
  it('names folders, which are a reason for --check, but none in which something else is', async () => {
    using folder = siteWith(withFolders('a'));
    await built(folder);
    rewrite(folder, withFolders(''));
    writeFileSync(`${folder.path}/c/mine`, '');
    const look = await appserveBuild(folder, ['--check']);
    assert.deepEqual([look.code, look.stdout], [4, 'would remove a/b/\nwould remove c/d/\nwould remove a/\n']);
    const { stdout } = await appserveBuild(folder);
    assert.equal(stdout, 'removed a/b/\nremoved c/d/\nremoved a/\n');
    assert.deepEqual([isThere(folder, 'a'), readdirSync(`${folder.path}/c`)], [false, ['mine']]);
  });
});

describe('a look', () => {
  it('says what would change, changes nothing, and fails with 4 for --check', async () => {
    using folder = siteWith(SITE);
    const before = everythingIn(folder);
    const dry = await appserveBuild(folder, ['--dry-run']);
    assert.deepEqual([dry.code, dry.stdout.includes('would make parts/one/etc/wsgi.ini')], [0, true]);
    assert.equal((await appserveBuild(folder, ['--check'])).code, 4);
    assert.deepEqual(everythingIn(folder), before);
    const shown = await appserveBuild(folder, ['--diff']);
    assert.deepEqual([shown.code, shown.stdout.includes('would make parts/one/etc/wsgi.ini')], [0, true]);
    assert.match(shown.stdout, /^\+\[server:main\]$/m);
    assert.deepEqual(everythingIn(folder), before);
    await appserveBuild(folder);
    assert.equal((await appserveBuild(folder, ['--check'])).code, 0);
    const edited = await appserveBuild(folder, ['--check', '--diff', 'one:server.keepalive_timeout=5']);
    assert.equal(edited.code, 4);
    assert.match(edited.stdout, /^would replace parts\/one\/etc\/wsgi.ini\n/);
    assert.match(
      edited.stdout,
      /^--- parts\/one\/etc\/wsgi.ini\n\+\+\+ parts\/one\/etc\/wsgi.ini\n@@ -\d+,\d+ \+\d+,\d+ @@\n(?: .*\n)+\+keepalive_timeout = 5$/m,
    );
  });

  it('at the history of values builds nothing', async () => {
    using folder = siteWith(SITE);
    const { stdout, code } = await appserveBuild(folder, ['--annotate', 'two']);
    assert.equal(code, 0);
    assert.match(stdout, /^http-address = 8082\n {4}# buildout.cfg:7:1 {2}= 8081\n {4}# buildout.cfg:10:1 {2}= 8082$/m);
    assert.ok(!isThere(folder, 'bin'));
  });
});

/** What a folder says that nobody may write in. */
const READ_ONLY = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const real = fs.mkdirSync;
fs.mkdirSync = (path, ...args) => {
  if (path.includes('.appserve-build')) throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
  return real(path, ...args);
};
syncBuiltinESMExports();
`;

describe('a build in a folder that cannot be written', () => {
  it('is well where there is nothing to do, and says why it cannot where there is', async () => {
    using folder = siteWith(SITE, { 'read-only.mjs': READ_ONLY });
    const nodeArgs = ['--import', `${folder.path}/read-only.mjs`];
    const refused = await appserveBuild(folder, [], { nodeArgs });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^appserve: cannot write .*\.appserve-build: the file system is read-only$/m);
    await built(folder);
    const { code, stdout } = await appserveBuild(folder, [], { nodeArgs });
    assert.deepEqual([code, stdout], [0, 'everything is as it should be\n']);
  });
});

describe('a build that fails', () => {
  it('leaves everything as it was', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    const before = everythingIn(folder);
    const broken = { given: { 'two:check': 'load', 'two:http-address': 'nowhere', 'one:http-address': '8085' } };
    await faultsOf(built(folder, broken));
    assert.deepEqual(everythingIn(folder), before);
  });

  it('in the middle of writing puts back what it has written', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    // Where the last file is to be staged, a folder stands in its way.
    mkdirSync(`${folder.path}/var/notes.txt.appserve-new`);
    const before = everythingIn(folder);
    const fault = await faultOf(built(folder, { given: { 'one:http-address': '8085', 'two:http-address': '8086' } }));
    assert.equal(fault.code, 'WRITE_FAILED');
    assert.deepEqual(everythingIn(folder), before);
  });

  it('because what it remembers is broken says so', async () => {
    using folder = siteWith(SITE, { '.appserve-installed.json': '{"version":1,"parts":{"one":{"recipe":1}}}' });
    const fault = await faultOf(built(folder));
    assert.deepEqual([fault.code, fault.message.endsWith('what it says of one cannot be understood')], ['STATE_INVALID', true]);
  });
});

/** Kills the process with SIGKILL in front of its nth change of the disk. */
const KILLER = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let left = Number(process.env.CHANGES_LEFT);
for (const name of ['mkdirSync', 'writeFileSync', 'copyFileSync', 'chmodSync', 'renameSync', 'rmSync', 'unlinkSync', 'rmdirSync', 'openSync', 'writeSync', 'fsyncSync', 'utimesSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (name === 'openSync' && !/w/.test(String(args[1]))) return real(...args);
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
    return real(...args);
  };
}
syncBuiltinESMExports();
`;

/** What a build has made, and what it has left of its work. */
function settled(folder: TemporaryFolder): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(everythingIn(folder)).filter(([path]) => !/^(?:killer\.mjs|buildout\.cfg)$/.test(path)),
  );
}

/** A file is made for each of these; each part has a folder of its own. */
function notes(texts: Readonly<Record<string, string>>): string[] {
  const sections = Object.entries(texts).map(
    ([name, text]) => `[${name}]\nrecipe = @appserve/loader#template\noutput = ${name}/deep/note.txt\ninline = ${text}`,
  );
  return ['[buildout]', `parts = ${Object.keys(texts).join(' ')}`, ...sections];
}

describe('a build that is killed between any two steps', { timeout: 300_000 }, () => {
  const BEFORE = notes({ same: 'same', changed: 'old', gone: 'gone' });
  const AFTER = notes({ same: 'same', changed: 'new', fresh: 'fresh' });
  const WHOLE: Readonly<Record<string, readonly string[]>> = {
    'same/deep/note.txt': ['same\n'],
    'changed/deep/note.txt': ['old\n', 'new\n'],
    'gone/deep/note.txt': ['gone\n'],
    'fresh/deep/note.txt': ['fresh\n'],
  };

  it('is undone by the next one, or was done', async () => {
    const stages = { undone: 0, done: 0 };
    for (let step = 0; ; step += 1) {
      using folder = siteWith(BEFORE, { 'killer.mjs': KILLER });
      await built(folder);
      const before = settled(folder);
      rewrite(folder, AFTER);
      const killed = await appserveBuild(folder, [], {
        nodeArgs: ['--import', `${folder.path}/killer.mjs`],
        env: { CHANGES_LEFT: String(step) },
      });
      if (killed.signal !== 'SIGKILL') {
        assert.equal(killed.code, 0, killed.stderr);
        break;
      }
      for (const [file, texts] of Object.entries(WHOLE))
        if (isThere(folder, file)) assert.ok(texts.includes(textIn(folder, file)), `${file} is whole after step ${step}`);
      // The next one has a mistake: it changes nothing itself.
      rewrite(folder, ['[buildout]', 'parts']);
      assert.equal((await faultOf(built(folder))).code, 'BUILDOUT_SYNTAX');
      const after = settled(folder);
      const isDone = textIn(folder, 'changed/deep/note.txt') === 'new\n';
      if (isDone)
        assert.deepEqual([isThere(folder, 'fresh/deep/note.txt'), isThere(folder, 'gone')], [true, false], `step ${step}`);
      else assert.deepEqual(after, before, `step ${step}`);
      assert.ok(!Object.keys(after).some((path) => /appserve-(?:build|new)/.test(path)), `step ${step}`);
      stages[isDone ? 'done' : 'undone'] += 1;
    }
    assert.ok(stages.undone > 20 && stages.done > 0, JSON.stringify(stages));
  });
});

describe('a mistake in a generated ini at run time', () => {
  it('names the line of the template', async () => {
    using folder = siteWith(
      [
        '[buildout]',
        'parts = site',
        '[site]',
        'recipe = @appserve/loader#instance',
        'wsgi-ini-template = wsgi.ini.in',
        'check = parse',
      ],
      {
        'wsgi.ini.in': '[server:main]\nuse = @appserve/server#main\n\n# a comment\nworkers = many\n',
      },
    );
    await built(folder);
    const ini = `${folder.path}/parts/site/etc/wsgi.ini`;
    const { at } = await faultOf(loadServer(ini));
    assert.deepEqual([formatPlace(at!), formatPlace(at!.from!)], [`${ini}:6:1`, `${folder.path}/wsgi.ini.in:5:1`]);
    await using command = Command.appserve([ini]);
    const { code } = await command.ending();
    const { stderr } = command;
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`^ {2}generated from ${folder.path}/wsgi.ini.in:5:1$`, 'm'));
    writeFileSync(ini, `${textIn(folder, 'parts/site/etc/wsgi.ini')}\n`);
    assert.equal((await faultOf(loadServer(ini))).at!.from, undefined, 'a map of another text is not believed');
  });

  it('names the option where there is no template', async () => {
    using folder = siteWith([
      '[buildout]',
      'parts = site',
      '[site]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
      'check = parse',
      'workers = many',
    ]);
    await built(folder);
    const { at } = await faultOf(loadServer(`${folder.path}/parts/site/etc/wsgi.ini`));
    assert.equal(formatPlace(at!.from!), `${folder.path}/buildout.cfg:7:1`);
  });
});

describe('a link in the place of a file', () => {
  const NOTES = [
    '[buildout]',
    'parts = notes',
    '[notes]',
    'recipe = @appserve/loader#template',
    'output = var/notes.txt',
    'inline = new',
  ];

  for (const [what, target] of [
    ['that leads to a file', 'elsewhere.txt'],
    ['that leads nowhere', 'nowhere.txt'],
  ] as const) {
    it(`${what} stays, and is told`, async () => {
      using folder = siteWith(NOTES, { 'var/elsewhere.txt': 'of somebody' });
      symlinkSync(target, `${folder.path}/var/notes.txt`);
      const { code, message, hint } = await faultOf(built(folder));
      assert.deepEqual([code, message], ['FILE_IS_LINK', `${folder.path}/var/notes.txt is a link to ${target}`]);
      assert.match(hint!, /--force$/);
      assert.equal(readlinkSync(`${folder.path}/var/notes.txt`), target);
      assert.equal(textIn(folder, 'var/elsewhere.txt'), 'of somebody');
    });

    it(`${what} has a file put in its place by force`, async () => {
      using folder = siteWith(NOTES, { 'var/elsewhere.txt': 'of somebody' });
      symlinkSync(target, `${folder.path}/var/notes.txt`);
      await built(folder, { isForced: true });
      assert.ok(lstatSync(`${folder.path}/var/notes.txt`).isFile());
      assert.match(textIn(folder, 'var/notes.txt'), /new/);
      assert.equal(textIn(folder, 'var/elsewhere.txt'), 'of somebody');
    });
  }

  it('stays also where the file that it leads to is right but for its permissions', async () => {
    using folder = siteWith([...NOTES, 'header = false', 'mode = 0640'], { 'var/elsewhere.txt': 'new\n' });
    symlinkSync('elsewhere.txt', `${folder.path}/var/notes.txt`);
    chmodSync(`${folder.path}/var/elsewhere.txt`, 0o600);
    const outcome = await built(folder).then(
      () => 'nothing to do',
      (error: unknown) => (error as { code: string }).code,
    );
    assert.equal(outcome, 'FILE_IS_LINK');
    assert.ok(lstatSync(`${folder.path}/var/notes.txt`).isSymbolicLink());
  });

  it('may be a folder on the way', async () => {
    using folder = siteWith(NOTES, { 'real/other.txt': '' });
    symlinkSync('real', `${folder.path}/var`);
    await built(folder);
    assert.match(textIn(folder, 'real/notes.txt'), /new/);
  });
});
