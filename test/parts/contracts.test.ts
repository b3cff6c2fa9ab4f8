// Every part over apps of every contract, and under every contract: the same scenes. A part is a row, and so is a contract.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toFetch, toGateway, toNode, type App } from '@appserve/core/app';
import { CATALOGUE } from '@appserve/parts/catalogue';
import type { Heard } from '../support/answers-of.ts';
import { FrameClient } from '../support/frame-client.ts';
import type { Tree } from '../support/packages.ts';
import { siteOf } from '../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };

/** One app in each contract: it says which path it sees, and the body of the request. */
const CHILDREN = {
  gateway: `(environ, startResponse) => environ['wsgi.input'].read().then((body) => {
    startResponse('200 OK', [['Content-Type', 'text/plain'], ['X-Child', 'yes']]);
    return [Buffer.from('child ' + environ.SCRIPT_NAME + environ.PATH_INFO + ' ' + body.toString())];
  })`,
  fetch: `async (request) => new Response('child ' + new URL(request.url).pathname + ' ' + await request.text(), {
    headers: { 'x-child': 'yes', 'content-type': 'text/plain' } })`,
  node: `async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    response.writeHead(200, { 'X-Child': 'yes', 'Content-Type': 'text/plain' });
    response.end('child ' + (request.originalUrl ?? request.url) + ' ' + body);
  }`,
  cgi: `({ cgi: async ({ environ, stdin, stdout }) => {
    const body = await stdin.read();
    await stdout.write('Status: 200\\nX-Child: yes\\nContent-Type: text/plain\\n\\n');
    await stdout.write('child ' + environ.SCRIPT_NAME + environ.PATH_INFO + ' ' + body);
  } })`,
  websocket: `({ message: (socket, message) => void socket.send('heard ' + message) })`,
} as const;

type Child = keyof typeof CHILDREN;

const CHILD_FILES: Tree = Object.fromEntries(
  Object.entries(CHILDREN).map(([name, source]) => [`${name}.mjs`, `export const main = () => ${source};`]),
);

const UNDER: Readonly<Record<string, (app: App) => App>> = {
  'as it is': (app) => app,
  'as a gateway app': (app) => toGateway(app),
  'as a fetch app': (app) => toFetch(app),
  'as a node app': (app) => toNode(app),
};

interface Row {
  /** The ini; CHILD is the section of an app. */
  readonly ini: readonly string[];
  readonly files?: Tree;
  /** Where its own answer is. */
  readonly own?: readonly [target: string, lines: readonly string[], hears: (answer: Heard) => void];
  /** Where the app behind it is. */
  readonly child?: string;
}

function says(status: number, body: RegExp, fields: Readonly<Record<string, string>> = {}): (answer: Heard) => void {
  return (answer) => {
    assert.deepEqual([answer.status, answer.isWhole], [status, true]);
    assert.match(answer.body, body);
    for (const [name, value] of Object.entries(fields)) assert.deepEqual(answer.fields.get(name), [value], name);
  };
}

const MIB = 'x'.repeat(1_024 ** 2);

/** Filters have a file of their own. */
const ROWS: Readonly<Record<string, Row>> = {
  canary: { ini: ['CHILD = 1'], child: '/a/b' },
  cascade: {
    ini: ['app1 = missing', 'app2 = CHILD', '[app:missing]', 'use = @appserve/parts#test', 'status = 404'],
    child: '/a/b',
  },
  cgi: {
    ini: ['script = hello.sh'],
    files: { 'hello.sh': '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n$REQUEST_METHOD $PATH_INFO"\n' },
    own: ['/a/b', [], says(200, /^GET \/a\/b$/)],
  },
  debug: { ini: [], own: ['/a?b=c', ['Cookie: a=b'], says(200, /HTTP_COOKIE = \*{8}\n[^]*PATH_INFO = "\/a"/)] },
  health: { ini: [], own: ['/', [], says(200, /^200 OK\n$/, { 'cache-control': 'no-store' })] },
  hosts: { ini: ['example.test = CHILD'], child: '/a/b', own: ['/', ['Host: other.test'], says(421, /^421 /)] },
  proxy: { ini: ['address = http://127.0.0.1:UPSTREAM'], child: '/a/b' },
  redirect: {
    ini: ['to = https://www.example.com'],
    own: ['/a%20b?c=d', [], says(308, /^$/, { location: 'https://www.example.com/a%20b?c=d' })],
  },
  static: {
    ini: ['document_root = public'],
    files: { 'public/a.txt': 'hello', 'public/mib.txt': MIB },
    own: ['/a.txt', ['Range: bytes=1-3'], says(206, /^ell$/, { 'content-range': 'bytes 1-3/5', 'content-length': '3' })],
  },
  test: { ini: ['text = Hello'], own: ['/', [], says(200, /^Hello\n$/)] },
  urlmap: { ini: ['/a = CHILD'], child: '/a/b', own: ['/b', [], says(404, /^404 Not Found\n$/)] },
};

function iniOf(name: string, { ini }: Row, child: Child, upstream = 0): string[] {
  const lines = ini.map((line) => line.replace('CHILD', 'child').replace('UPSTREAM', String(upstream)));
  const group = CATALOGUE[name as keyof typeof CATALOGUE].group === 'composite_factory' ? 'composite' : 'app';
  return [`[${group}:main]`, `use = @appserve/parts#${name}`, ...lines, '[app:child]', `use = ./${child}.mjs`];
}

/** For a part that asks over the network. */
async function upstreamOf(row: Row, child: Child): Promise<AsyncDisposable & { readonly port: number }> {
  if (!row.ini.some((line) => line.includes('UPSTREAM'))) return { port: 0, [Symbol.asyncDispose]: async () => undefined };
  const site = await siteOf(['[app:main]', `use = ./${child}.mjs`], { files: CHILD_FILES, listen: 'tcp' });
  return { port: Number(site.server.at), [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
}

it('knows every app and every composite', () => {
  const names = Object.entries(CATALOGUE).flatMap(([name, { group }]) => (group.startsWith('filter') ? [] : [name]));
  assert.deepEqual(Object.keys(ROWS).toSorted(), names.toSorted());
});

for (const [name, row] of Object.entries(ROWS)) {
  describe(`the part ${name}`, TIMEOUT, () => {
    const { own, child: target, files } = row;
    for (const [how, convert] of Object.entries(UNDER)) {
      if (own !== undefined)
        it(`answers ${how}`, async () => {
          await using site = await siteOf(iniOf(name, row, 'gateway'), { files: { ...CHILD_FILES, ...files }, convert });
          const [path, lines, hears] = own;
          hears(await site.ask(path, lines));
          assert.equal((await site.ask(path, lines, { method: 'HEAD' })).body, '');
        });
      if (target === undefined) continue;
      for (const child of Object.keys(CHILDREN) as Child[])
        it(`gives requests to a ${child} app, ${how}`, async () => {
          await using upstream = await upstreamOf(row, child);
          await using site = await siteOf(iniOf(name, row, child, upstream.port), {
            files: { ...CHILD_FILES, ...files },
            convert,
          });
          if (child === 'websocket') {
            await using client = await FrameClient.open(site.server.at, target, ['Host: example.test']);
            assert.match(client.head, /^HTTP\/1\.1 101 /);
            client.send('text hello');
            assert.equal(await client.hear(), 'text heard hello');
            return;
          }
          const asked = await site.ask(target, [], { method: 'POST', body: 'question' });
          says(200, /^child (?:\/a)?\/b question$/, { 'x-child': 'yes' })(asked);
        });
    }
  });
}
