// The guide to reverse proxies says what the tests run: test/support/reverse-proxy.ts takes Apache's configuration from it, and those of
// nginx and HAProxy from examples/. Here is its ini.

import { describe, it } from 'node:test';
import { folderOf, makeAll, readGuide } from '../support/guide.ts';

const APP = 'export const makeApp = () => () => [];\n';

describe('the guide to reverse proxies', () => {
  it('has an ini that is right', async () => {
    const { text } = readGuide('docs/guide/reverse-proxies.md').before.find(({ info }) => info === 'site.ini')!;
    using folder = folderOf({ 'site.ini': text, 'app.js': APP, 'package.json': '{ "type": "module" }' });
    await makeAll(folder, 'site.ini');
  });
});
