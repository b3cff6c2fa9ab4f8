// Where the libraries of hashes have no binary for the machine: what a site is told, and what works all the same.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { loadLivingApp } from '@appserve/loader';
import { faultOf } from '../../support/faults.ts';
import { filtered, showing } from '../../support/filtered.ts';
import { folderWith } from '../../support/packages.ts';

const HASHES = {
  bcrypt: '$2b$04$5y04DyFy3xyLWm8Dz6m79.F5AfUYndr.v4tlw5ZXZDRmL7dMeuSaO',
  argon2: '$argon2id$v=19$m=64,t=1,p=1$BTj7SQaa/6tcEf7Gl3PxCQ$vyLGyJnXUwpq0VT42U/uDl4UHcqnrld7TKegD/c5XAQ',
};

const site = (users: string): ReturnType<typeof filtered> =>
  filtered('auth_basic', ['users_file = users'], showing('REMOTE_USER'), { files: { users } });

describe('a machine that the libraries of hashes have no binary for', { timeout: 240_000 }, () => {
  // Of this process alone: what looks for a binary asks for the machine's name.
  before(() => Object.defineProperty(process, 'arch', { value: 's390x' }));

  for (const [kind, hash] of Object.entries(HASHES))
    it(`is named where a file of users has hashes of ${kind}`, async () => {
      const fault = await faultOf(site(`ada:${hash}\n`));
      assert.equal(fault.code, 'HASHES_UNSUPPORTED');
      assert.match(fault.message, new RegExp(`${kind}.*@node-rs/${kind} has no binary for ${process.platform} on s390x`));
      assert.equal(fault.at?.line, 5);
    });

  it('loads a site that needs none, and the face of the package', async () => {
    const ini =
      '[app:main]\nuse = @appserve/parts#test\nfilter-with = f\n[filter:f]\nuse = @appserve/parts#auth_basic\nusers_file = users\n';
    using folder = folderWith({ 'site.ini': ini, users: '# nobody yet\n' });
    assert.equal(typeof (await loadLivingApp('site.ini', { relativeTo: folder.path })).app, 'function');
    const { authBasic } = await import('@appserve/parts');
    assert.equal(typeof authBasic, 'function');
  });
});
