// A site in a folder whose name has a blank, a percent sign or a quote: what recipes put in themselves is written so that it is read
// again as it was meant.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { getSettings } from '@appserve/loader';
import { parseLiteral } from '@appserve/loader/logging';
import { built, siteWith, textIn } from '../../support/building.ts';
import { faultOf, pointed } from '../../support/faults.ts';
import { absent, WITH_SBIN } from '../../support/programs.ts';
import type { TemporaryFolder } from '../../support/temporary.ts';

const APP = 'export const main = (_globalConf, { greeting }) => () => new Response(greeting);\n';

/** A folder of that name in another one: what stands in the outer one is shared. */
function siteIn(name: string, cfg: readonly string[], template = ''): TemporaryFolder & { readonly site: string } {
  const folder = siteWith(['[buildout]', 'parts =']);
  const site = `${folder.path}/${name}`;
  mkdirSync(site);
  writeFileSync(`${site}/app.js`, APP);
  writeFileSync(`${site}/in`, template);
  writeFileSync(`${site}/buildout.cfg`, `${cfg.join('\n')}\n`);
  return Object.assign(folder, { site });
}

const INSTANCE = ['[buildout]', 'parts = one', '[one]', 'recipe = @appserve/loader#instance', 'app = ./app.js#main'];

describe('a site in a folder with an odd name', () => {
  for (const name of ['100% pure', "it's", 'a"b', '%(here)s', '${x} $y']) {
    it(`is built: ${name}`, async () => {
      using folder = siteIn(name, [...INSTANCE, 'event-log = var/back\\slash.log']);
      await built(folder, { config: `${folder.site}/buildout.cfg` });
      const ini = `${folder.site}/parts/one/etc/wsgi.ini`;
      const { args } = await getSettings(ini, 'handler_eventlog');
      assert.deepEqual(parseLiteral(args!), { type: 'tuple', items: [`${folder.site}/var/back\\slash.log`, 'a'] });
    });
  }

  it('has its folders in templates of inis as they are', async () => {
    const template = '[app:main]\nplaces = %(directory)s|%(location)s|%(eventlog_name)s|%(http_address)s\n';
    using folder = siteIn(
      '100%',
      [...INSTANCE, 'wsgi-ini-template = in', 'http-address = var/x.sock', 'check = parse'],
      template,
    );
    await built(folder, { config: `${folder.site}/buildout.cfg` });
    const { site } = folder;
    const { places } = await getSettings(`${site}/parts/one/etc/wsgi.ini`, 'app:main');
    assert.equal(places, `${site}|${site}/parts/one|${site}/var/log/one.log|unix:${site}/var/x.sock`);
  });

  it('listens on sockets in it, and is reached there', { skip: absent('nginx') }, async () => {
    using folder = siteIn("it's;100%", [
      ...INSTANCE.with(1, 'parts = one front'),
      'http-address = var/x.sock',
      '[front]',
      'recipe = @appserve/loader#nginx',
      'instances = one',
      'listen = 127.0.0.1:8080',
    ]);
    await built(folder, { config: `${folder.site}/buildout.cfg` });
    const { site } = folder;
    const { socket } = await getSettings(`${site}/parts/one/etc/wsgi.ini`, 'server:main');
    assert.equal(socket, `unix:${site}/var/x.sock`);
    assert.ok(textIn(folder, "it's;100%/parts/front/nginx.conf").includes(`server "unix:${site}/var/x.sock";`));
    writeFileSync(
      `${folder.path}/whole.conf`,
      `pid ${folder.path}/pid; events {} http { include "${site}/parts/front/nginx.conf"; }`,
    );
    const { status, stderr } = spawnSync('nginx', ['-t', '-e', 'stderr', '-p', folder.path, '-c', `${folder.path}/whole.conf`], {
      encoding: 'utf8',
      env: { PATH: WITH_SBIN.PATH },
    });
    assert.equal(status, 0, stderr);
  });

  it('has no socket in it whose path has a blank: addresses are parted by them', async () => {
    using folder = siteIn('sp ace', [...INSTANCE, 'http-address = 8081 var/x.sock']);
    const fault = await faultOf(built(folder, { config: `${folder.site}/buildout.cfg` }));
    assert.equal(pointed(fault), 'PART_OPTION 6:21 var/x.sock');
    assert.match(fault.message, /sp ace\/var\/x\.sock has a blank in it/);
  });
});
