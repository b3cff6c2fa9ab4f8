// The pages of docs/migration: what they name exists, and what they show is loaded.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { COMMANDS } from 'appserve';
import { kebabCase } from '@appserve/core/options';
import { CATALOGUE } from '@appserve/parts/catalogue';
import { fastcgiOptions } from '@appserve/server/fastcgi-options';
import { serverOptions } from '@appserve/server/options';
import { makeAll, readGuide } from '../support/guide.ts';
import { parted, PEERS } from '../support/migration/index.ts';
import { folderWith } from '../support/packages.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages } from '../support/temporary.ts';

const SECTIONS = ['[loggers]', '[handlers]', '[formatters]'];
const FLAGS = [
  ...Object.values(COMMANDS).flatMap(({ flags }) => Object.keys(flags)),
  ...Object.keys(serverOptions).map(kebabCase),
  'help',
];

/** What a word of a table may name. */
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(serverOptions),
  ...Object.keys(fastcgiOptions).map((name) => `fastcgi:${name}`),
  ...FLAGS.map((name) => `--${name}`),
  ...Object.keys(COMMANDS).map((name) => `appserve ${name}`),
  ...Object.keys(CATALOGUE).map((name) => `@appserve/parts#${name}`),
  ...SECTIONS,
]);

const APP = { 'app.js': 'export const makeApp = () => (request) => new Response(request.url);\n' };

for (const { page, tables } of PEERS) {
  describe(`docs/migration/${page}`, () => {
    const path = `docs/migration/${page}`;
    const rows = Object.values(tables).flat();

    it('names nothing of ours that does not exist', () => {
      assert.deepEqual(
        rows.flatMap(([, ours]) => parted(ours)).filter((name) => !KNOWN.has(name)),
        [],
      );
    });

    it('says why where there is nothing', () => {
      assert.deepEqual(
        rows.filter(([, ours, note]) => ours === '' && note === ''),
        [],
      );
    });

    it('has each of their options once', () => {
      for (const [name, table] of Object.entries(tables)) {
        const theirs = table.flatMap(([names]) => parted(names));
        assert.deepEqual(theirs, [...new Set(theirs)], name);
      }
    });

    it('shows every table', () => {
      const printed = Array.from(
        readFileSync(inRepository(path), 'utf8').matchAll(/^<!-- printed: (\w+) -->$/gm),
        ([, name]) => name,
      );
      assert.deepEqual(printed, Object.keys(tables));
    });

    it('has an ini that can be served', async () => {
      const { before, chapters } = readGuide(path);
      const files = Object.fromEntries(
        [...before, ...chapters.flatMap(({ fences }) => fences)]
          .filter(({ info }) => info !== '')
          .map(({ info, text }) => [info, text]),
      );
      using folder = folderWith({ 'package.json': { type: 'module' }, ...APP, ...files });
      linkPackages(folder);
      await makeAll(folder, 'production.ini');
    });
  });
}
