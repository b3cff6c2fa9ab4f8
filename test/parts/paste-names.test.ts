// Inis that were written for Paste: a whole site by its names, and every entry point that Paste and PasteDeploy have.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE, type Part } from '@appserve/parts/catalogue';
import { describeOptions, loadLivingApp, loadServer } from '@appserve/loader';
import { markdownTable } from '@appserve/core/options';
import { Command, write } from '../support/command.ts';
import { faultOf, pointed } from '../support/faults.ts';
import { folderWith } from '../support/packages.ts';
import { siteOf } from '../support/parts.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };

/** As sites of 2010 have it; only the users are written otherwise, since theirs was a function of Python. */
const SITE = `
[DEFAULT]
debug = false
admin = webmaster@example.org

[composite:main]
use = egg:Paste#urlmap
/ = pages
/cgi = program
/lost = nowhere
filter-with = log

[filter:log]
use = egg:Paste#translogger
setup_console_handler = False
format = %%(REMOTE_ADDR)s "%%(REQUEST_METHOD)s %%(REQUEST_URI)s" %%(status)s

[pipeline:pages]
pipeline = catch pack egg:Paste#config rules site

[filter:catch]
use = egg:Paste#error_catcher

[filter:traceback]
use = egg:Paste#cgitb

[filter:evaluating]
use = egg:Paste#evalerror

[filter:pack]
use = egg:Paste#gzip
compress_level = 6

[filter:behind]
use = egg:PasteDeploy#prefix
prefix = /shop
translate_forwarded_server = false
force_port = 8080
scheme = https

[filter:known]
use = egg:PasteDeploy#config
colour = green

[filter:errors]
use = egg:Paste#errordocument
404 = /index.html

[filter:door]
use = egg:Paste#auth_basic
realm = The cellar
users_file = users

[filter:look]
use = egg:Paste#profile
folder = profiles

[filter:rules]
use = egg:Paste#lint

[composite:site]
use = egg:Paste#cascade
app1 = files
app2 = fallback
catch = 404

[app:files]
use = egg:Paste#static
document_root = %(here)s/public
cache_max_age = 60

[app:program]
use = egg:Paste#cgi
script = bin/hello.sh
include_os_environ = false

[app:fallback]
use = egg:Paste#test
filter-with = errors

[app:elsewhere]
use = egg:Paste#proxy
address = http://127.0.0.1:9
allowed_request_methods = GET HEAD
suppress_http_headers = cookie

[pipeline:nowhere]
pipeline = behind known elsewhere

[pipeline:others]
pipeline = traceback evaluating look door fallback
`;

const FILES = {
  'public/index.html': '<!doctype html><title>A page</title>',
  'bin/hello.sh': '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n$SCRIPT_NAME says hello"\n',
  users: '# nobody yet\n',
};

describe('an ini for Paste', TIMEOUT, () => {
  it('serves its site', async () => {
    await using site = await siteOf([SITE], { files: FILES });
    assert.match((await site.ask('/index.html')).body, /A page/);
    assert.equal((await site.ask('/cgi')).body, '/cgi says hello');
    assert.equal((await site.ask('/nothing/here')).status, 200);
    assert.equal((await site.ask('/lost', [], { method: 'POST', body: 'x' })).status, 405);
    assert.equal((await site.ask('/lost/a')).status, 502);
    const packed = await site.ask('/index.html', ['Accept-Encoding: gzip']);
    assert.deepEqual(packed.fields.get('vary'), ['Accept-Encoding']);
  });

  it('has no mistake that check would find, in the sections that nobody asks for too', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    const server = '\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n';
    write(folder, { 'site.ini': SITE.replace('bin/hello.sh', 'site.ini').replace('= users\n', '= site.ini\n') + server });
    const command = Command.appserve(['check', 'site.ini'], { cwd: folder.path });
    await using _ended = command;
    const { code } = await command.ending();
    assert.equal(code, 0, command.stdout + command.stderr);
  });
});

/** Every entry point of Paste 3.10.1 and PasteDeploy 3.1 that makes an app or a filter; those that have a part here, by its name. */
const ENTRY_POINTS: Readonly<Record<'app' | 'filter', Readonly<Record<string, keyof typeof CATALOGUE | undefined>>>> = {
  app: {
    'Paste#cgi': 'cgi',
    'Paste#static': 'static',
    'Paste#pkg_resources': undefined,
    'Paste#urlparser': undefined,
    'Paste#proxy': 'proxy',
    'Paste#test': 'test',
    'Paste#test_slow': undefined,
    'Paste#transparent_proxy': undefined,
    'Paste#watch_threads': undefined,
    'Paste#urlmap': 'urlmap',
    'Paste#cascade': 'cascade',
  },
  filter: {
    'Paste#error_catcher': 'error_catcher',
    'Paste#cgitb': 'error_catcher',
    'Paste#flup_session': undefined,
    'Paste#gzip': 'gzip',
    'Paste#httpexceptions': undefined,
    'Paste#lint': 'lint',
    'Paste#printdebug': undefined,
    'Paste#profile': 'profile',
    'Paste#recursive': undefined,
    'Paste#paste_session': undefined,
    'Paste#wdg_validate': undefined,
    'Paste#evalerror': 'error_catcher',
    'Paste#auth_tkt': undefined,
    'Paste#auth_basic': 'auth_basic',
    'Paste#auth_digest': undefined,
    'Paste#auth_form': undefined,
    'Paste#grantip': undefined,
    'Paste#openid': undefined,
    'Paste#pony': undefined,
    'Paste#cowbell': undefined,
    'Paste#errordocument': 'error_document',
    'Paste#auth_cookie': undefined,
    'Paste#translogger': 'translogger',
    'Paste#config': 'config',
    'Paste#registry': undefined,
    'PasteDeploy#config': 'config',
    'PasteDeploy#prefix': 'prefix',
  },
};

describe('a name of Paste', TIMEOUT, () => {
  for (const [kind, names] of Object.entries(ENTRY_POINTS) as ['app' | 'filter', Readonly<Record<string, string | undefined>>][])
    for (const [egg, name] of Object.entries(names))
      if (name === undefined)
        it(`that has no part is refused at its line: ${egg}`, async () => {
          const ini =
            kind === 'app'
              ? `[app:main]\nuse = egg:${egg}\n`
              : `[app:main]\nuse = @appserve/parts#test\nfilter-with = f\n[filter:f]\nuse = egg:${egg}\n`;
          using folder = folderWith({ 'site.ini': ini });
          const fault = await faultOf(loadLivingApp('site.ini', { relativeTo: folder.path }));
          assert.equal(pointed(fault), `PACKAGE_MISSING ${kind === 'app' ? 2 : 5}:7 egg:${egg}`);
          const known = kind === 'app' ? 'cascade, cgi, ' : 'auth_basic, cgitb, ';
          assert.equal(fault.hint?.startsWith(`of Paste there is ${known}`), true, fault.hint);
        });
      else
        it(`is that of a part: ${egg}`, async () => {
          const described = await describeOptions(`egg:${egg}`, { kind, relativeTo: inRepository('packages/cli') });
          const { options } = (CATALOGUE as Readonly<Record<string, Part>>)[name]!;
          assert.equal(described?.markdown, markdownTable(options));
        });

  it('is on the page of its part, and of no other', () => {
    const told = Object.entries(CATALOGUE as Readonly<Record<string, Part>>).flatMap(([name, { legacy = [] }]) =>
      legacy.map((egg) => [egg, name] as const),
    );
    const known = Object.values(ENTRY_POINTS).flatMap((names) => Object.entries(names).filter(([, name]) => name !== undefined));
    assert.deepEqual(Object.fromEntries(told), Object.fromEntries(known));
  });

  it('of a server says what takes its place', async () => {
    for (const egg of ['Paste#http', 'PasteScript#wsgiutils', 'waitress']) {
      using folder = folderWith({ 'site.ini': `[server:main]\nuse = egg:${egg}\n` });
      const { code, hint } = await faultOf(loadServer('site.ini', { relativeTo: folder.path }));
      assert.equal(code, 'PACKAGE_MISSING');
      assert.match(hint ?? '', /^a server of Python's has its place taken by @appserve\/server#main, whose options /, egg);
    }
  });

  it('that is misspelt is put right', async () => {
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = egg:paste#ulrmap\n' });
    const { hint } = await faultOf(loadLivingApp('site.ini', { relativeTo: folder.path }));
    assert.equal(hint, 'did you mean egg:paste#urlmap?');
  });
});
