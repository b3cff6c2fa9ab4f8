// examples/fastcgi-cgi-bin as a web server sees it. Over HTTP it is played as its README tells it, with the others.

import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Command, write } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { FastCgiClient, variablesOf } from './support/fastcgi-client.ts';
import { beginRequest, pairs, record, stream, TYPE } from './support/fastcgi-wire.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from './support/temporary.ts';

const SLOW = `#!/bin/sh
echo 'Content-Type: text/plain'
echo
echo $$
echo begun > "$SCRIPT_FILENAME.begun"
exec sleep 60
`;

/** A shell with a child, which has the shell's streams. */
const PARENT = `#!/bin/sh
echo 'Content-Type: text/plain'
echo
sleep 60 &
echo $!
wait
`;

/** Its child writes to standard error without end. */
const FLOOD = `#!/bin/sh
echo 'Content-Type: text/plain'
echo
yes eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee >&2 &
echo $!
wait
`;

/** Characters of two bytes, which begin at odd ones: reads of a pipe end between. */
const UMLAUTS = `#!/bin/sh
echo 'Content-Type: text/plain'
echo
{ printf x; yes é | tr -d '\\n' | head -c 400000; } >&2
`;

const ONE = `
[app:main]
use = config:development.ini

[server:main]
use = @appserve/server#fastcgi
socket = 127.0.0.1:0
workers = 1
concurrency = 1
graceful_timeout = 0
`;

const ENVIRONMENT = `#!/bin/sh
echo 'Content-Type: text/plain'
echo
env
`;

describe('examples/fastcgi-cgi-bin, over FastCGI', { timeout: 240_000 }, () => {
  let folder: TemporaryFolder;
  let command: Command;
  before(() => {
    folder = temporaryFolder();
    linkPackages(folder);
    cpSync(inRepository('examples/fastcgi-cgi-bin'), folder.path, { recursive: true });
    write(folder, { 'package.json': '{ "type": "module" }', 'outside.sh': '#!/bin/sh\n' });
    const bin = `${folder.path}/cgi-bin`;
    copyFileSync(`${bin}/hello.sh`, `${folder.path}/outside.sh`);
    symlinkSync('../outside.sh', `${bin}/link.sh`);
    mkdirSync(`${bin}/.hidden`);
    copyFileSync(`${bin}/hello.sh`, `${bin}/.hidden/hello.sh`);
    copyFileSync(`${bin}/hello.sh`, `${bin}/é.sh`);
    // With the permissions of a script.
    copyFileSync(`${bin}/hello.sh`, `${bin}/slow.sh`);
    for (const name of ['parent', 'flood', 'environment', 'umlauts']) copyFileSync(`${bin}/hello.sh`, `${bin}/${name}.sh`);
    write(folder, {
      'cgi-bin/slow.sh': SLOW,
      'cgi-bin/parent.sh': PARENT,
      'cgi-bin/flood.sh': FLOOD,
      'cgi-bin/environment.sh': ENVIRONMENT,
      'cgi-bin/umlauts.sh': UMLAUTS,
      // Whose call does not come back leaves no place for others.
      'one.ini': ONE,
    });
    command = Command.appserve(['production.ini', 'fastcgi_port=0'], { cwd: folder.path });
  });
  after(async () => {
    await command[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function client(of = command): Promise<FastCgiClient> {
    return FastCgiClient.connect(Number(new URL(await of.url()).port));
  }

  function start(ini: string, ...settings: readonly string[]): Command {
    return Command.appserve([ini, 'fastcgi_port=0', ...settings], { cwd: folder.path });
  }

  it('runs a script, and passes its body through, a megabyte and more', async () => {
    await using web = await client();
    const { head, body } = await web.ask({ params: variablesOf('/hello.sh/x?y') });
    assert.deepEqual([head, body], [['Status: 200 OK', 'Content-Type: text/plain'], 'GET /hello.sh with /x and y\n']);
    const large = await web.ask({ params: variablesOf('/more/upper.sh', 'POST'), stdin: 'abcd'.repeat(500_000) });
    assert.equal(large.body, 'ABCD'.repeat(500_000));
  });

  it('tells the exit code and the complaints of a script', async () => {
    await using web = await client();
    const { body, stderr, appStatus } = await web.ask({ params: variablesOf('/fail.sh') });
    assert.deepEqual([body, stderr, appStatus], ['failed\n', 'something is wrong\n', 3]);
  });

  it('runs many at the same time on one connection', async () => {
    await using web = await client();
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const id of ids) await web.begin(id, { params: variablesOf(`/hello.sh/${id}`) });
    for (const id of ids) assert.equal((await web.answer(id)).body, `GET /hello.sh with /${id}\n`);
  });

  it('finds a script by a name in UTF-8', async () => {
    await using web = await client();
    const name = Buffer.from('/é.sh').toString('latin1');
    assert.equal((await web.ask({ params: { PATH_INFO: name } })).head[0], 'Status: 200 OK');
  });

  for (const path of [
    '/',
    '/none.sh',
    '/README.txt',
    '/more',
    '/../outside.sh',
    '/more/../hello.sh',
    '/more/../../outside.sh',
    '/./hello.sh',
    '//hello.sh',
    '/link.sh',
    '/.hidden/hello.sh',
    '/..\\outside.sh',
    'hello.sh',
    '/hello.sh.begun',
  ]) {
    it(`does not find ${path}`, async () => {
      await using web = await client();
      const { head, body } = await web.ask({ params: { REQUEST_URI: path, PATH_INFO: path } });
      assert.deepEqual([head[0], body], ['Status: 404 Not Found', 'There is no such script.\n']);
    });
  }

  it('kills a script whose request is aborted', async () => {
    await using web = await client();
    await web.begin(1, { params: variablesOf('/slow.sh') });
    const pid = await pidOf(web);
    await eventually('the script runs', () => existsSync(`${folder.path}/cgi-bin/slow.sh.begun`));
    await web.abort(1);
    await web.answer(1);
    await eventually('it is gone', () => !isAlive(pid));
  });

  it('kills what a script has started, and has its place again', async () => {
    await using one = start('one.ini');
    for (const path of ['/parent.sh', '/flood.sh']) {
      let pid: number;
      {
        await using web = await client(one);
        await web.begin(1, { params: variablesOf(path) });
        pid = await pidOf(web);
      }
      await eventually('its child is gone', () => !isAlive(pid));
      await using web = await client(one);
      assert.equal((await web.ask({ params: variablesOf('/hello.sh') })).body, 'GET /hello.sh\n');
    }
    assert.doesNotMatch(one.stderr, /eeee/, 'what nobody waits for is not in our log');
  });

  it('kills what a script has started when the server stops', async () => {
    await using one = start('one.ini');
    await using web = await client(one);
    await web.begin(1, { params: variablesOf('/parent.sh') });
    const pid = await pidOf(web);
    one.signal('SIGTERM');
    await one.ending();
    await eventually('its child is gone', () => !isAlive(pid));
  });

  it('answers with what a script has said that did not wait for its body', async () => {
    await using web = await client();
    web.expect(1);
    const params = pairs({ ...variablesOf('/hello.sh', 'POST'), CONTENT_LENGTH: '10' });
    await web.send(Buffer.concat([beginRequest(1), stream(TYPE.params, 1, params), record(TYPE.stdin, 1, '12345')]));
    const { body, appStatus } = await web.answer(1);
    assert.deepEqual([body, appStatus], ['POST /hello.sh\n', 0]);
  });

  it('passes complaints on as they are, wherever their characters are cut', async () => {
    await using web = await client();
    const { stderr } = await web.ask({ params: variablesOf('/umlauts.sh') });
    assert.ok(Buffer.from(stderr, 'latin1').equals(Buffer.from(`x${'é'.repeat(200_000)}`)));
  });

  it('tells a script the path that the client knows, and nothing that is no variable of a request', async () => {
    await using web = await client();
    const path = '/cgi-bin/environment.sh/p';
    // As nginx has it with its own fastcgi_params.
    const params = {
      REQUEST_URI: path,
      SCRIPT_NAME: path,
      PATH_INFO: '',
      HTTP_X_Y: 'z',
      LD_DEBUG: 'help',
      BASH_ENV: '/dev/null',
    };
    const lines = (await web.ask({ params })).body.split('\n');
    for (const line of ['SCRIPT_NAME=/cgi-bin/environment.sh', 'PATH_INFO=/p', 'HTTP_X_Y=z', `REQUEST_URI=${path}`])
      assert.ok(lines.includes(line), `${line} in ${lines.join()}`);
    assert.deepEqual(
      lines.filter((line) => /^(?:LD_|BASH_ENV|HOME|wsgi)/.test(line)),
      [],
    );
  });

  it('does not find a path that no variable can hold', async () => {
    await using http = start('development.ini', 'http_port=0');
    const response = await http.get('/hello.sh/%00');
    assert.equal(response?.status, 404);
    assert.doesNotMatch(http.stderr, /the app failed/);
  });
});

async function pidOf(web: FastCgiClient): Promise<number> {
  const text = await web.untilStdout(1, (stdout) => /\d+\n$/.test(stdout));
  return Number(/(\d+)\n$/.exec(text)![1]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
