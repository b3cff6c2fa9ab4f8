// examples/fastcgi-cgi-bin as a web server sees it. Over HTTP it is played as its README tells it, with the others.

import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Command, write } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { FastCgiClient, variablesOf } from './support/fastcgi-client.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from './support/temporary.ts';

const SLOW = `#!/bin/sh
echo 'Content-Type: text/plain'
echo
echo $$
echo begun > "$SCRIPT_FILENAME.begun"
exec sleep 60
`;

describe('examples/fastcgi-cgi-bin, over FastCGI', { timeout: 60_000 }, () => {
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
    write(folder, { 'cgi-bin/slow.sh': SLOW });
    command = Command.appserve(['production.ini', 'fastcgi_port=0'], { cwd: folder.path, lifetimeMs: 50_000 });
  });
  after(async () => {
    await command[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function client(): Promise<FastCgiClient> {
    return FastCgiClient.connect(Number(new URL(await command.url()).port));
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
    const text = await web.untilStdout(1, (stdout) => /\d+\n$/.test(stdout));
    const pid = Number(/(\d+)\n$/.exec(text)![1]);
    await eventually('the script runs', () => existsSync(`${folder.path}/cgi-bin/slow.sh.begun`));
    await web.abort(1);
    await web.answer(1);
    await eventually('it is gone', () => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
