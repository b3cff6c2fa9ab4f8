// Factories that say which settings they take: by a schema of zod or of anybody else, by a table of options, in their own module or
// beside it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { FaultDetails } from '@appserve/core';
import { loadApp, loadAppSource } from '@appserve/loader';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { folderWith, installed, type Tree } from '../support/packages.ts';
import { inRepository } from '../support/repository.ts';
import { SHAPES } from '../support/shapes.ts';

const IMPORTS = `
  import { z } from ${JSON.stringify(inRepository('node_modules/zod/index.js'))};
  import { bool, count, list, option, optional, required, seconds } from ${JSON.stringify(import.meta.resolve('@appserve/core/options'))};
`;

/** A module whose factory shows the settings that it gets. */
function described(schema: string, more = ''): string {
  return `${IMPORTS}
    const options = ${schema};
    const make = (globalConf, settings) => Object.assign(() => new Response(), { settings });
    export const main = Object.assign(make, { options ${more} });
  `;
}

/** What a factory with this schema gets of `[app:main]` with these lines, the first of them line 3. */
async function typed(schema: string, ...lines: readonly string[]): Promise<unknown> {
  return settingsOf({ 'app.mjs': described(schema) }, ...lines);
}

async function settingsOf(files: Tree, ...lines: readonly string[]): Promise<unknown> {
  using folder = folderWith({ 'site.ini': ['[app:main]', 'use = ./app.mjs', ...lines].join('\n'), ...files });
  const app = await loadApp('site.ini', { relativeTo: folder.path });
  return (app as unknown as { settings: unknown }).settings;
}

/** What is wrong with them: the place, and the words without the name and the value. */
async function refused(schema: string, ...lines: readonly string[]): Promise<string[]> {
  return (await faultsOf(typed(schema, ...lines))).map((fault) => `${pointed(fault)} | ${fault.message}`).toSorted();
}

describe('a schema of zod', () => {
  for (const [schema, line, value] of [
    ['z.object({ a: z.string() })', 'a = 5', '5'],
    ['z.strictObject({ a: z.string() })', 'a = x', 'x'],
    ['z.object({ a: z.number() })', 'a = 5', 5],
    ['z.object({ a: z.number() })', 'a = -0.5e3', -500],
    ['z.object({ a: z.int() })', 'a = +7', 7],
    ['z.object({ a: z.number().optional() })', 'a = 5', 5],
    ['z.object({ a: z.number().nullable().default(1) })', 'a = 5', 5],
    ['z.object({ a: z.number().readonly().catch(1) })', 'a = 5', 5],
    ['z.object({ a: z.number().prefault(1) })', 'a = 5', 5],
    ['z.object({ a: z.number().transform((n) => n + 1) })', 'a = 5', 6],
    ['z.object({ a: z.number().pipe(z.number()) })', 'a = 5', 5],
    ['z.object({ a: z.coerce.number() })', 'a = 0x10', 16],
    ['z.object({ a: z.boolean() })', 'a = Yes', true],
    ['z.object({ a: z.boolean() })', 'a = off', false],
    ['z.object({ a: z.boolean() })', 'a = 1', true],
    ['z.object({ a: z.boolean().default(true) })', 'a = N', false],
    ['z.object({ a: z.array(z.string()) })', 'a = x  y', ['x', 'y']],
    ['z.object({ a: z.array(z.number()) })', 'a = 1\n  2\n  3', [1, 2, 3]],
    ['z.object({ a: z.array(z.boolean()).optional() })', 'a = on off', [true, false]],
    ['z.object({ a: z.array(z.string()) })', 'a =', []],
    ['z.object({ a: z.enum(["on", "off"]) })', 'a = on', 'on'],
    ['z.object({ a: z.string().transform((text) => text.split(",")) })', 'a = 1,2', ['1', '2']],
    ['z.object({ a: z.string() }).transform(({ a }) => ({ a: a + a }))', 'a = x', 'xx'],
    ['z.object({ a: z.string() }).refine(() => true)', 'a = x', 'x'],
    ['z.object({ a: z.string().refine(async () => true) })', 'a = x', 'x'],
    ['z.object({ a: z.preprocess((text) => text.trim(), z.string()) })', 'a = x', 'x'],
    ['z.looseObject({})', 'a = 5', '5'],
    ['z.object({}).catchall(z.string())', 'a = 5', '5'],
    ['z.record(z.string(), z.string())', 'a = 5', '5'],
    ['z.object({ __proto__: null, a: z.number() })', 'a = 5', 5],
    ['z.object({ a: z.union([z.number(), z.boolean()]) })', 'a = 5', 5],
    ['z.object({ a: z.union([z.number(), z.boolean()]) })', 'a = off', false],
    ['z.object({ a: z.union([z.literal("auto"), z.number()]) })', 'a = auto', 'auto'],
    ['z.object({ a: z.union([z.literal("auto"), z.number()]) })', 'a = 5', 5],
    ['z.object({ a: z.union([z.string(), z.number()]).optional() })', 'a = x', 'x'],
    ['z.object({ a: z.union([z.string(), z.array(z.string())]) })', 'a = x y', 'x y'],
    ['z.object({ a: z.union([z.array(z.number()), z.boolean()]) })', 'a = 5 6', [5, 6]],
    ['z.object({ a: z.union([z.array(z.number()), z.boolean()]) })', 'a = on', true],
    ['z.object({ a: z.literal(5) })', 'a = 5', 5],
    ['z.object({ a: z.literal([1, 2, "x"]) })', 'a = 2', 2],
    ['z.object({ a: z.literal(["5", 5]) })', 'a = 5', '5'],
    ['z.object({ a: z.literal(true) })', 'a = true', true],
    ['z.record(z.string(), z.number())', 'a = 5', 5],
    ['z.object({}).catchall(z.number())', 'a = 5', 5],
    ['z.object({ b: z.string().default("x") }).and(z.object({ a: z.number() })).transform(({ a }) => ({ a }))', 'a = 5', 5],
    ['z.lazy(() => z.object({ a: z.lazy(() => z.number()) }))', 'a = 5', 5],
    ['z.object({ a: z.bigint() })', 'a = +12345678901234567890', 12345678901234567890n],
    ['z.object({ a: z.set(z.number()) })', 'a = 5 6 5', new Set([5, 6])],
    ['z.object({ a: z.tuple([z.string(), z.number()], z.boolean()) })', 'a = x 5 on off', ['x', 5, true, false]],
    ['z.object({ a: z.coerce.boolean() })', 'a = off', false],
    ['z.object({ a: z.number() })', 'a = 9007199254740991', 9007199254740991],
    ['z.object({ a: z.union([z.number(), z.string()]) })', 'a = 9007199254740993', '9007199254740993'],
  ] as const) {
    it(`gives its type to text: ${schema} and ${line.replaceAll('\n', ' ')}`, async () => {
      assert.deepEqual(await typed(schema, line), { a: value });
    });
  }

  it('puts in what is not said', async () => {
    const schema = 'z.object({ a: z.number().default(1), b: z.string().optional(), c: z.boolean().prefault(false) })';
    assert.deepEqual(await typed(schema), { a: 1, c: false });
  });

  it('may call a setting in its own way', async () => {
    const schema = 'z.object({ poolSize: z.number(), minIdle2: z.number(), max_age: z.number(), URL: z.string() })';
    const lines = ['pool_size = 1', 'min-idle-2 = 2', 'max_age = 3', 'URL = 4'];
    assert.deepEqual(await typed(schema, ...lines), { poolSize: 1, minIdle2: 2, max_age: 3, URL: '4' });
  });

  it('takes a name in one spelling only', async () => {
    assert.deepEqual(await refused('z.object({ poolSize: z.number() })', 'pool_size = 1', 'poolSize = 2'), [
      'OPTIONS_CONFLICT 4:1 poolSize | pool_size and poolSize: two spellings of one thing; keep pool_size',
    ]);
  });
});

describe('a factory that is a static method', () => {
  const SHOP = `${IMPORTS}
    export class Shop {
      static is = 'Shop';
      static make(globalConf, settings) {
        return Object.assign(() => new Response(), { settings: { ...settings, is: this.is } });
      }
    }
  `;

  for (const more of [
    'Shop.make.options = z.object({ a: z.number() });',
    'Shop.make.options = { a: option(count(), "1", "how many") };',
  ])
    it(`has its options all the same: ${more}`, async () => {
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.mjs#Shop.make\na = 5\n', 'app.mjs': SHOP + more });
      const app = await loadApp('site.ini', { relativeTo: folder.path });
      assert.deepEqual((app as unknown as { settings: unknown }).settings, { a: 5, is: 'Shop' });
    });

  it('has the check of its options too', async () => {
    const more = `Shop.make.options = { a: option(count(), '1', 'how many') };
      Shop.make.check = () => { throw new RangeError('checked'); };`;
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = ./app.mjs#Shop.make\n', 'app.mjs': SHOP + more });
    const fault = await faultOf(loadApp('site.ini', { relativeTo: folder.path }));
    assert.equal((fault.cause as Error).message, 'checked');
  });
});

describe('what a schema says of no setting', () => {
  it('is told of the section, where it adds a key that it does not know', async () => {
    const schema = 'z.preprocess((given) => ({ ...given, extra: 1 }), z.strictObject({ a: z.string() }))';
    assert.deepEqual(await refused(schema, 'a = x'), ['OPTIONS_CONFLICT 1:1 [app:main] | app:main: unrecognized key: "extra"']);
  });
});

/** What is said of `[app:main]` where the environment has these, under the names that `lines` use. */
async function toldOf(schema: string, secret: string, ...lines: readonly string[]): Promise<string> {
  process.env['APPSERVE_TEST_SECRET'] = secret;
  try {
    return (await refused(schema, ...lines)).join('\n');
  } finally {
    delete process.env['APPSERVE_TEST_SECRET'];
  }
}
const PW = 'pw = %(env:APPSERVE_TEST_SECRET)s';
const says = (message: string): string =>
  `({ '~standard': { version: 1, vendor: 'here', validate: (input) => ({ issues: [${message}] }) } })`;

describe('a secret that a schema refuses', () => {
  for (const [what, schema, secret, told] of [
    ['the value', says(`{ message: 'received ' + JSON.stringify(input.pw), path: ['pw'] }`), 'S3"cret', 'received "********"'],
    ['its first word', says(`{ message: input.pw.split(' ')[0] + ' is bad', path: ['pw'] }`), 'S3cret two', '******** is bad'],
    ['a star', says(`{ message: 'not 0 nor: ' + input.pw, path: ['pw'] }`), '*', 'not 0 nor: ********'],
    ['an empty one', says(`{ message: 'not ""', path: ['pw'] }`), '', 'not ""'],
    ['a short word', says(`{ message: 'not a: ' + input.pw, path: ['pw'] }`), 'o', 'not a: ********'],
    [
      'what it is as a number',
      'z.object({ pw: z.number().refine(() => false, { error: (i) => `no ${i.input}` }) })',
      '0042',
      'no ********',
    ],
  ] as const)
    it(`is not in the message: ${what}`, async () =>
      assert.equal(
        await toldOf(schema, secret, PW),
        `SETTING_INVALID 3:6 %(env:APPSERVE_TEST_SECRET)s | pw = ********: ${told}`,
      ));

  it('is not in what is said of all settings, nor of another one', async () => {
    const schema = says(`{ message: 'no ' + input.pw }, { message: 'not with ' + input.pw, path: ['a'] }`);
    assert.equal(
      await toldOf(schema, 's3cret', PW, 'a = 1'),
      'OPTIONS_CONFLICT 1:1 [app:main] | app:main: no ********\nSETTING_INVALID 4:5 1 | a = 1: not with ********',
    );
  });
});

describe('a setting that a schema refuses is told in words that fit an ini', () => {
  for (const [schema, line, told] of [
    ['z.object({ a: z.number() })', 'a = many', 'SETTING_INVALID 3:5 many | a = many: must be a number'],
    ['z.object({ a: z.number() })', 'a = 0x10', 'SETTING_INVALID 3:5 0x10 | a = 0x10: must be a number'],
    ['z.object({ a: z.number() })', 'a = Infinity', 'SETTING_INVALID 3:5 Infinity | a = Infinity: must be a number'],
    ['z.object({ a: z.number() })', 'a =', 'SETTING_INVALID 3:1 a | a = : must be a number'],
    ['z.object({ a: z.coerce.number() })', 'a = many', 'SETTING_INVALID 3:5 many | a = many: must be a number'],
    ['z.object({ a: z.int() })', 'a = 1.5', 'SETTING_INVALID 3:5 1.5 | a = 1.5: must be a whole number'],
    ['z.object({ a: z.number().min(3) })', 'a = 1', 'SETTING_INVALID 3:5 1 | a = 1: too small: expected number to be >=3'],
    ['z.object({ a: z.boolean() })', 'a = maybe', 'SETTING_INVALID 3:5 maybe | a = maybe: must be a boolean'],
    ['z.object({ a: z.coerce.boolean() })', 'a = maybe', 'SETTING_INVALID 3:5 maybe | a = maybe: must be a boolean'],
    ['z.object({ a: z.array(z.coerce.boolean()) })', 'a = on of', 'SETTING_INVALID 3:8 of | a = of: must be a boolean'],
    [
      'z.object({ a: z.number() })',
      'a = 9007199254740993',
      'SETTING_INVALID 3:5 9007199254740993 | a = 9007199254740993: must be a number',
    ],
    [
      'z.object({ a: z.number() }).and(z.object({ bee: z.string().optional() }))',
      'a = 1\nbe = 1',
      'OPTION_UNKNOWN 4:1 be | unknown option be',
    ],
    [
      'z.object({ a: z.enum(["on", "off"]) })',
      'a = of',
      'SETTING_INVALID 3:5 of | a = of: invalid option: expected one of "on"|"off"',
    ],
    ['z.object({ a: z.string().refine(() => false, "Must be nice") })', 'a = x', 'SETTING_INVALID 3:5 x | a = x: must be nice'],
    ['z.object({ a: z.string().refine(async () => false, "must exist") })', 'a = x', 'SETTING_INVALID 3:5 x | a = x: must exist'],
    ['z.object({ a: z.array(z.number()) })', 'a = 1 two 3', 'SETTING_INVALID 3:7 two | a = two: must be a number'],
    [
      'z.object({ a: z.array(z.number()) })',
      'a =\n  1\n\n  # no\n  2 three',
      'SETTING_INVALID 7:5 three | a = three: must be a number',
    ],
    [
      'z.object({ a: z.array(z.string()).max(1) })',
      'a = x y',
      'SETTING_INVALID 3:5 x y | a = x y: too big: expected array to have <=1 items',
    ],
    [
      'z.object({ a: z.string(), b: z.object({ c: z.string() }).optional() })',
      'a = x\nb = y',
      'SETTING_INVALID 4:5 y | b = y: must be an object',
    ],
    ['z.object({ a: z.number() })', 'b = 1\na = 1', 'OPTION_UNKNOWN 3:1 b | unknown option b'],
    ['z.strictObject({ a: z.number() })', 'b = 1\na = 1', 'OPTION_UNKNOWN 3:1 b | unknown option b'],
    ['z.object({ a: z.number() })', '', 'OPTION_REQUIRED 1:1 [app:main] | a is required: a number'],
    ['z.object({ poolSize: z.number() })', '', 'OPTION_REQUIRED 1:1 [app:main] | pool_size is required: a number'],
    ['z.object({ poolSize: z.number() })', 'pool-size = x', 'SETTING_INVALID 3:13 x | pool-size = x: must be a number'],
    [
      'z.object({ a: z.string().optional() }).refine(() => false, "Say something")',
      '',
      'OPTIONS_CONFLICT 1:1 [app:main] | app:main: say something',
    ],
    [
      'z.object({ a: z.number(), b: z.number().default(1) }).refine(({ a, b }) => a < b, { path: ["b"], error: "must be above a" })',
      'a = 2',
      'OPTIONS_CONFLICT 1:1 [app:main] | b: must be above a',
    ],
    [
      'z.object({ a: z.number(), b: z.number().default(1) }).refine(({ a, b }) => a < b, { path: ["b"], error: "must be above a" })',
      'a = 2\nb = 1',
      'SETTING_INVALID 4:5 1 | b = 1: must be above a',
    ],
  ] as const) {
    it(`${line.replaceAll('\n', ' ') || 'nothing'} for ${schema}`, async () =>
      assert.deepEqual(await refused(schema, ...line.split('\n')), [told]));
  }

  it('with the name that was probably meant', async () => {
    const { details, hint, askedBy } = await faultOf(typed('z.object({ timeout: z.number().optional() })', 'timeuot = 1'));
    assert.equal((details as FaultDetails<'OPTION_UNKNOWN'>).nearest, 'timeout');
    assert.match(hint ?? '', /timeout/);
    assert.deepEqual(askedBy, ['[app:main] site.ini:1']);
  });

  it('all at once, each where it stands', async () => {
    const schema = 'z.object({ a: z.number(), b: z.array(z.number()), c: z.boolean(), d: z.string() })';
    const faults = await faultsOf(typed(schema, 'a = x', 'b = 1 y', '  z', 'c = maybe', 'e = 1'));
    assert.deepEqual(faults.map(pointed).toSorted(), [
      'OPTION_REQUIRED 1:1 [app:main]',
      'OPTION_UNKNOWN 7:1 e',
      'SETTING_INVALID 3:5 x',
      'SETTING_INVALID 4:7 y',
      'SETTING_INVALID 5:3 z',
      'SETTING_INVALID 6:5 maybe',
    ]);
  });

  it('in the section that says so, of several', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = config:etc/base.ini\nb = y\n',
      'etc/base.ini': '[app:main]\nuse = ./app.mjs\na = x\nb = 1\n',
      'etc/app.mjs': described('z.object({ a: z.number(), b: z.number() })'),
    });
    const faults = await faultsOf(loadApp('site.ini', { relativeTo: folder.path }));
    assert.deepEqual(
      faults.map((fault) => `${fault.at?.file} ${pointed(fault)}`),
      ['etc/base.ini SETTING_INVALID 3:5 x', 'site.ini SETTING_INVALID 3:5 y'],
    );
  });

  it('without a place, where the command line says so', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = ./app.mjs\na = 1\n',
      'app.mjs': described('z.object({ a: z.number() })'),
    });
    const fault = await faultOf(loadApp('site.ini', { relativeTo: folder.path, vars: { a: 'x' } }));
    assert.equal(fault.message, 'a = x: must be a number');
    assert.notEqual(fault.at?.line, 3);
  });
});

function standard(validate: string): string {
  return `({ '~standard': { version: 1, vendor: 'here', validate: ${validate} } })`;
}

describe('a schema that is not of zod', () => {
  for (const validate of ['(input) => ({ value: { ...input, b: 2 } })', 'async (input) => ({ value: { ...input, b: 2 } })']) {
    it(`is asked with text, and what it gives is given: ${validate}`, async () => {
      assert.deepEqual(await typed(standard(validate), 'a = 1', 'x_y = z'), { a: '1', x_y: 'z', b: 2 });
    });
  }

  it('gets names that JavaScript has for something else as they are written', async () => {
    const settings = (await typed(standard('(value) => ({ value })'), '__proto__ = 1', 'constructor = 2')) as object;
    assert.deepEqual(Object.entries(settings), [
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it('says what is wrong, each where it stands', async () => {
    const issues = `[
      { message: 'Too loud', path: ['a'] },
      { message: 'No colour', path: [{ key: 'b' }, { key: 1 }] },
      { message: 'Name the shop', path: ['name'] },
      { message: 'Odd', path: [] },
      { message: 'Odder' },
    ]`;
    assert.deepEqual(await refused(standard(`async () => ({ issues: ${issues} })`), 'a = 1', 'b = red blau'), [
      'OPTIONS_CONFLICT 1:1 [app:main] | app:main: odd',
      'OPTIONS_CONFLICT 1:1 [app:main] | app:main: odder',
      'OPTION_REQUIRED 1:1 [app:main] | name is required: name the shop',
      'SETTING_INVALID 3:5 1 | a = 1: too loud',
      'SETTING_INVALID 4:9 blau | b = blau: no colour',
    ]);
  });

  it('that throws is a factory that fails', async () => {
    const fault = await faultOf(typed(standard('() => { throw new RangeError("no"); }'), 'a = 1'));
    assert.equal(pointed(fault), 'FACTORY_FAILED 2:7 ./app.mjs');
    assert.ok(fault.cause instanceof RangeError);
  });
});

const TABLE = `{
  workers: option(count({ min: 1 }), '2', 'how many'),
  head_timeout: option(seconds(), '30', 'how long'),
  names: optional(list(), 'who'),
  loud: option(bool(), required, 'whether'),
}`;

describe('a table of options', () => {
  it('settles what an app gets', async () => {
    const settings = await typed(TABLE, 'head_timeout = 500ms', 'names = a', '  b', 'loud = yes');
    assert.deepEqual(settings, { workers: 2, headTimeoutMs: 500, names: ['a', 'b'], loud: true });
  });

  it('says all that is wrong, each where it stands', async () => {
    assert.deepEqual(await refused(TABLE, 'workers = none', 'nmaes = x'), [
      'OPTION_INVALID 3:1 workers | workers = none: must be a whole number >= 1',
      'OPTION_REQUIRED 1:1 [app:main] | loud is required: true or false (yes, on, y, t, 1 / no, off, n, f, 0)',
      'OPTION_UNKNOWN 4:1 nmaes | unknown option nmaes',
    ]);
  });

  it('may be checked as a whole', async () => {
    const check = ', check: ({ values }, section) => { throw new RangeError(`${values.workers} ${section.at.line}`); }';
    const fault = await faultOf(settingsOf({ 'app.mjs': described(TABLE, check) }, 'loud = no'));
    assert.equal((fault.cause as Error).message, '2 1');
  });

  it('settles what a filter gets, and what a composite gets', async () => {
    const module = `${IMPORTS}
      const options = { workers: option(count(), '2', 'how many') };
      const shape = (text) => Object.assign(() => new Response(), { shape: text });
      export const filter = Object.assign((g, settings) => (app) => shape(settings.workers + app.shape), { options });
      export const wrap = Object.assign((app, g, settings) => shape(settings.workers + app.shape), { options });
      export const urls = Object.assign((loader, g, settings) => shape('c' + typeof settings.workers), { options });
    `;
    const ini = [
      '[pipeline:main]',
      'pipeline = f w c',
      '[filter:f]',
      'use = ./all.mjs#filter',
      'workers = 7',
      '[filter:w]',
      'paste.filter_app_factory = ./all.mjs:wrap',
      '[composite:c]',
      'use = ./all.mjs#urls',
      'workers = 3',
    ];
    using folder = folderWith({ 'site.ini': ini.join('\n'), 'all.mjs': module });
    assert.equal(((await loadApp('site.ini', { relativeTo: folder.path })) as unknown as { shape: string }).shape, '72cnumber');
    using wrong = folderWith({ 'site.ini': ini.join('\n').replace('7', 'x'), 'all.mjs': module });
    assert.equal(pointed(await faultOf(loadApp('site.ini', { relativeTo: wrong.path }))), 'OPTION_INVALID 5:1 workers');
  });
});

/** Each thread has its own globals: what is imported in it counts there. */
function counting(name: string): string {
  return `globalThis.imported = [...(globalThis.imported ?? []), '${name}'];\n`;
}

const SHOWING = `${counting('factory')}
  const show = (settings) => Object.assign(() => new Response(), { settings, imported: globalThis.imported });
  export const app = (globalConf, settings) => show(settings);
  export const filter = (globalConf, settings) => (inner) => Object.assign(show(settings), { inner });
  export const urls = async (loader, globalConf, settings) =>
    Object.assign(show(settings), { child: await loader.getApp('child'), filter: await loader.getFilter('f') });
`;
function entry(factory: string): object {
  return { factory: `./factories.mjs#${factory}`, options: './options.mjs#options' };
}

const APART = installed(
  'apart',
  {
    appserve: {
      app_factory: { app: entry('app'), table: { factory: './factories.mjs#app', options: './options.mjs#table' } },
      composite_factory: { urls: entry('urls') },
      filter_factory: { filter: entry('filter') },
    },
  },
  {
    'factories.mjs': SHOWING,
    'options.mjs': `${counting('options')}${IMPORTS}
      export const options = z.object({ size: z.number() });
      export const table = { size: option(count(), required, 'how large') };
    `,
  },
);

interface Shown {
  readonly settings: unknown;
  readonly imported: readonly string[];
  readonly inner: Shown;
  readonly child: Shown;
  readonly filter: (app: unknown) => Promise<Shown>;
}

/** What a worker makes of the source, in a thread that has imported nothing yet. */
async function inFreshThread(source: unknown): Promise<unknown> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(async (module) => {
      const { app } = await module[workerData.export](workerData.args);
      const { child, filter } = app;
      const children = child === undefined ? {} : { child: child.settings, filter: (await filter(child)).settings };
      parentPort.postMessage({ settings: app.settings, imported: globalThis.imported, ...children });
    });
  `;
  const worker = new Worker(code, { eval: true, workerData: source });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function loaded(...lines: readonly string[]): Promise<Shown> {
  using folder = folderWith({ 'site.ini': lines.join('\n'), ...APART });
  return (await loadApp('site.ini', { relativeTo: folder.path })) as unknown as Shown;
}

describe('a schema that a package has apart from its factory', () => {
  for (const name of ['app', 'table']) {
    it(`is settled before there is a worker, and no worker imports it: ${name}`, async () => {
      using folder = folderWith({ 'site.ini': `[app:main]\nuse = apart#${name}\nsize = 5\n`, ...APART });
      const source = await loadAppSource('site.ini', { relativeTo: folder.path });
      assert.deepEqual(await inFreshThread(source), { settings: { size: 5 }, imported: ['factory'] });
    });

    it(`is told before there is a worker: ${name}`, async () => {
      using folder = folderWith({ 'site.ini': `[app:main]\nuse = apart#${name}\nsiez = 5\nsize = x\n`, ...APART });
      const faults = await faultsOf(loadAppSource('site.ini', { relativeTo: folder.path }));
      assert.deepEqual(new Set(faults.map(({ at }) => at?.line)), new Set([3, 4]));
    });
  }

  const COMPOSED = ['[composite:main]', 'use = apart#urls', 'size = 5', '[app:child]', 'use = apart#app', 'size = 6', '[filter:f]', 'use = apart#filter', 'size = 7']; // oxfmt-ignore

  it('is not imported by a worker for what a composite asks for either', async () => {
    using folder = folderWith({ 'site.ini': COMPOSED.join('\n'), ...APART });
    const source = await loadAppSource('site.ini', { relativeTo: folder.path });
    const made = { settings: { size: 5 }, child: { size: 6 }, filter: { size: 7 }, imported: ['factory'] };
    assert.deepEqual(await inFreshThread(source), made);
  });

  it('says nothing of a section that nobody asks for', async () => {
    const wrong = ['[app:unused]', 'use = apart#app', 'size = x', '[app:gone]', 'use = no-such-package'];
    using folder = folderWith({ 'site.ini': [...COMPOSED, ...wrong].join('\n'), ...APART });
    const source = await loadAppSource('site.ini', { relativeTo: folder.path });
    assert.deepEqual(((await inFreshThread(source)) as { imported: unknown }).imported, ['factory']);
  });

  it('is applied where it is asked for, when the settings are others there', async () => {
    const lines = COMPOSED.map((line) => (line === 'size = 6' ? 'get size = city' : line));
    using folder = folderWith({ 'site.ini': ['[DEFAULT]', 'city = 6', ...lines].join('\n'), ...APART });
    const source = await loadAppSource('site.ini', { relativeTo: folder.path, vars: { city: '8' } });
    assert.deepEqual(((await inFreshThread(source)) as { child: unknown }).child, { size: 8 });
  });

  for (const [made, found] of [
    ['new URL(text)', 'an object of the class URL'],
    ['{ list: [() => text] }', 'a function'],
    ['new Map([[1, Symbol()]])', 'a symbol'],
    ['Buffer.from(text)', 'an object of the class Buffer'],
    ['new (class Names extends Map {})()', 'an object of the class Names'],
    ['new (class Names extends Array {})()', 'an object of the class Names'],
    ['{ [Symbol()]: 1 }', 'an object with a symbol for a key'],
    ['Object.create(Object.create(null))', 'an object of a class without a name'],
    ['Object.create({})', 'an object of a class without a name'],
    ['Object.create({ constructor: 1 })', 'an object of a class without a name'],
  ] as const) {
    it(`must make what another thread can be given: ${made}`, async () => {
      const options = `${IMPORTS} export const options = z.object({ where: z.string().transform((text) => (${made})) });`;
      const shop = installed(
        'shop',
        { appserve: { app_factory: { main: entry('app') } } },
        { 'factories.mjs': SHOWING, 'options.mjs': options },
      );
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = shop#main\nwhere = http://a/\n', ...shop });
      const fault = await faultOf(loadAppSource('site.ini', { relativeTo: folder.path }));
      assert.equal(pointed(fault), 'SETTINGS_NOT_PLAIN 3:1 where');
      assert.deepEqual(fault.details, { key: 'where', found });
    });
  }

  for (const [made, found] of [
    ['() => values', 'a function'],
    ['new (class Pool { size = 1 })()', 'an object of the class Pool'],
  ] as const)
    it(`may not make a stranger of all: ${made}`, async () => {
      const options = `${IMPORTS} export const options = z.object({ where: z.string() }).transform((values) => (${made}));`;
      const manifest = { appserve: { app_factory: { main: entry('app') } } };
      const shop = installed('shop', manifest, { 'factories.mjs': SHOWING, 'options.mjs': options });
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = shop#main\nwhere = x\n', ...shop });
      const fault = await faultOf(loadAppSource('site.ini', { relativeTo: folder.path }));
      assert.equal(pointed(fault), 'SETTINGS_NOT_PLAIN 1:1 [app:main]');
      assert.deepEqual(fault.details, { key: 'the settings', found });
    });

  for (const [what, made] of [
    ['goes in a circle', '(() => { const one = { a: [] }; one.a.push(one); return one; })()'],
    ['is as deep as a well', '(() => { let deep = {}; for (let at = 0; at < 20_000; at += 1) deep = { deep }; return deep; })()'],
  ] as const)
    it(`may make what ${what}`, async () => {
      const options = `${IMPORTS} export const options = z.object({ where: z.string().transform(() => ${made}) });`;
      const manifest = { appserve: { app_factory: { main: entry('app') } } };
      const shop = installed('shop', manifest, { 'factories.mjs': SHOWING, 'options.mjs': options });
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = shop#main\nwhere = x\n', ...shop });
      await loadAppSource('site.ini', { relativeTo: folder.path });
    });

  it('may make dates, maps, sets and bytes', async () => {
    const made = '[new Date(0), new Map([["a", 1n]]), new Set([/x/]), new Uint8Array(2), new ArrayBuffer(3), undefined, null]';
    const options = `${IMPORTS} export const options = z.object({ where: z.string().transform((text) => ${made}) });`;
    const shop = installed(
      'shop',
      { appserve: { app_factory: { main: entry('app') } } },
      { 'factories.mjs': SHOWING, 'options.mjs': options },
    );
    using folder = folderWith({ 'site.ini': '[app:main]\nuse = shop#main\nwhere = x\n', ...shop });
    const { settings } = (await inFreshThread(await loadAppSource('site.ini', { relativeTo: folder.path }))) as {
      readonly settings: unknown;
    };
    const { where } = settings as { readonly where: readonly unknown[] };
    assert.deepEqual(where.slice(0, 3), [new Date(0), new Map([['a', 1n]]), new Set([/x/])]);
  });

  it('is settled for a filter', async () => {
    const app = ['[app:main]', 'use = apart#app', 'size = 5', 'filter-with = f', '[filter:f]', 'use = apart#filter', 'size = 7'];
    const { settings, inner } = await loaded(...app);
    assert.deepEqual([settings, inner.settings], [{ size: 7 }, { size: 5 }]);
  });

  it('is settled for a composite, and for what it asks for', async () => {
    const child = ['[app:child]', 'use = apart#app', 'size = 2', '[filter:f]', 'use = apart#filter', 'size = 3'];
    const composite = await loaded('[composite:main]', 'use = apart#urls', 'size = 1', ...child);
    assert.deepEqual([composite.settings, composite.child.settings], [{ size: 1 }, { size: 2 }]);
    assert.deepEqual((await composite.filter(() => 0)).settings, { size: 3 });
  });

  it('is told for what a composite asks for, where it stands', async () => {
    const child = ['[app:child]', 'use = apart#app', 'size = x', '[filter:f]', 'use = apart#filter', 'size = 3'];
    const fault = await faultOf(loaded('[composite:main]', 'use = apart#urls', 'size = 1', ...child));
    assert.equal(pointed(fault), 'SETTING_INVALID 6:8 x');
  });

  for (const [what, manifest, where] of [
    ['no reference', { factory: './f.mjs#f', options: './o.mjs' }, 'ENTRY_POINT_INVALID'],
    ['outside of the package', { factory: './f.mjs#f', options: '../o.mjs#o' }, 'ENTRY_POINT_INVALID'],
    ['a missing module', { factory: './f.mjs#f', options: './nowhere.mjs#o' }, 'MODULE_MISSING'],
    ['a missing export', { factory: './f.mjs#f', options: './o.mjs#nothing' }, 'EXPORT_MISSING'],
    ['a module that fails', { factory: './f.mjs#f', options: './bad.mjs#o' }, 'MODULE_FAILED'],
    ['without a factory', { options: './o.mjs#o' }, 'ENTRY_POINT_INVALID'],
  ] as const) {
    it(`may not be ${what}`, async () => {
      const files = {
        'f.mjs': 'export const f = () => () => 0;',
        'o.mjs': 'export const o = {};',
        'bad.mjs': 'throw new Error();',
      };
      const shop = installed('shop', { appserve: { app_factory: { main: manifest } } }, files);
      using folder = folderWith({ 'site.ini': '[app:main]\nuse = shop#main\n', ...shop, ...SHAPES });
      const fault = await faultOf(loadAppSource('site.ini', { relativeTo: folder.path }));
      assert.equal(pointed(fault), `${where} 2:7 shop#main`);
    });
  }
});
