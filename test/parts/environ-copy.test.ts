// An app that is not the only one to be asked gets a copy of the environ: it hides what the environ hides, and prints as it does.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SecureEnviron, WSGISecureEnviron } from '@appserve/core/app';
import { siteOf } from '../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };

/** Prints its environ in every way in which one does so by accident. */
const APP = `import { format, inspect } from 'node:util';
export const make = () => (environ, startResponse) => {
  const printed = [inspect(environ), format('%s %o %j', environ, environ, environ), JSON.stringify({ environ }), String(environ), \`\${environ}\`];
  const own = { path: environ['wsgi.path_bytes']().toString(), hasNothingElse: !('constructor' in environ), status: environ['appserve.error_status'] };
  startResponse(environ.PATH_INFO === '/lost' ? '404 Not Found' : '200 OK', [['Content-Type', 'application/json']]);
  return [Buffer.from(JSON.stringify({ ...own, printed }))];
};`;

interface Told {
  readonly path: string;
  readonly hasNothingElse: boolean;
  readonly status?: number;
  readonly printed: readonly string[];
}

const CLASSES = {
  SecureEnviron,
  WSGISecureEnviron,
  Own: class Own extends SecureEnviron {
    static override whitelistKeys = ['PATH_INFO'];
  },
};

const ERRORS = [
  '[app:main]',
  'use = ./app.mjs#make',
  'filter-with = f',
  '[filter:f]',
  'use = @appserve/parts#error_document',
  '404 = /page',
];
const CASCADE = [
  '[composite:main]',
  'use = @appserve/parts#cascade',
  'app1 = app',
  'app2 = app',
  '[app:app]',
  'use = ./app.mjs#make',
];

/** What is asked, and what the app sees. */
const SCENES = [
  ['an app behind error_document', ERRORS, '/a', { path: '/a' }],
  ['the page of an error', ERRORS, '/lost', { path: '/page', status: 404 }],
  ['the first app of a cascade', CASCADE, '/a', { path: '/a' }],
] as const;

describe('a copy of an environ', TIMEOUT, () => {
  for (const [className, environClass] of Object.entries(CLASSES))
    for (const [who, ini, asks, seen] of SCENES)
      it(`shows ${who} no secret where it is of the class ${className}`, async () => {
        await using site = await siteOf(ini, { files: { 'app.mjs': APP }, environClass });
        const { printed, ...own } = JSON.parse((await site.ask(asks, ['Cookie: session=hunter2'])).body) as Told;
        assert.deepEqual(own, { ...seen, hasNothingElse: true });
        for (const text of printed) {
          assert.doesNotMatch(text, /hunter2/);
          assert.ok(text.length > 2);
        }
        assert.match(printed[0]!, new RegExp(className));
      });
});
