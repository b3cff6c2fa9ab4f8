// What a factory takes, as its own schema says it: in words, and as JSON Schema.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeOptions } from '@appserve/loader';
import { faultOf } from '../support/faults.ts';
import { folderWith, installed } from '../support/packages.ts';
import { inRepository } from '../support/repository.ts';

const ZOD = JSON.stringify(inRepository('node_modules/zod/index.js'));
const SHOP = `import { z } from ${ZOD};
export const options = z.object({
  pool_size: z.number().int().default(4).describe('Connections | at most.'),
  mode: z.enum(['fast', 'safe']).optional(),
  url: z.string(),
});
export const main = Object.assign(() => () => new Response('x'), { options });
export const plain = () => () => new Response('x');
`;

describe('the options of a factory', () => {
  it('are those of its zod schema', async () => {
    using folder = folderWith({ 'shop.mjs': SHOP });
    const described = await describeOptions('call:./shop.mjs:main', { relativeTo: folder.path });
    assert.deepEqual(described?.jsonSchema['required'], ['url']);
    assert.deepEqual(described?.markdown.split('\n').slice(2), [
      '| `pool_size` | integer | `4` | Connections \\| at most. |',
      '| `mode` | one of fast, safe | `none` |  |',
      '| `url` | string | `required` |  |',
    ]);
  });

  it('are found by the name of a section', async () => {
    using folder = folderWith({ 'shop.mjs': SHOP, 'site.ini': '[app:shop]\nuse = ./shop.mjs#main\nurl = x\n' });
    const described = await describeOptions('site.ini#shop', { relativeTo: folder.path });
    assert.deepEqual(Object.keys(described?.jsonSchema['properties'] as object), ['pool_size', 'mode', 'url']);
  });

  it('are found from the file that names the factory', async () => {
    using folder = folderWith({
      'etc/shop.mjs': SHOP,
      'etc/shop.ini': '[app:main]\nuse = ./shop.mjs#main\n',
      'site.ini': '[app:main]\nuse = config:etc/shop.ini\n',
    });
    const described = await describeOptions('site.ini', { relativeTo: folder.path });
    assert.deepEqual(described?.jsonSchema['required'], ['url']);
  });

  it('are those of the app, where it is filtered', async () => {
    const ini = '[app:main]\nuse = ./shop.mjs#main\nfilter-with = ./shop.mjs#plain\n';
    using folder = folderWith({ 'shop.mjs': SHOP, 'site.ini': ini });
    const described = await describeOptions('site.ini', { relativeTo: folder.path });
    assert.deepEqual(described?.jsonSchema['required'], ['url']);
  });

  it('may hold what JSON has no word for', async () => {
    const module = `import { z } from ${ZOD};
      const options = z.object({ since: z.date(), size: z.number() });
      export const main = Object.assign(() => 1, { options });
      const input = () => { throw new Error('no word for it'); };
      export const none = Object.assign(() => 1, { options: { '~standard': { validate: () => ({}), jsonSchema: { input } } } });
    `;
    using folder = folderWith({ 'shop.mjs': module });
    const described = await describeOptions('call:./shop.mjs:main', { relativeTo: folder.path });
    assert.deepEqual(described?.jsonSchema['required'], ['since', 'size']);
    assert.equal(await describeOptions('call:./shop.mjs:none', { relativeTo: folder.path }), undefined);
  });

  it('are those that its package names, and the factory stays alone', async () => {
    const entry = { factory: './app.mjs#main', options: './shop.mjs#options' };
    const shop = installed('shop', { appserve: { app_factory: { main: entry } } }, { 'shop.mjs': SHOP, 'app.mjs': 'throw 1;' });
    using folder = folderWith(shop);
    const described = await describeOptions('pkg:shop', { relativeTo: folder.path });
    assert.deepEqual(described?.jsonSchema['required'], ['url']);
  });

  it('are those of a table of ours', async () => {
    const described = await describeOptions('egg:@appserve/server#main', { kind: 'server' });
    const properties = described?.jsonSchema['properties'] as Record<string, { default: string; description: string }>;
    assert.equal(properties['backlog']?.default, '1024');
    assert.match(properties['backlog'].description, /Must be /);
    assert.equal(described?.jsonSchema['additionalProperties'], false);
    assert.match(described?.markdown ?? '', /^\| `backlog`<br>/m);
  });

  it('are none where there is no schema, or none for JSON', async () => {
    using folder = folderWith({
      'shop.mjs': SHOP,
      'own.mjs': `export const main = Object.assign(() => 1, { options: { '~standard': { validate: (value) => ({ value }) } } });`,
      'site.ini': '[pipeline:main]\npipeline = call:./shop.mjs:plain\n',
    });
    for (const uri of ['call:./shop.mjs:plain', 'call:./own.mjs:main', 'site.ini'])
      assert.equal(await describeOptions(uri, { relativeTo: folder.path }), undefined, uri);
  });

  it('are not there where there is no factory', async () => {
    using folder = folderWith({ 'shop.mjs': SHOP });
    const fault = await faultOf(describeOptions('call:./shop.mjs:mian', { relativeTo: folder.path }));
    assert.equal(fault.code, 'EXPORT_MISSING');
  });
});
