// What a check says of parts whose options are right each by itself, and not together: before anything is made of them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConfig } from '@appserve/loader';
import { folderWith } from '../support/packages.ts';

const TIMEOUT = { timeout: 120_000 };

const APP = ['[app:a]', 'use = @appserve/parts#test'];
const MAIN = ['[app:main]', 'use = @appserve/parts#test'];
const SERVER = ['[server:main]', 'use = @appserve/server#main', 'socket = 127.0.0.1:0', 'workers = 1'];

describe('a check', TIMEOUT, () => {
  for (const [what, section, lines, code, line] of [
    ['one path twice', 'composite:main', ['use = #urlmap', '/x = a', '/x/ = a'], 'OPTIONS_CONFLICT', 4],
    ['one host twice', 'composite:main', ['use = #hosts', 'a.test = a', 'A.test = a'], 'OPTIONS_CONFLICT', 4],
    ['no weight', 'composite:main', ['use = #canary', 'a = 0'], 'OPTION_REQUIRED', 1],
    ['no app', 'composite:main', ['use = #cascade', 'catch = 404'], 'OPTION_REQUIRED', 1],
    ['all origins', 'filter:f', ['use = #cors', 'credentials = true', 'origins = *'], 'OPTIONS_CONFLICT', 4],
    [
      'a cookie that browsers refuse',
      'filter:f',
      ['use = #session_cookie', `secrets = ${'x'.repeat(32)}`, 'same_site = None', 'secure = false'],
      'OPTIONS_CONFLICT',
      4,
    ],
  ] as const)
    it(`refuses ${what}, where it stands`, async () => {
      const main = section === 'composite:main' ? [] : MAIN;
      const ini = [`[${section}]`, ...lines, ...APP, ...main, ...SERVER].join('\n').replace('use = #', 'use = @appserve/parts#');
      using folder = folderWith({ 'site.ini': ini });
      const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
      assert.deepEqual(
        faults.map((fault) => [fault.code, fault.at?.line]),
        [[code, line]],
      );
    });
});
