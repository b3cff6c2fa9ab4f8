// What is published: each package says of itself what is true.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CATALOGUE } from '@appserve/parts/catalogue';
import { inRepository } from '../support/repository.ts';
import { PACKAGES } from '../support/sources.ts';

/** As the loader reads it: the schema may stand apart. */
interface EntryPoint {
  readonly factory: string;
  readonly options: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly repository: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly type: string;
  readonly files: readonly string[];
  readonly engines: { readonly node: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly appserve?: Readonly<Record<string, Readonly<Record<string, string | EntryPoint>>>>;
}

function read(path: string): Manifest {
  return JSON.parse(readFileSync(inRepository(path), 'utf8')) as Manifest;
}

const workspace = read('package.json');
const manifests = PACKAGES.map((folder) => ({ folder: `packages/${folder}`, manifest: read(`packages/${folder}/package.json`) }));
const ours = new Set(manifests.map(({ manifest }) => manifest.name));

for (const { folder, manifest } of manifests) {
  describe(manifest.name, () => {
    it('has the version of the house', () => {
      assert.equal(manifest.version, workspace.version);
    });

    it('wants exactly that version of the others', () => {
      const inside = Object.entries(manifest.dependencies ?? {}).filter(([name]) => ours.has(name));
      for (const [name, range] of inside) assert.equal(range, workspace.version, name);
    });

    it('runs where the house runs', () => {
      assert.deepEqual([manifest.engines, manifest.type], [workspace.engines, 'module']);
    });

    it('may be used: licence, description, README', () => {
      assert.equal(manifest.license, 'MIT');
      assert.match(manifest.description, /^[A-Z].*\.$/);
      assert.equal(readFileSync(inRepository(`${folder}/LICENSE`), 'utf8'), readFileSync(inRepository('LICENSE'), 'utf8'));
      assert.ok(statSync(inRepository(`${folder}/README.md`)).size > 0);
    });

    it('says where it comes from, and what it is found by', () => {
      const { repository, keywords } = manifest;
      assert.deepEqual(repository, { ...workspace.repository, directory: folder });
      assert.ok(keywords.includes('appserve'));
      assert.equal(new Set(keywords).size, keywords.length);
    });

    it('names types first in each of its exports', () => {
      for (const row of Object.values(manifest.exports)) {
        if (typeof row !== 'string') assert.deepEqual(Object.keys(row), ['types', 'default']);
      }
    });

    it('publishes what its exports and its command need', () => {
      const needed = [...Object.values(manifest.exports).flatMap(pathsOf), ...Object.values(manifest.bin ?? {})];
      for (const path of needed) {
        assert.ok(existsSync(inRepository(`${folder}/${path}`)), `${path} is there after a build`);
        const isPublished = path === './package.json' || manifest.files.includes(path.replace(/^\.\//, '').split('/')[0]!);
        assert.ok(isPublished, `${path} is published`);
      }
      assert.ok(manifest.files.includes('README.md'));
    });

    it('has an export for each face', async () => {
      for (const row of Object.values(manifest.exports)) {
        if (typeof row === 'string') continue;
        const face = (await import(urlOf(folder, row.default))) as object;
        assert.ok(Object.keys(face).length > 0, `${row.default} gives something`);
      }
    });

    it('offers entry points that are functions', async () => {
      for (const reference of Object.values(manifest.appserve ?? {}).flatMap((group) => Object.values(group))) {
        const { factory, options } = typeof reference === 'string' ? { factory: reference, options: undefined } : reference;
        assert.equal(typeof (await exported(folder, factory)), 'function', factory);
        if (options !== undefined) assert.equal(typeof (await exported(folder, options)), 'object', options);
      }
    });
  });
}

describe('the README of @appserve/parts', () => {
  it('names every part', () => {
    const readme = readFileSync(inRepository('packages/parts/README.md'), 'utf8');
    assert.deepEqual(
      Object.keys(CATALOGUE).filter((name) => !readme.includes(`\`${name}\``)),
      [],
    );
  });
});

describe('the changelog', () => {
  const changelog = readFileSync(inRepository('CHANGELOG.md'), 'utf8');

  it('has versions with their days, newest first, below what is not released yet', () => {
    const [first, ...titles] = Array.from(changelog.matchAll(/^## (.*)$/gm), ([, title]) => title!);
    assert.equal(first, 'Unreleased');
    for (const title of titles) assert.match(title, /^\d+\.\d+\.\d+, \d{4}-\d{2}-\d{2}$/);
    const days = titles.map((title) => title.split(', ')[1]!);
    assert.deepEqual(days, days.toSorted().toReversed());
  });

  it('has nothing but Breaking, New and Mended under them', () => {
    const groups = Array.from(changelog.matchAll(/^### (.*)$/gm), ([, title]) => title!);
    assert.deepEqual(
      groups.filter((group) => !['Breaking', 'New', 'Mended'].includes(group)),
      [],
    );
  });
});

async function exported(folder: string, reference: string): Promise<unknown> {
  const [module, names] = reference.split('#') as [string, string];
  let found: unknown = await import(urlOf(folder, module));
  for (const name of names.split('.')) found = (found as Readonly<Record<string, unknown>>)[name];
  return found;
}

function pathsOf(row: string | { readonly types: string; readonly default: string }): string[] {
  return typeof row === 'string' ? [row] : [row.types, row.default];
}

function urlOf(folder: string, path: string): string {
  return pathToFileURL(inRepository(`${folder}/${path}`)).href;
}
