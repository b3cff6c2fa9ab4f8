// The guide to frameworks: each of its apps says hello, served as the page serves it.

import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadLivingApp } from '@appserve/loader';
import { answersOf, type Heard } from '../support/answers-of.ts';
import { folderOf, readGuide, type Chapter } from '../support/guide.ts';
import { startTestServer } from '../support/http-server.ts';
import { inRepository } from '../support/repository.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const { before, chapters } = readGuide('docs/guide/frameworks.md');
const INSTALLED = ['express', 'koa', 'fastify', '@nestjs', 'hono', 'h3', 'reflect-metadata', 'rxjs'];

function installed(files: Chapter['files']): TemporaryFolder {
  const folder = folderOf({ 'package.json': { type: 'module' }, ...files });
  for (const name of INSTALLED) symlinkSync(inRepository(`node_modules/${name}`), join(folder.path, 'node_modules', name));
  return folder;
}

/** What a client of the app hears at `/`. */
async function hello(folder: TemporaryFolder, says = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'): Promise<Heard> {
  const living = await loadLivingApp('development.ini', { relativeTo: folder.path });
  await living.start();
  await using server = await startTestServer(living.app, { chunkedTransfer: true });
  await using client = await server.client();
  await client.send(says);
  const text = await client.until((received) => answersOf(received, ['GET'])[0]?.isWhole === true);
  assert.deepEqual(await living.close(), []);
  return answersOf(text, ['GET'])[0]!;
}

const apps = chapters.filter(({ files }) => 'app.js' in files);

describe('the guide to frameworks', { timeout: 240_000 }, () => {
  it('serves them all by one ini', () =>
    assert.deepEqual(
      before.map(({ info }) => info),
      ['development.ini'],
    ));

  for (const { title, files } of apps) {
    it(`shows an app that says hello: ${title}`, async () => {
      using folder = installed(files);
      const { status, body } = await hello(folder);
      assert.deepEqual([status, body], [200, 'Hello, world!']);
    });
  }

  it('shows how a function says what it is', async () => {
    const { files } = chapters.find(({ title }) => title.startsWith('Plain'))!;
    using folder = installed({
      ...files,
      'development.ini': (files['development.ini'] as string).replace('./app.js#makeApp', './named.js#makeNamed'),
    });
    assert.equal((await hello(folder)).body, 'Hello, /!');
  });

  it('shows a filter that does something', async () => {
    using folder = installed(chapters.find(({ title }) => title.startsWith('Converting'))!.files);
    assert.deepEqual((await hello(folder)).fields.get('x-stamp'), ['stamped']);
  });

  it('shows a server that is told of upgrades', async () => {
    using folder = installed(chapters.find(({ title }) => title.startsWith('Upgrades'))!.files);
    const says = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    // The app closes the connection: what it says has no length.
    const living = await loadLivingApp('development.ini', { relativeTo: folder.path });
    await using server = await startTestServer(living.app);
    await using client = await server.client();
    await client.send(says);
    assert.equal(await client.untilEnd(), 'HTTP/1.1 401 Unauthorized\r\n\r\n');
  });

  it('names files that are there', () => {
    const paths = chapters.flatMap(({ text }) =>
      Array.from(
        text.matchAll(/`((?:test|scripts)\/[^`]+|node (scripts\/[^`]+))`/g),
        ([, whole = '', script]) => script ?? whole,
      ),
    );
    assert.ok(paths.length > 0);
    for (const path of paths) assert.ok(existsSync(inRepository(path)), path);
  });
});
