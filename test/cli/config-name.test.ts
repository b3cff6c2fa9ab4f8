// `appserve site.ini#NAME`: the name is that of the app, as the help text has it and as it is for pserve.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { appFactory, folderWith } from '../support/packages.ts';
import { inRepository } from '../support/repository.ts';

const SITE = '[app:admin]\nuse = ./app.mjs\n[server:main]\nuse = ./server.mjs\n';
/** It ends at once, and says on the way which app it was given. */
const SERVER = `export const main = () => ({ args }) => {
  console.log(args.blueprint.context.section);
  return { url: '', ready: Promise.resolve(), closed: Promise.resolve() };
};`;

describe('appserve site.ini#admin', () => {
  it('serves [app:admin] on [server:main]', () => {
    using folder = folderWith({ 'site.ini': SITE, 'app.mjs': appFactory('main'), 'server.mjs': SERVER });
    const argv = [inRepository('packages/cli/bin/appserve.js'), `${folder.path}/site.ini#admin`];
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    assert.deepEqual({ stdout, stderr, status }, { stdout: 'app:admin\n', stderr: '', status: 0 });
  });
});
