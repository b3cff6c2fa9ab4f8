// Which words name an app without a configuration, and which a configuration.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directLivingApp, parseDirect, type DirectApp } from '@appserve/loader';
import { faultOf } from '../support/faults.ts';
import { folderWith, installed } from '../support/packages.ts';

const FILES = {
  'app.mjs': `export const app = () => new Response('app');
export const makeApp = async () => app;
export const life = { fetch: () => new Response(), start() { this.isStarted = true; } };
export const broken = () => { throw new Error('not today'); };
export const number = 7;
export const factory = (globalConf, settings) => app;
export function filter(inner, global_conf, settings) { return inner; }
export const alone = (globalConf) => app;
export const nested = () => factory;
`,
  'web.ts': `enum Word { Hello = 'hello' }
export const app = () => new Response(Word.Hello);
`,
  'compiled.ts': `export default () => new Response('the default of CommonJS');
export const named = () => new Response('beside it');
`,
  'shop/web.js': '',
  site: '[app:main]\n',
  ...installed(
    'shop',
    { type: 'module', exports: './main.js' },
    { 'main.js': `export const app = () => new Response('shop');\n` },
  ),
};

const file = (path: string, name: string, isCalled = false): DirectApp => ({
  type: 'export',
  target: { type: 'file', path, name },
  isCalled,
});
const factory = (uri: string): DirectApp => ({ type: 'factory', uri });

describe('an app is named', () => {
  const NAMES: readonly (readonly [written: string, DirectApp | undefined])[] = [
    ['./app.mjs#app', file('./app.mjs', 'app')],
    ['app.mjs:app', file('app.mjs', 'app')],
    ['/srv/app.tsx#a.b', file('/srv/app.tsx', 'a.b')],
    ['./app.mjs#makeApp()', file('./app.mjs', 'makeApp', true)],
    ['app:app', file('app.mjs', 'app')],
    ['web:app', file('web.ts', 'app')],
    ['./web:app()', file('./web.ts', 'app', true)],
    ['shop.web:app', file('shop/web.js', 'app')],
    ['shop:app', { type: 'export', target: { type: 'module', specifier: 'shop', name: 'app' }, isCalled: false }],
    [
      '@site/shop/web:app',
      { type: 'export', target: { type: 'module', specifier: '@site/shop/web', name: 'app' }, isCalled: false },
    ],
    ['pkg:shop', factory('pkg:shop')],
    ['egg:Shop#admin', factory('egg:Shop#admin')],
    ['call:./app.mjs:makeApp', factory('call:./app.mjs:makeApp')],
    ['shop#main', factory('pkg:shop#main')],
    ['@site/shop#main', factory('pkg:@site/shop#main')],
    // Configurations.
    ['development.ini', undefined],
    ['development.ini#admin', undefined],
    ['etc/site#admin', undefined],
    ['site#admin', undefined],
    ['config:site.ini#admin', undefined],
    ['app.mjs', undefined],
    ['appserve.config.ts', undefined],
    ['etc/appserve.config.ts#admin', undefined],
    ['c:/site.ini', undefined],
    ['site.yaml#main', undefined],
  ];
  for (const [written, expected] of NAMES) {
    it(`${expected === undefined ? 'not ' : ''}by ${written}`, () => {
      using folder = folderWith(FILES);
      assert.deepEqual(parseDirect(written, folder.path), expected);
    });
  }
});

/** What such an app answers; of an object whether it was started. */
async function made(written: string): Promise<Response> {
  using folder = folderWith(FILES);
  const living = await directLivingApp(parseDirect(written, folder.path)!, { relativeTo: folder.path });
  await living.start();
  const { app } = living as { app: { fetch?: unknown; isStarted?: boolean } | (() => Response) };
  await living.close();
  return typeof app === 'function' ? app() : new Response(String(app.isStarted));
}

describe('an app without a configuration', () => {
  it('is an export, or what it gives when it is called', async () => {
    for (const [written, says] of [
      ['./app.mjs#app', 'app'],
      ['./app.mjs#makeApp()', 'app'],
      ['./web.ts#app', 'hello'],
      ['shop:app', 'shop'],
      ['./compiled.ts#default', 'the default of CommonJS'],
      ['./compiled.ts#named', 'beside it'],
      ['./app.mjs#life', 'true'],
    ] as const)
      assert.equal(await (await made(written)).text(), says, written);
  });

  it('is refused where it is none', async () => {
    for (const [written, code] of [
      ['./app.mjs#number', 'NOT_AN_APP'],
      ['./app.mjs#number()', 'NOT_A_FACTORY'],
      ['./app.mjs#broken()', 'FACTORY_FAILED'],
      ['./app.mjs#nobody', 'EXPORT_MISSING'],
      ['./nowhere.mjs#app', 'MODULE_MISSING'],
      ['nowhere:app', 'PACKAGE_MISSING'],
    ] as const)
      assert.equal((await faultOf(made(written))).code, code, written);
  });

  it('is told apart from a factory, which would never answer', async () => {
    for (const [written, next] of [
      ['factory', /^name it as one: appserve call:.*app\.mjs:factory$/],
      ['filter', /^name it as one: appserve call:.*app\.mjs:filter$/],
      ['alone', /^name it as one: appserve call:.*app\.mjs:alone$/],
    ] as const) {
      const { code, message, hint } = await faultOf(made(`./app.mjs#${written}`));
      assert.equal(code, 'NOT_AN_APP', written);
      assert.match(message, /app\.mjs#\w+ cannot be served: it is a factory \(globalConf, settings\), not an app$/);
      assert.match(hint!, next);
    }
    const nested = await faultOf(made('./app.mjs#nested()'));
    assert.deepEqual([nested.code, nested.hint], ['NOT_AN_APP', undefined]);
  });

  it('is made by a factory that is named as one', async () => {
    assert.equal(await (await made('call:./app.mjs:factory')).text(), 'app');
  });
});
