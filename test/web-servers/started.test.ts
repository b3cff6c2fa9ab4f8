// Whoever starts appserve with a listening socket on descriptor 0 (FastCGI 1.0 §2.2), and cgi-fcgi, the smallest of all web servers.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { APPSERVE, write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { ask } from '../support/http-client.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { isAlive } from '../support/process.ts';
import { demand } from '../support/programs.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { WebServer, type Place } from '../support/web-server.ts';
import { Site, siteIni } from './site.ts';

const TIMEOUT = { timeout: 120_000 };

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

async function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>, stdin = ''): Promise<Said> {
  const child = spawn(program, args, { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe', timeout: PATIENCE_MS });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('latin1').on('data', (text: string) => (stderr += text));
  // Who has ended without reading it is judged by what it has said.
  child.stdin.on('error', () => undefined).end(stdin, 'latin1');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { stdout, stderr, code };
}

/** cgi-fcgi is a CGI program: its environment is the request, its stdin the body, its stdout the answer. */
async function cgi(to: Place, path: string, stdin = ''): Promise<Said> {
  demand('cgi-fcgi');
  const length = stdin === '' ? {} : { CONTENT_LENGTH: String(stdin.length) };
  const request = {
    REQUEST_METHOD: stdin === '' ? 'GET' : 'POST',
    SCRIPT_NAME: '',
    PATH_INFO: path,
    QUERY_STRING: 'asked',
    ...length,
  };
  const address = typeof to === 'string' ? to : `127.0.0.1:${to}`;
  return await run('cgi-fcgi', ['-bind', '-connect', address], request, stdin);
}

describe('cgi-fcgi', TIMEOUT, () => {
  for (const over of ['unix', 'tcp'] as const) {
    it(`is answered over ${over}: stdout, stderr and its exit code`, async () => {
      await using site = await Site.start(over);
      const echoed = await cgi(site.at, '/echo', 'body');
      assert.match(echoed.stdout, /^Status: 200 OK\r\n(?:[^\r]+\r\n)*\r\nbody$/);
      assert.deepEqual([echoed.stderr, echoed.code], ['', 0]);
      assert.match((await cgi(site.at, '/complain')).stderr, /^complaint asked\n$/);
      const failed = await cgi(site.at, '/throw');
      assert.match(failed.stdout, /^Status: 500 /);
      assert.equal(failed.code, 1);
    });
  }

  it('starts appserve on descriptor 0', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/s`;
    // Nobody waits for what it starts: it ends by itself, should this test not come to that.
    const start = `#!/bin/sh\nexec timeout 230 '${process.execPath}' '${APPSERVE}' '${folder.path}/site.ini' 2> '${folder.path}/log'\n`;
    write(folder, { 'site.ini': siteIni([]), start });
    demand('cgi-fcgi');
    assert.equal(
      (
        await run(
          'sh',
          ['-c', `chmod +x '${folder.path}/start' && exec cgi-fcgi -start -connect '${path}' '${folder.path}/start'`],
          {},
        )
      ).code,
      0,
    );
    const pid = Number((await cgi(path, '/pid')).stdout.split('\r\n\r\n')[1]);
    assert.ok(pid > 1);
    process.kill(pid, 'SIGTERM');
    await eventually('it has ended', () => !isAlive(pid));
  });
});

describe('lighttpd', TIMEOUT, () => {
  it('starts appserve on descriptor 0, and ends it', async () => {
    using folder = temporaryFolder();
    write(folder, { 'site.ini': siteIni([]) });
    let pid = 0;
    {
      const command = `${process.execPath} ${APPSERVE} ${folder.path}/site.ini`;
      await using server = await WebServer.start('lighttpd', {
        to: `${folder.path}/s`,
        file: 'started.conf',
        changes: [['/srv/site/node_modules/.bin/appserve /srv/site/site.ini', command]],
      });
      const answer = await ask(server.port, { path: '/pid' });
      assert.equal(answer.status, 200, server.process.stderr);
      pid = Number(answer.body.toString());
      assert.ok(isAlive(pid));
    }
    await eventually('it has ended', () => !isAlive(pid));
  });
});
