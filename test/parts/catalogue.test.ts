// What every part must have: an entry point, a declaration, an example that loads, and the names that old inis know it by.

import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { markdownTable, OTHERS, required } from '@appserve/core/options';
import { describeOptions, loadLivingApp } from '@appserve/loader';
import { CATALOGUE, type Part } from '@appserve/parts/catalogue';
import { faultOf, faultsOf } from '../support/faults.ts';
import { folderWith, type Tree } from '../support/packages.ts';
import { inRepository } from '../support/repository.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const parts = Object.entries(CATALOGUE as Readonly<Record<string, Part>>);

/** What must lie beside an example. */
const BESIDE: Readonly<Record<string, Tree>> = {
  auth_basic: { 'members.htpasswd': '# nobody yet\n' },
  cgi: { 'cgi-bin/hello.sh': '#!/bin/sh\n' },
  static: { 'public/index.html': '<!doctype html>' },
};

/** The folder of an example. */
function folderOf(name: string, example: string): TemporaryFolder {
  const folder = folderWith({ 'site.ini': example, ...BESIDE[name] });
  for (const path of Object.keys(BESIDE[name] ?? {})) if (path.endsWith('.sh')) chmodSync(`${folder.path}/${path}`, 0o755);
  return folder;
}

/** One of these is wrong for every option that does not take any words. */
const WRONG = ['', '\u0001', ':/ %% :'];

const TAKES_ANYTHING = new Set(['cgi args', 'debug mask']);

/** A key of the row for all others. */
function otherKey(name: string): string {
  const keys: Readonly<Record<string, string>> = { error_document: '404', hosts: 'example.org', urlmap: '/a/b', cascade: 'app7' };
  return keys[name] ?? 'some';
}

/** An ini without the lines of that key. */
function without(key: string, ini: string): string {
  return ini.replace(new RegExp(`^${key} =.*\\n(?:[ \\t].*\\n)*`, 'gm'), '');
}

type Offered = Readonly<Record<string, Readonly<Record<string, { readonly factory: string; readonly options: string }>>>>;
const { appserve } = JSON.parse(readFileSync(inRepository('packages/parts/package.json'), 'utf8')) as {
  readonly appserve: Offered;
};

const ROLE = { app_factory: 'app', composite_factory: 'app', filter_factory: 'filter', filter_app_factory: 'filter' } as const;

describe('the catalogue', () => {
  it('has what the package offers, each in its group', () => {
    const offered = Object.entries(appserve).flatMap(([group, entries]) =>
      Object.keys(entries).map((name) => `${name}: ${group}`),
    );
    assert.deepEqual(new Set(offered), new Set(parts.map(([name, { group }]) => `${name}: ${group}`)));
  });

  it('is in the order of the alphabet', () => {
    const names = parts.map(([name]) => name);
    assert.deepEqual(names, names.toSorted());
  });
});

for (const [name, part] of parts) {
  describe(`the part ${name}`, () => {
    const uses = `use = @appserve/parts#${name}`;

    it('is made by the example of its reference', async () => {
      assert.ok(part.example.includes(`${uses}\n`), 'the example names it');
      using folder = folderOf(name, part.example);
      const living = await loadLivingApp('site.ini', { relativeTo: folder.path });
      await living.start();
      assert.deepEqual(await living.close(), []);
    });

    it('refuses an option that it does not have, at its line', async () => {
      const example = part.example.replace(`${uses}\n`, `${uses}\nno such option = 1\n`);
      const line = example.split('\n').indexOf('no such option = 1') + 1;
      using folder = folderOf(name, example);
      const fault = await faultOf(loadLivingApp('site.ini', { relativeTo: folder.path }));
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_UNKNOWN', line]);
    });

    for (const [key, declared] of Object.entries(part.options)) {
      const wrong = WRONG.find((value) => !declared.kind.schema.safeParse(value).success);
      if (TAKES_ANYTHING.has(`${name} ${key}`)) {
        it(`takes any words for ${key}`, () => assert.equal(wrong, undefined));
        continue;
      }
      it(`refuses a wrong ${key} at its line`, async () => {
        const written = key === OTHERS ? otherKey(name) : key;
        const lines = without(written, part.example).split('\n');
        lines.splice(lines.indexOf(uses) + 1, 0, `${written} = ${wrong}`);
        using folder = folderOf(name, lines.join('\n'));
        const [fault] = await faultsOf(loadLivingApp('site.ini', { relativeTo: folder.path }));
        assert.deepEqual([fault?.code, fault?.at?.line], ['OPTION_INVALID', lines.indexOf(uses) + 2]);
        assert.ok(fault!.message.includes(declared.kind.allowed), fault!.message);
      });

      if (declared.fallback !== required) continue;
      it(`asks for ${key} at the section`, async () => {
        const lines = without(key, part.example).split('\n');
        using folder = folderOf(name, lines.join('\n'));
        const fault = await faultOf(loadLivingApp('site.ini', { relativeTo: folder.path }));
        assert.deepEqual([fault.code, fault.at?.line], ['OPTION_REQUIRED', lines.indexOf(uses)]);
        assert.ok(fault.message.includes(key), fault.message);
      });
    }

    for (const egg of [`egg:@appserve/parts#${name}`, ...(part.legacy ?? []).map((known) => `egg:${known}`)]) {
      it(`is what ${egg} means`, async () => {
        const described = await describeOptions(egg, { kind: ROLE[part.group], relativeTo: inRepository('packages/cli') });
        assert.equal(described?.markdown, markdownTable(part.options));
      });
    }
  });
}
