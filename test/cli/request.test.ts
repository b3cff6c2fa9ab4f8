// One request without a server: to apps of every contract, with a body, and with what goes wrong.

import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { APPSERVE, Command } from '../support/command.ts';
import { folderWith } from '../support/packages.ts';
import { linkPackages } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const FILES = {
  'app.mjs': `import { Buffer } from 'node:buffer';
export const gateway = () => async (environ, startResponse) => {
  const pieces = [];
  for await (const piece of environ['wsgi.input']) pieces.push(piece);
  environ['wsgi.errors'].write('logged by the app\\n');
  startResponse('201 Created', [['Content-Type', 'text/plain'], ['X-One', 'a'], ['X-One', 'b']]);
  const { REQUEST_METHOD, PATH_INFO, QUERY_STRING, CONTENT_TYPE = '-', HTTP_X_TEST = '-' } = environ;
  return [Buffer.from([REQUEST_METHOD, PATH_INFO, QUERY_STRING, CONTENT_TYPE, HTTP_X_TEST, Buffer.concat(pieces)].join(' ') + '\\n')];
};
export const fetches = () => ({
  fetch(request, { environ, waitUntil, ...context }) {
    return new Response([request.method, environ.PATH_INFO, environ.SERVER_NAME].join(' '));
  },
});
export const behind = () => ({
  fetch(request, context) {
    context.waitUntil(new Promise((resolve) => setTimeout(resolve, 50)).then(() => console.error('done behind it')));
    return new Response('at once\\n');
  },
});
export const node = () => (request, response) => {
  response.writeHead(404, { 'X-Node': '1' });
  response.end(request.method + ' ' + request.url);
};
export const bytes = () => () => new Response(new Uint8Array([0, 255, 10]));
export const throwing = () => () => { throw new Error('not today'); };
export const late = () => ({ start() { throw new Error('cannot start'); }, fetch: () => new Response() });
export const wrong = () => () => 7;
export const stuck = () => { setInterval(() => {}, 1000); return () => new Response('left a timer\\n'); };
`,
  'site.ini': `[DEFAULT]
[app:main]
use = ./app.mjs#gateway
${['fetches', 'behind', 'node', 'bytes', 'throwing', 'late', 'wrong', 'stuck'].map((name) => `[app:${name}]\nuse = ./app.mjs#${name}\n`).join('')}`,
  'body.txt': 'from a file',
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function request(args: readonly string[], input?: string): Promise<Ended> {
  using folder = folderWith(FILES);
  linkPackages(folder);
  writeFileSync(join(folder.path, 'input'), input ?? '');
  const stdin = openSync(join(folder.path, 'input'), 'r');
  try {
    await using command = Command.appserve(['request', ...args], { cwd: folder.path, stdin });
    const { code } = await command.ending();
    return { code, stdout: command.stdout, stderr: command.stderr };
  } finally {
    closeSync(stdin);
  }
}

describe('appserve request', TIMEOUT, () => {
  it('gives the body on stdout, and what the app logs on stderr', async () => {
    assert.deepEqual(await request(['site.ini', '/a%20b?c=d']), {
      code: 0,
      stdout: 'GET /a b c=d - - \n',
      stderr: 'logged by the app\n',
    });
  });

  for (const [args, input, said] of [
    [['-d', 'x=1'], '', 'POST / application/x-www-form-urlencoded - x=1\n'],
    [['-d', '@body.txt', '-H', 'Content-Type: text/plain'], '', 'POST / text/plain - from a file\n'],
    [['-d', '@-', '-m', 'PUT'], 'from stdin', 'PUT / application/x-www-form-urlencoded - from stdin\n'],
    [['-m', 'DELETE', '--header', 'X-Test: yes'], '', 'DELETE / - yes \n'],
  ] as const) {
    it(`makes the request that is asked for: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await request(['site.ini', '/', ...args], input);
      assert.deepEqual([code, stdout.replace(' /  ', ' / ')], [0, said], stderr);
    });
  }

  it('sends a path that begins with two slashes to the host it was meant for', async () => {
    const { stdout } = await request(['site.ini', '//evil.example/x', '-n', 'fetches']);
    assert.equal(stdout, 'GET //evil.example/x localhost');
  });

  it('shows the head with -i, every field of it', async () => {
    const { stdout } = await request(['site.ini', '/', '-i']);
    assert.match(stdout, /^HTTP\/1\.1 201 Created\n/);
    assert.match(stdout, /^x-one: a, b$/m);
  });

  it('gives a fetch app its whole context, and waits for what it does behind its answer', async () => {
    assert.equal((await request(['site.ini', '/x', '-n', 'fetches', '-H', 'Host: shop.test'])).stdout, 'GET /x shop.test');
    assert.deepEqual(await request(['site.ini', '/', '-n', 'behind']), {
      code: 0,
      stdout: 'at once\n',
      stderr: 'done behind it\n',
    });
  });

  it('asks node apps', async () => {
    const { stdout } = await request(['site.ini', '/y', '-n', 'node', '-i']);
    assert.match(stdout, /^HTTP\/1\.1 404 Not Found\n[^]*x-node: 1\n\nGET \/y$/);
  });

  it('ends with 0 whatever the status is, and with --fail with 1 from 400 on', async () => {
    assert.equal((await request(['site.ini', '/', '-n', 'node'])).code, 0);
    assert.equal((await request(['site.ini', '/', '-n', 'node', '--fail'])).code, 1);
    assert.equal((await request(['site.ini', '/', '--fail'])).code, 0);
  });

  it('gives bytes as they are', async () => {
    using folder = folderWith(FILES);
    linkPackages(folder);
    await using command = Command.program(
      'sh',
      ['-c', '"$@" | od -An -tx1', 'sh', process.execPath, APPSERVE, 'request', 'site.ini', '/', '-n', 'bytes'],
      {
        cwd: folder.path,
      },
    );
    await command.ending();
    assert.equal(command.stdout.trim(), '00 ff 0a');
  });

  it('does not wait for what an app leaves running', async () => {
    const { code, stdout } = await request(['site.ini', '/', '-n', 'stuck']);
    assert.deepEqual([code, stdout], [0, 'left a timer\n']);
  });

  it('says what an app throws, and what keeps it from starting', async () => {
    const thrown = await request(['site.ini', '/', '-n', 'throwing', '-i']);
    assert.deepEqual([thrown.code, thrown.stdout], [1, '']);
    assert.match(thrown.stderr, /^appserve: the app failed: Error: not today\n {4,}at .*app\.mjs:\d+/);
    const wrong = await request(['site.ini', '/', '-n', 'wrong']);
    assert.match(wrong.stderr, /^appserve: the app failed: Fault: .*\n {4}at /);
    assert.doesNotMatch(wrong.stderr, /details|askedBy|code:/);
    const late = await request(['site.ini', '/', '-n', 'late']);
    assert.deepEqual([late.code, late.stderr.includes('cannot start')], [1, true]);
  });

  for (const [args, says] of [
    [['site.ini'], /^appserve: PATH: is missing: what is asked for/],
    [['site.ini', 'shop'], /^appserve: shop: a path begins with \//],
    [['site.ini', '/', '-m', 'GE T'], /^appserve: GE T: /],
    [['site.ini', '/', '-H', 'nothing'], /^appserve: --header nothing: it is 'NAME: VALUE'/],
    [['site.ini', '/', '-d', '@nowhere'], /^appserve: --data @nowhere: there is no such file\n/],
    [['site.ini', '/', '-d', '@.'], /^appserve: --data @\.: it is a folder\n/],
    [['site.ini', '/', '-m', 'GET', '-d', 'x'], /^appserve: --data: GET has no body: leave --method out/],
    [['site.ini', '/', '-m', 'TRACE'], /^appserve: --method TRACE: is no request for an app/],
  ] as const) {
    it(`says what is wrong: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await request(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, says);
    });
  }
});
