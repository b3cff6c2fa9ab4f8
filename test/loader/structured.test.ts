// A configuration in JSON, YAML or a module: the same as the ini that says the same, and what is refused, where.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Fault, FaultList } from '@appserve/core';
import { appConfig, defineConfig, type Config } from '@appserve/loader';
import { languageOf, parseStructured, type Format } from '@appserve/loader/structured';
import { faultOf, faultsOf, pointed } from '../support/faults.ts';
import { appFactory, folderWith } from '../support/packages.ts';

type Text = string | number | boolean;
type Model = Readonly<Record<string, Readonly<Record<string, Text | readonly Text[]>>>>;

/** Its texts as `section.key`, each as an ini's. */
function textsOf(text: string, format: Format): Record<string, string> {
  const { defaults, sections } = parseStructured(text, `site.${format}`, format);
  return Object.fromEntries(
    [defaults, ...sections.values()].flatMap(({ name, values }) =>
      Array.from(values, ([key, value]) => [`${name}.${key}`, value.text] as const),
    ),
  );
}

/** What is wrong with a text, as `CODE line:column underlined`. */
async function wrong(text: string, format: Format = 'yaml'): Promise<string[]> {
  const faults = await faultsOf(Promise.resolve().then(() => parseStructured(text, `site.${format}`, format)));
  for (const { at } of faults) assert.equal(at?.file, `site.${format}`);
  return faults.map(pointed);
}

async function message(text: string, format: Format = 'yaml'): Promise<string> {
  return (await faultOf(Promise.resolve().then(() => parseStructured(text, 'site', format)))).message;
}

// The same in four languages.

const INI = `
[DEFAULT]
root = /srv
debug = true

[app:main]
use = ./app.mjs#make
data = %(root)s/main
home = %(here)s
rate = 50%%
port = 8080
ratio = 1.5
quiet = false
hosts = a.example
    b.example
    7

[app:admin]
use = main
data = %(root)s/admin
`;
const MODEL: Model & Config = {
  DEFAULT: { root: '/srv', debug: true },
  'app:main': {
    use: './app.mjs#make',
    data: '%(root)s/main',
    home: '%(here)s',
    rate: '50%%',
    port: 8080,
    ratio: 1.5,
    quiet: false,
    hosts: ['a.example', 'b.example', 7],
  },
  'app:admin': { use: 'main', data: '%(root)s/admin' },
};
const YAML = `
# the same
DEFAULT: &globals
  root: /srv
  debug: true
app:main:
  use: ./app.mjs#make
  data: '%(root)s/main'
  home: "%(here)s"
  rate: 50%%
  port: 8080
  ratio: 1.5
  quiet: false
  hosts: [a.example, b.example, 7]
app:admin: { use: main, data: "%(root)s/admin" }
`;

/** A model in each language, by the name of its file. */
function inAll(model: unknown, ini: string, yaml: string = toYaml(model as Model)): Readonly<Record<string, string>> {
  const json = JSON.stringify(model, undefined, 2);
  return {
    'site.ini': ini,
    'site.json': json,
    'site.yaml': yaml,
    'site.yml': json,
    'site.mjs': `export default ${json};`,
    'site.cjs': `module.exports = ${json};`,
    'package.json': JSON.stringify({ appserve: { config: model } }),
  };
}

/** In blocks. What JSON quotes, YAML understands. */
function toYaml(model: Model): string {
  const lines = Object.entries(model).flatMap(([section, values]) => {
    const keys = Object.entries(values).flatMap(([key, value]) => {
      if (!Array.isArray(value)) return [`  ${JSON.stringify(key)}: ${JSON.stringify(value)}`];
      if (value.length === 0) return [`  ${JSON.stringify(key)}: []`];
      return [`  ${JSON.stringify(key)}:`, ...value.map((item: Text) => `    - ${JSON.stringify(item)}`)];
    });
    return keys.length === 0 ? [`${JSON.stringify(section)}: {}`] : [`${JSON.stringify(section)}:`, ...keys];
  });
  return lines.length === 0 ? '{}' : lines.join('\n');
}

describe('a configuration', () => {
  for (const file of Object.keys(inAll(MODEL, INI, YAML))) {
    it(`in ${file} is that of the ini`, async () => {
      using folder = folderWith({ ...inAll(MODEL, INI, YAML), 'app.mjs': appFactory('make') });
      const options = { relativeTo: folder.path };
      for (const name of ['main', 'admin']) {
        const wanted = await appConfig('site.ini', { ...options, name });
        const { globalConf, localConf } = await appConfig(file, { ...options, name });
        assert.deepEqual(localConf, wanted.localConf);
        assert.deepEqual(globalConf, { ...wanted.globalConf, __file__: `${folder.path}/${file}` });
      }
    });
  }

  const MISTAKES: readonly (readonly [code: string, model: Model, ini: string])[] = [
    ['SECTION_MISSING', { 'app:mian': {} }, '[app:mian]'],
    ['USE_MISSING', { 'app:main': { greeting: 'x' } }, '[app:main]\ngreeting = x'],
    ['INTERPOLATION_MISSING', { 'app:main': { use: './app.mjs', x: '%(y)s' } }, '[app:main]\nuse = ./app.mjs\nx = %(y)s'],
    ['INTERPOLATION_SYNTAX', { 'app:main': { use: './app.mjs', x: '5%' } }, '[app:main]\nuse = ./app.mjs\nx = 5%'],
    ['USE_CYCLE', { 'app:main': { use: 'b' }, 'app:b': { use: 'main' } }, '[app:main]\nuse = b\n[app:b]\nuse = main'],
    ['MODULE_MISSING', { 'app:main': { use: './no.mjs' } }, '[app:main]\nuse = ./no.mjs'],
  ];
  for (const [code, model, ini] of MISTAKES) {
    it(`has the same mistake in every language: ${code}`, async () => {
      const files = inAll(model, ini);
      using folder = folderWith({ ...files, 'app.mjs': appFactory('main') });
      for (const file of Object.keys(files)) {
        const fault = await faultOf(appConfig(file, { relativeTo: folder.path }));
        assert.equal(fault.code, code, file);
        assert.equal(fault.at?.file, file);
      }
    });
  }

  it('that cannot be read is told as an ini is', async () => {
    using folder = folderWith({ 'bytes.json': Buffer.from([0xff]) });
    const codeOf = async (path: string): Promise<string> => (await faultOf(appConfig(path, { relativeTo: folder.path }))).code;
    for (const path of ['no.json', 'no.yaml', 'no.mjs']) assert.equal(await codeOf(path), 'CONFIG_MISSING');
    assert.equal(await codeOf('bytes.json'), 'CONFIG_UNREADABLE');
  });
});

describe('the language of a file', () => {
  const LANGUAGES = [
    ['ini', 'site.ini x.cfg x.conf site x.toml .ini'],
    ['json', 'site.json .appserverc.json A.JSON'],
    ['yaml', 'site.yaml site.yml .appserverc .appserverc.yaml'],
    ['module', 'a.ts a.mts a.js a.mjs a.cjs'],
    ['manifest', 'package.json /srv/site/package.json'],
  ] as const;
  for (const [language, files] of LANGUAGES) {
    it(`is ${language} by its name: ${files}`, () => {
      for (const file of files.split(' ')) assert.equal(languageOf(file), language, file);
    });
  }
});

describe('a value', () => {
  const VALUES: readonly (readonly [yaml: string, text: string])[] = [
    ['plain', 'plain'],
    ["'it''s'", "it's"],
    ['"a\\tb"', 'a\tb'],
    ['8080', '8080'],
    ['007', '007'],
    ['1.10', '1.10'],
    ['0x1F', '0x1F'],
    ['12345678901234567890', '12345678901234567890'],
    ['True', 'True'],
    ['yes', 'yes'],
    ['""', ''],
    ['"null"', 'null'],
    ['2026-01-01', '2026-01-01'],
    ['[]', ''],
    ['[a, 1, true]', 'a\n1\ntrue'],
    ['\n  - a\n  - "b c"', 'a\nb c'],
    ['|\n  a\n    b\n', 'a\n  b'],
    ['>\n  a\n  b\n', 'a b'],
    ['"end  "', 'end'],
  ];
  for (const [yaml, text] of VALUES) {
    it(`is the text that stands in the file: ${JSON.stringify(yaml)}`, () => {
      assert.deepEqual(textsOf(`app:main:\n  x: ${yaml.replaceAll('\n', '\n  ')}`, 'yaml'), { 'app:main.x': text });
    });
  }

  it('in JSON is the text that stands in the file too', () => {
    assert.deepEqual(textsOf('{"a": {"x": 1.10, "y": 1e3, "z": false, "<<": "\\u00e9"}}', 'json'), {
      'a.x': '1.10',
      'a.y': '1e3',
      'a.z': 'false',
      'a.<<': 'é',
    });
  });

  it('knows the line of each of its lines', () => {
    const yaml = 'a:\n  x: |\n    one\n    two\n  y:\n    - one\n    - "two"\n';
    const { values } = parseStructured(yaml, 'f', 'yaml').sections.get('a')!;
    const places = [...values.values()].map(({ at, lines }) => [at, ...lines].map(({ line, column }) => `${line}:${column}`));
    assert.deepEqual(places, [
      ['2:3', '3:5', '4:5'],
      ['5:3', '6:7', '7:8'],
    ]);
  });

  it('with a mistake is shown where the mistake is', async () => {
    using folder = folderWith({
      'site.yaml': 'app:main:\n  use: ./app.mjs\n  x:\n    - a\n    - "b %(no)s"\n',
      'app.mjs': appFactory('main'),
    });
    const fault = await faultOf(appConfig('site.yaml', { relativeTo: folder.path }));
    assert.equal(pointed(fault), 'INTERPOLATION_MISSING 5:10 %(no)s');
  });

  it('may come by an anchor or by a merge', () => {
    const yaml =
      'base: &base { x: 1, y: &y [2, 3] }\na: { <<: *base, x: 4 }\nb: *base\nc: { <<: [{ z: 5 }, *base], y: *y }\n*k : { }\n';
    assert.deepEqual(textsOf(yaml.replace('*k : { }\n', ''), 'yaml'), {
      'base.x': '1',
      'base.y': '2\n3',
      'a.x': '4',
      'a.y': '2\n3',
      'b.x': '1',
      'b.y': '2\n3',
      'c.y': '2\n3',
      'c.z': '5',
      'c.x': '1',
    });
  });
});

describe('names that JavaScript has for something else', () => {
  it('are names like others', () => {
    const json = '{"__proto__": {"__proto__": "1", "constructor": "2"}, "constructor": {"toString": "3"}}';
    for (const format of ['json', 'yaml'] as const) {
      const { sections } = parseStructured(json, 'f', format);
      assert.deepEqual([...sections.keys()], ['__proto__', 'constructor']);
      assert.deepEqual([...sections.get('__proto__')!.values.keys()], ['__proto__', 'constructor']);
    }
    assert.equal(({} as Record<string, unknown>)['1'], undefined);
  });
});

describe('JSON', () => {
  const MISTAKES: readonly (readonly [text: string, place: string, why: string])[] = [
    ['', '1:1', 'the text ends too early'],
    ['{"a": {}', '1:9', 'the text ends too early'],
    ['{"a": {},}', '1:10 }', 'the comma in front of it has nothing behind it'],
    ['{"a": {"b": [1,\n ]}}', '2:2 ]', 'the comma in front of it has nothing behind it'],
    ['// c\n{}', '1:1 /', 'JSON has no comments'],
    ['{\n  # c\n}', '2:3 #', 'JSON has no comments'],
    ['{} /* c */', '1:4 /', 'JSON has no comments'],
    ["{'a': 1}", "1:2 '", 'JSON takes double quotes only'],
    ['{a: 1}', '1:2 a', 'a name in double quotes or } is missing here'],
    ['{"a" 1}', '1:6 1', 'a colon is missing here'],
    ['{"a": 1 "b": 2}', '1:9 "', 'a comma is missing here'],
    ['{"a": 01}', '1:8 1', 'a comma is missing here'],
    ['{"a": "b\nc"}', '1:7 "', 'the string is not closed in its line, or holds what must be escaped'],
    ['{"a": nul}', '1:7 n', 'a value is missing here'],
    ['{"a": [}', '1:8 }', 'a value or ] is missing here'],
    ['{} {}', '1:4 {', 'there is something behind the end'],
  ];
  for (const [text, place, why] of MISTAKES) {
    it(`is refused where it is none: ${JSON.stringify(text)}`, async () => {
      assert.deepEqual(await wrong(text, 'json'), [`CONFIG_SYNTAX ${place}`]);
      assert.equal(await message(text, 'json'), why);
    });
  }

  it('may begin with a byte order mark', () => {
    assert.deepEqual(textsOf('\ufeff{"a": {"b": 1}}', 'json'), { 'a.b': '1' });
  });
});

describe('YAML', () => {
  const MISTAKES: readonly (readonly [text: string, place: string])[] = [
    ['a: [', '1:5'],
    ['a:\n\tb: 1', '2:1'],
    ['a: *b', '1:4 *b'],
    ['a: {<<: *b}', '1:9 *b'],
    ['a: {<<: 1}', '1:5 <<'],
    ['a: &a {<<: *a}', '1:8 <<'],
    ['a: {}\n---\nb: {}', '2:1 ---'],
  ];
  for (const [text, place] of MISTAKES) {
    it(`is refused where it is none: ${JSON.stringify(text)}`, async () => {
      assert.deepEqual(await wrong(text), [`CONFIG_SYNTAX ${place}`]);
    });
  }

  it('may not stand for more than it says', async () => {
    const items = Array.from({ length: 200 }, () => '1').join();
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}: *l`).join();
    const sections = Array.from({ length: 200 }, (_, index) => `s${index}: *s`).join('\n');
    assert.equal(
      await message(`x: &s { k: &l [${items}], ${keys} }\n${sections}`),
      'its aliases stand for more than 10000 values',
    );
  });

  it('may use an anchor in many sections', () => {
    const sections = Array.from({ length: 500 }, (_, index) => `s${index}: { <<: *base, n: ${index} }`).join('\n');
    assert.equal(Object.keys(textsOf(`base: &base { x: 1 }\n${sections}`, 'yaml')).length, 1 + 2 * 500);
  });

  it('may not be nested without end', async () => {
    for (const format of ['json', 'yaml'] as const) {
      const depth = 20_000;
      assert.equal(await message('['.repeat(depth) + ']'.repeat(depth), format), 'it is nested too deep');
    }
  });
});

describe('what no ini could say', () => {
  const SHAPES: readonly (readonly [text: string, pointed: string, message: string])[] = [
    ['', 'CONFIG_SHAPE 1:1', 'the configuration is null'],
    ['[a]', 'CONFIG_SHAPE 1:1 [a]', 'the configuration is a list'],
    ['text', 'CONFIG_SHAPE 1:1 text', 'the configuration is text'],
    ['a: 1', 'CONFIG_SHAPE 1:4 1', '[a] is text'],
    ['a:', 'CONFIG_SHAPE 1:3', '[a] is null'],
    ['a: [x]', 'CONFIG_SHAPE 1:4 [x]', '[a] is a list'],
    ['a: { x: null }', 'CONFIG_SHAPE 1:9 null', 'x of [a] is null'],
    ['a: { x: ~ }', 'CONFIG_SHAPE 1:9 ~', 'x of [a] is null'],
    ['a: { x }', 'CONFIG_SHAPE 1:6 x', 'x of [a] is null'],
    ['a: { x: { y: 1 } }', 'CONFIG_SHAPE 1:9 { y: 1 }', 'x of [a] is a map'],
    ['a: { x: [1, [2]] }', 'CONFIG_SHAPE 1:13 [2]', 'an item of x of [a] is a list'],
    ['a: { x: [1, null] }', 'CONFIG_SHAPE 1:13 null', 'an item of x of [a] is null'],
    ['a: { x: !!binary aGk= }', 'CONFIG_SHAPE 1:18 aGk=', 'x of [a] is of the type tag:yaml.org,2002:binary'],
    ['a: { x: !env HOME }', 'CONFIG_SHAPE 1:14 HOME', 'x of [a] is of the type !env'],
    ['a: !!set { x }', 'CONFIG_SHAPE 1:10 { x }', '[a] is of the type tag:yaml.org,2002:set'],
    ['"": {}', 'CONFIG_SHAPE 1:1 ""', 'the name of a section is empty'],
    ['a: { "": 1 }', 'CONFIG_SHAPE 1:6 ""', 'the name of a key of [a] is empty'],
    ['? [a]\n: {}', 'CONFIG_SHAPE 1:1 ? [a]', 'the name of a section is no text'],
  ];
  for (const [text, place, said] of SHAPES) {
    it(`is refused where it stands: ${JSON.stringify(text)}`, async () => {
      assert.deepEqual([await wrong(text), await message(text)], [[place], said]);
    });
  }

  it('is refused with all the rest of it', async () => {
    const yaml = 'a: { x: 1, y: null, x: 2 }\nb: 1\na: {}\n';
    assert.deepEqual(await wrong(yaml), [
      'CONFIG_SHAPE 1:15 null',
      'KEY_REPEATED 1:21 x',
      'CONFIG_SHAPE 2:4 1',
      'SECTION_REPEATED 3:1 a',
    ]);
  });

  it('is refused in JSON too', async () => {
    assert.deepEqual(await wrong('{"a": {"x": null, "x": 1}, "a": {}}', 'json'), [
      'CONFIG_SHAPE 1:13 null',
      'KEY_REPEATED 1:19 "x"',
      'SECTION_REPEATED 1:28 "a"',
    ]);
  });

  it('is a package.json without sections', async () => {
    assert.equal(await message('{}', 'manifest'), '"appserve.config" is not there');
    assert.equal(await message('{"appserve": {"config": "site.ini"}}', 'manifest'), '"appserve.config" is text');
  });
});

/** What is wrong with a module. */
async function wrongModule(text: string): Promise<Fault> {
  using folder = folderWith({ 'site.mjs': text });
  return await faultOf(appConfig('site.mjs', { relativeTo: folder.path }));
}

describe('a module', () => {
  it('knows no place but itself', async () => {
    const { at } = await wrongModule('export default { "app:main": {} };');
    assert.deepEqual(at, { file: 'site.mjs', line: 1, column: 1 });
  });

  const REFUSED: readonly (readonly [text: string, message: string])[] = [
    ['export const config = {};', 'the default export is not there'],
    ['export default new Map();', 'the default export is an object of another kind'],
    ['export default { a: new Map() };', '[a] is an object of another kind'],
    ['export default { a: { __proto__: { x: 1 } } };', '[a] is an object of another kind'],
    ['export default { a: { x: undefined } };', 'x of [a] is undefined'],
    ['export default { a: { x: null } };', 'x of [a] is null'],
    ['export default { a: { x: NaN } };', 'x of [a] is NaN'],
    ['export default { a: { x: [,] } };', 'an item of x of [a] is undefined'],
    ['const a = {}; a.x = a; export default { a };', 'x of [a] is a map'],
  ];
  for (const [text, said] of REFUSED) {
    it(`is refused: ${text}`, async () => {
      const { code, message: is } = await wrongModule(text);
      assert.deepEqual([code, is], ['CONFIG_SHAPE', said]);
    });
  }

  const CODE: readonly (readonly [text: string, exported: string, named: string])[] = [
    ['export default () => ({});', 'default', 'site.mjs#default'],
    ['export const make = () => 1, app = () => 2;', 'app, make', 'site.mjs#app'],
    ['export default { fetch() {} };', 'default', 'site.mjs#default'],
    ['export const main = (globalConf, settings) => () => 1;', 'main', 'call:./site.mjs:main'],
  ];
  for (const [text, exported, named] of CODE) {
    it(`that is an app, and no configuration, says how to serve it: ${text}`, async () => {
      const { code, message: is, hint } = await wrongModule(text);
      const says = `this module is no configuration: it exports ${exported}`;
      const next = `to serve an app without a configuration, name its export: appserve ${named}`;
      assert.deepEqual([code, is, hint], ['CONFIG_IS_CODE', says, next]);
    });
  }

  for (const [thrown, said] of [
    ['new Error("no database")', 'no database'],
    ['7', '7'],
  ] as const) {
    it(`may fail: ${thrown}`, async () => {
      const { code, message: is, cause } = await wrongModule(`throw ${thrown};`);
      assert.equal(code, 'MODULE_FAILED');
      assert.ok(is.endsWith(`/site.mjs failed while it was imported: ${said}`), is);
      assert.ok(cause !== undefined);
    });
  }

  it('in TypeScript has types', () => {
    const config = defineConfig({
      DEFAULT: { port: 8080 },
      'app:main': { use: './app.ts#makeApp', greeting: 'Hello', 'filter-with': 'gzip', 'set debug': true },
      'pipeline:all': { pipeline: ['gzip', 'main'] },
      'server:main': { use: '@appserve/server#main', socket: ['127.0.0.1:%(port)s', '[::1]:%(port)s'], workers: 2 },
    });
    // @ts-expect-error: null is no value
    const wrongValue: Config = { 'app:main': { use: 'x', greeting: null } };
    // @ts-expect-error: there is no such kind of section
    const wrongSection: Config = { 'ap:main': { use: 'x' } };
    // @ts-expect-error: a pipeline has a pipeline
    const wrongKeys: Config = { 'pipeline:main': { use: 'x' } };
    assert.equal([config, wrongValue, wrongSection, wrongKeys].length, 4);
  });
});

// What comes by chance, the same for the same seed.

const SEED = 7;
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '%(x)s',
    ' a ',
    'a\nb',
    '\t',
    '# c',
    'a: b',
    '- a',
    '"',
    "'",
    '<<',
    '*a',
    '&a',
    '!x',
    '|',
    'null',
    '~',
    '\u2028',
    '\u0085',
    '\ufeff',
  ),
);
const names = texts.filter((name) => name !== '');
const scalars = fc.oneof(texts, fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const models = fc.dictionary(
  names,
  fc.dictionary(names, fc.oneof(scalars, fc.array(scalars, { maxLength: 4 })), { maxKeys: 4 }),
  { maxKeys: 4 },
);

const PIECES = [
  ...split('{ } [ ] , : " \' - | > ? ! % @ ` # // \\ \\u00e9 __proto__ a "a" null ~ 1 -1.5e3 01 true &a *a !!set'),
  ...split('\n| |  |\t|\r|- |? |: |# |<<: |a: |"a": |---\n|...|%YAML 1.1\n|%TAG ! x|\0|\ud800|\ufeff', '|'),
];
const JSON_PIECES = [...split('{ } [ ] , : "a" "\\u00e9\\n" "\\x" 1 - .5 1.5E+3 01 true nul'), '"\u0001"', ' ', '\n', '\t', '\f'];

function split(words: string, at = ' '): string[] {
  return words.split(at);
}

describe('by chance', () => {
  it('a text is a document or a Fault', () => {
    const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        fc.oneof(soup, fc.string({ unit: 'binary' })),
        fc.constantFrom<Format>('json', 'yaml', 'manifest'),
        (text, format) => {
          try {
            parseStructured(text, 'f', format);
          } catch (error) {
            if (!(error instanceof Fault) && !(error instanceof FaultList)) throw error;
            for (const { at } of error instanceof FaultList ? error.faults : [error]) assert.ok(at!.line >= 1 && at!.column >= 1);
          }
        },
      ),
      { seed: SEED, numRuns: 20_000 },
    );
  });

  it('a text is JSON where JSON.parse says so', () => {
    const soup = fc.array(fc.constantFrom(...JSON_PIECES), { maxLength: 7 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (text) => {
        assert.equal(isRefused(text), !isJson(text), text);
      }),
      { seed: SEED, numRuns: 30_000 },
    );
  });

  it('JSON in any layout is read', () => {
    fc.assert(
      fc.property(models, fc.array(fc.constantFrom(' ', '\t', '\n', '\r\n', ''), { minLength: 1 }), (model, blanks) => {
        let count = 0;
        const blank = (): string => blanks[(count += 1) % blanks.length]!;
        // Strings whole, and what stands between them by the character.
        const spread = JSON.stringify(model).replaceAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token) => blank() + token + blank());
        assert.deepEqual(textsOf(spread, 'json'), textsOf(JSON.stringify(model), 'json'));
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('a model is the same in JSON and YAML, and is what it was', () => {
    fc.assert(
      fc.property(models, (model) => {
        const read = textsOf(JSON.stringify(model), 'json');
        assert.deepEqual(textsOf(toYaml(model), 'yaml'), read);
        assert.deepEqual(
          read,
          Object.fromEntries(
            Object.entries(model).flatMap(([section, values]) =>
              Object.entries(values).map(([key, value]) => [
                `${section}.${key}`,
                pythonRightStrip([value].flat().map(String).join('\n')),
              ]),
            ),
          ),
        );
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
});

function pythonRightStrip(text: string): string {
  return text.replace(/[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/, '');
}

function isRefused(text: string): boolean {
  try {
    parseStructured(text, 'f', 'json');
    return false;
  } catch (error) {
    return error instanceof Fault && error.code === 'CONFIG_SYNTAX';
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
