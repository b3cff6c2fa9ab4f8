// A value of the environment in what is generated: it is nobody else's to read, and is not printed.

import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { diffOf, type Built } from '@appserve/loader/generate';
import { appserveBuild, built, siteWith, textIn } from '../../support/building.ts';
import { faultsOf } from '../../support/faults.ts';
import type { TemporaryFolder } from '../../support/temporary.ts';

const SECRET = 's3cret-of-the-site';

/** A variable of this process for the time of a test. */
function environment(name: string, value: string): Disposable {
  process.env[name] = value;
  return { [Symbol.dispose]: () => void delete process.env[name] };
}

function modeOf({ path }: TemporaryFolder, file: string): string {
  return (statSync(`${path}/${file}`).mode & 0o7777).toString(8);
}

function diffsOf({ changes, shownPath }: Built): string {
  return changes.files.map((change) => diffOf(change, shownPath(change.path))).join('\n');
}

const SITE = [
  '[buildout]',
  'parts = one two',
  '[one]',
  'recipe = @appserve/loader#instance',
  'app = ./app.js',
  'check = parse',
  'environment-vars = GREETING hello ${env:SITE_WHO|nobody}',
  '[two]',
  '<= one',
];

describe('a file that becomes secret', () => {
  it('is its owner’s alone from then on, and as before when it is none any more', async () => {
    using folder = siteWith(SITE);
    await built(folder);
    assert.equal(modeOf(folder, 'bin/one'), '755');
    {
      using _who = environment('SITE_WHO', SECRET);
      await built(folder);
    }
    assert.match(textIn(folder, 'bin/one'), new RegExp(SECRET));
    assert.equal(modeOf(folder, 'bin/one'), '700');
    assert.equal(modeOf(folder, 'parts/one/etc/wsgi.ini'), '644', 'the ini has nothing of it');
    await built(folder);
    assert.equal(modeOf(folder, 'bin/one'), '755');
  });

  it('keeps the permissions that a person gave it while it was secret', async () => {
    using folder = siteWith(SITE);
    {
      using _who = environment('SITE_WHO', SECRET);
      await built(folder);
    }
    chmodSync(`${folder.path}/bin/one`, 0o750);
    using _who = environment('SITE_WHO', `${SECRET}-2`);
    await built(folder);
    assert.equal(modeOf(folder, 'bin/one'), '750');
  });

  it('is not shown when it goes, or is secret no more', async () => {
    using folder = siteWith(SITE);
    {
      using _who = environment('SITE_WHO', SECRET);
      await built(folder);
    }
    const replaced = diffsOf(await built(folder, { isDry: true }));
    assert.match(replaced, /bin\/one/);
    assert.ok(!replaced.includes(SECRET), replaced);
    writeFileSync(`${folder.path}/buildout.cfg`, `${SITE.join('\n').replace('parts = one two', 'parts = one')}\n`);
    const removed = diffsOf(await built(folder, { isDry: true }));
    assert.match(removed, /bin\/two/);
    assert.ok(!removed.includes(SECRET), removed);
  });

  it('leaves no sum of it that others can read', async () => {
    using folder = siteWith(SITE);
    using _who = environment('SITE_WHO', SECRET);
    await built(folder);
    assert.equal(modeOf(folder, '.appserve-installed.json'), '600');
  });
});

/** A recipe of somebody who has never heard of secrets. */
const NAIVE = `
import { join } from 'node:path';
const file = (part, text) => ({ files: [{ path: join(part.folder, 'note'), lines: [{ text, from: undefined }], isSecret: false }] });
export const note = (part) => ({ ...file(part, part.words('word').map(({ text }) => text).join()), values: { heard: part.text('word') } });
export const direct = (part) => file(part, part.options.get('word').value);
`;

/** What is secret in each: the file that must be its owner's alone. */
const MARKS: Readonly<Record<string, { readonly cfg: readonly string[]; readonly file: string }>> = {
  'an ini by a setting': {
    cfg: ['[part]', 'recipe = @appserve/loader#instance', 'app = ./app.js', 'app.token = ${env:SITE_WHO}'],
    file: 'parts/part/etc/wsgi.ini',
  },
  'the map of an ini': {
    cfg: ['[part]', 'recipe = @appserve/loader#instance', 'app = ./app.js', 'app.token = ${env:SITE_WHO}'],
    file: 'parts/part/etc/wsgi.ini.map',
  },
  'an ini by its address': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
      'check = parse',
      'http-address = unix:@${env:SITE_WHO}',
    ],
    file: 'parts/part/etc/wsgi.ini',
  },
  'an ini by the arguments of a log': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
      'check = parse',
      'event-log = e.log',
      "event-log-args = ('${env:SITE_WHO}',)",
    ],
    file: 'parts/part/etc/wsgi.ini',
  },
  'an ini by a variable of its template': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#instance',
      'check = parse',
      'event-log = e.log',
      'wsgi-ini-template = in',
      "event-log-args = ('${env:SITE_WHO}',)",
    ],
    file: 'parts/part/etc/wsgi.ini',
  },
  'a unit': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#systemd',
      'instance = web',
      'service.Environment = PW=${env:SITE_WHO}',
      '[web]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
    ],
    file: 'parts/part/part.service',
  },
  'a configuration of nginx by its own option': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#nginx',
      'servers = 127.0.0.1:1',
      'instances = web',
      'listen = 80',
      'location-additional = proxy_set_header X-Key ${env:SITE_WHO};',
      '[web]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
    ],
    file: 'parts/part/nginx.conf',
  },
  'a configuration of nginx by the socket of an instance': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#nginx',
      'instances = web',
      '[web]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
      'check = parse',
      'http-address = var/${env:SITE_WHO}.sock',
    ],
    file: 'parts/part/nginx.conf',
  },
  'a text': {
    cfg: ['[part]', 'recipe = @appserve/loader#template', 'output = parts/part/note', 'inline = ${env:SITE_WHO}'],
    file: 'parts/part/note',
  },
  'a text by a word of a loop': {
    cfg: ['[part]', 'recipe = @appserve/loader#template', 'output = parts/part/note', 'input = loop', 'words = ${env:SITE_WHO}'],
    file: 'parts/part/note',
  },
  'a file of somebody else’s recipe': {
    cfg: ['[part]', 'recipe = ./naive.js#note', 'word = ${env:SITE_WHO}'],
    file: 'parts/part/note',
  },
  'a file of a recipe that goes past what it is given': {
    cfg: ['[part]', 'recipe = ./naive.js#direct', 'word = ${env:SITE_WHO}'],
    file: 'parts/part/note',
  },
  'a file with what somebody else’s recipe has told': {
    cfg: [
      '[part]',
      'recipe = @appserve/loader#template',
      'output = parts/part/note',
      'inline = ${other:heard}',
      '[other]',
      'recipe = ./naive.js#note',
      'word = ${env:SITE_WHO}',
    ],
    file: 'parts/part/note',
  },
};

describe('the mark of a secret', () => {
  for (const [what, { cfg, file }] of Object.entries(MARKS)) {
    it(`goes with it into ${what}`, async () => {
      using _who = environment('SITE_WHO', SECRET);
      using folder = siteWith(['[buildout]', 'parts = part', ...cfg], {
        in: '[server:main]\nuse = @appserve/server#main\nx = %(eventlog_args)s\n',
        loop: '%for word in ${words}\n${word}\n%end\n',
        'naive.js': NAIVE,
      });
      const made = await built(folder);
      assert.equal(modeOf(folder, file), '600');
      assert.ok(!diffsOf(made).includes(SECRET));
    });
  }

  it('stays away from what has nothing of it', async () => {
    using _who = environment('SITE_WHO', SECRET);
    using folder = siteWith(
      [
        '[buildout]',
        'parts = part nginx',
        '[part]',
        'recipe = @appserve/loader#instance',
        'check = parse',
        'event-log = e.log',
        'wsgi-ini-template = in',
        "event-log-args = ('${env:SITE_WHO}',)",
        'environment-vars = A ${env:SITE_WHO}',
        '[nginx]',
        'recipe = @appserve/loader#nginx',
        'instances = part',
      ],
      { in: '[server:main]\nuse = @appserve/server#main\nworkers = %(workers)s\n' },
    );
    await built(folder);
    assert.deepEqual(
      ['bin/part', 'parts/part/etc/wsgi.ini', 'parts/nginx/nginx.conf'].map((file) => modeOf(folder, file)),
      ['700', '644', '644'],
    );
  });
});

describe('a message', () => {
  for (const [what, lines] of [
    ['of an option of the server', ['server.workers = ${env:SITE_WHO}']],
    ['of an option of the part', ['check = ${env:SITE_WHO}']],
    ['of an app', ['app = ${env:SITE_WHO}']],
    ['of a recipe', ['recipe = ${env:SITE_WHO}']],
    ['of a template', ['wsgi-ini-template = ${env:SITE_WHO}.in']],
  ] as const) {
    it(`${what} does not print it`, async () => {
      using _who = environment('SITE_WHO', SECRET);
      using folder = siteWith([
        '[buildout]',
        'parts = one',
        '[one]',
        'recipe = @appserve/loader#instance',
        'app = ./app.js',
        ...lines,
      ]);
      const faults = await faultsOf(built(folder));
      for (const fault of faults) {
        const said = [fault.message, fault.hint ?? '', ...fault.askedBy, fault.at?.text ?? '', fault.stack ?? ''].join('\n');
        assert.ok(!said.includes(SECRET), said);
        assert.ok(!JSON.stringify([fault.details, fault.cause ?? '']).includes(SECRET));
      }
    });
  }

  it('of a path does not print it', async () => {
    using folder = siteWith(['[buildout]', 'parts = one', 'bin-directory = bin/${env:SITE_WHO}', ...SITE.slice(2, 6)]);
    const { stdout, code, stderr } = await appserveBuild(folder, ['--diff'], { env: { SITE_WHO: SECRET } });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^would make bin\/\*+\/one$/m);
    assert.ok(!stdout.includes(SECRET), stdout);
  });
});
