// How configurations and factories are named: each form, and what is said of what is none. What `use` takes is seen by what it
// looks for: nothing of it is there.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultDetails } from '@appserve/core';
import { loadPlan, parseUri, type FactoryContext } from '@appserve/loader';
import { faultOf } from '../support/faults.ts';
import { folderWith } from '../support/packages.ts';

describe('the address of a configuration', () => {
  for (const [uri, path, name, options] of [
    ['site.ini', 'site.ini', undefined, {}],
    ['/etc/site.ini', '/etc/site.ini', undefined, {}],
    ['../a b/site.ini', '../a b/site.ini', undefined, {}],
    ['site.ini#admin', 'site.ini', 'admin', {}],
    ['site.ini#a#b', 'site.ini', 'a#b', {}],
    ['site.ini#egg:shop#main', 'site.ini', 'egg:shop#main', {}],
    ['config:site.ini', 'site.ini', undefined, {}],
    ['config:site.ini#admin', 'site.ini', 'admin', {}],
    ['CONFIG:site.ini', 'site.ini', undefined, {}],
    ['config:config:site.ini', 'config:site.ini', undefined, {}],
    ['site.ini?port=80', 'site.ini', undefined, { port: '80' }],
    ['site.ini?port=80&name=a+b%20c&empty=#admin', 'site.ini', 'admin', { port: '80', name: 'a b c', empty: '' }],
    ['site.ini?a=1&a=2', 'site.ini', undefined, { a: '2' }],
    ['site.ini?', 'site.ini', undefined, {}],
    ['site.ini?a=b?c', 'site.ini', undefined, { a: 'b?c' }],
    ['100%.ini', '100%.ini', undefined, {}],
    ['a:b.ini', 'a:b.ini', undefined, {}],
    ['site', 'site', undefined, {}],
  ] as const) {
    it(`is ${uri}`, () => assert.deepEqual(parseUri(uri), { path, name, options }));
  }

  it('keeps names that JavaScript has for something else', () => {
    assert.deepEqual(Object.entries(parseUri('site.ini?__proto__=1&constructor=2').options), [
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  for (const [uri, why] of [
    ['', 'it names no file'],
    ['config:', 'it names no file'],
    ['#main', 'it names no file'],
    ['config:#main', 'it names no file'],
    ['?a=1', 'it names no file'],
    ['site.ini#', 'there is no name behind the #'],
    ['config:site.ini?a=1#', 'there is no name behind the #'],
  ] as const) {
    it(`is not ${JSON.stringify(uri)}`, () => {
      assert.throws(() => parseUri(uri), { code: 'URI_INVALID', details: { uri, why } });
    });
  }
});

/** What `use = WRITTEN` asks for. Nothing is looked up but sections and files of configuration. */
async function target(use: string): Promise<FactoryContext['target']> {
  using folder = folderWith({
    'site.ini': `[app:main]\nuse = ${use}\n[app:admin]\nuse = admin#section\n[app:/a#b]\nuse = hash#section\n[app:foo2:bar]\nuse = colon#section\n`,
  });
  const plan = await loadPlan('site.ini', { relativeTo: folder.path });
  assert.ok(plan.type === 'factory');
  return plan.target;
}

const npm = (name: string, entry: string, isEgg = false): FactoryContext['target'] => ({
  type: 'package',
  package: name,
  name: entry,
  isEgg,
});
const file = (path: string, name: string): FactoryContext['target'] => ({ type: 'file', path, name });
const module = (specifier: string, name: string): FactoryContext['target'] => ({ type: 'module', specifier, name });

describe('use may be', () => {
  for (const [use, expected] of [
    ['shop#main', npm('shop', 'main')],
    ['shop#a#b', npm('shop', 'a#b')],
    ['@acme/shop#main', npm('@acme/shop', 'main')],
    ['Paste#urlmap', npm('Paste', 'urlmap')],
    ['pkg:shop', npm('shop', 'main')],
    ['pkg:@acme/shop#admin', npm('@acme/shop', 'admin')],
    ['egg:Shop', npm('Shop', 'main', true)],
    ['EGG:Shop.Site#x', npm('Shop.Site', 'x', true)],
    ['./app.mjs', file('./app.mjs', 'main')],
    ['../app.mjs#make', file('../app.mjs', 'make')],
    ['/srv/app.mjs#make', file('/srv/app.mjs', 'make')],
    ['/srv/app.ts', file('/srv/app.ts', 'main')],
    ['/srv/app#make', file('/srv/app', 'make')],
    ['./my app.js', file('./my app.js', 'main')],
    ['call:./app.mjs:make', file('./app.mjs', 'make')],
    ['call:/srv/app.mjs:Shop.make', file('/srv/app.mjs', 'Shop.make')],
    ['call:./app.mjs#make', file('./app.mjs', 'make')],
    ['call:shop:make', module('shop', 'make')],
    ['call:shop/admin.js:make', module('shop/admin.js', 'make')],
    ['call:@acme/shop/x:make', module('@acme/shop/x', 'make')],
    ['call:a:b:make', module('a:b', 'make')],
    ['Call:shop:make', module('shop', 'make')],
    ['admin', npm('admin', 'section')],
    ['/a#b', npm('hash', 'section')],
    ['foo2:bar', npm('colon', 'section')],
  ] as const) {
    it(use, async () => assert.deepEqual(await target(use), expected));
  }
});

describe('use may not be', () => {
  const FORM = 'a module, a colon and the name of an export are needed: ./app.js:make';

  for (const [use, why] of [
    ['', 'it is empty'],
    ['http:shop#main', 'the scheme http: is not known; there are config:, egg:, pkg: and call:'],
    ['FILE:x', 'the scheme file: is not known; there are config:, egg:, pkg: and call:'],
    ['shop#', 'there is no name behind the #'],
    ['./app.mjs#', 'there is no name behind the #'],
    ['egg:shop#', 'there is no name behind the #'],
    ['config:x.ini#', 'there is no name behind the #'],
    ['egg:', '"" is no name of a package'],
    ['egg:shop[extra]', '"shop[extra]" is no name of a package'],
    ['egg:shop==1.0', '"shop==1.0" is no name of a package'],
    ['pkg:../shop', '"../shop" is no name of a package'],
    ['a b#main', '"a b" is no name of a package'],
    ['a/b#main', '"a/b" is no name of a package'],
    ['@acme#main', '"@acme" is no name of a package'],
    ['@acme/shop', 'a package needs the name of what is used: @acme/shop#main'],
    ['config:', 'it names no file'],
    ['config:#main', 'it names no file'],
    ['config:%%zz.ini', 'a % is not followed by two hexadecimal digits'],
    ['call:', FORM],
    ['call:shop', FORM],
    ['call:./app.mjs', FORM],
    ['call:./app.mjs:', FORM],
    ['call::make', FORM],
    ['call:shop:a/b', FORM],
  ] as const) {
    it(use === '' ? 'empty' : use, async () => {
      const { code, details } = await faultOf(target(use));
      assert.equal(code, 'USE_INVALID');
      assert.deepEqual(details, { use: use.replace('%%', '%'), why } satisfies FaultDetails<'USE_INVALID'>);
    });
  }
});
