// What others lean on stands in docs/api: a change of it shows in review. That the pages are printed anew is for docs.test.ts to see.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inRepository } from '../support/repository.ts';
import { PACKAGES } from '../support/sources.ts';

const SECTION = /^## `([^`]+)`\n\n```ts\n([^]*?)\n```$/gm;

describe('the pages of docs/api', () => {
  for (const folder of PACKAGES) {
    const page = readFileSync(inRepository(`docs/api/${folder}.md`), 'utf8');
    for (const [, name, text] of page.matchAll(SECTION)) {
      it(`show all that ${name} exports`, async () => {
        const exported = Object.keys((await import(name!)) as object);
        const declared = /^(?:(?:abstract )?class|const|function|export \{) (?:\w+ as )?(\w+)/gm;
        const shown = new Set(Array.from(text!.matchAll(declared), ([, one]) => one));
        assert.deepEqual(
          exported.filter((one) => !shown.has(one)),
          [],
        );
      });
    }
  }

  it('are of every package, and every public entry point', () => {
    const guide = readFileSync(inRepository('docs/guide/versions.md'), 'utf8');
    const [, table] = /<!-- printed: public -->([^]*?)<!-- end -->/.exec(guide)!;
    const points = Array.from(table!.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name!);
    const pages = PACKAGES.map((folder) => readFileSync(inRepository(`docs/api/${folder}.md`), 'utf8'));
    const shown = pages.flatMap((page) => Array.from(page.matchAll(SECTION), ([, name]) => name!));
    assert.deepEqual(shown.toSorted(), points.toSorted());
  });
});
