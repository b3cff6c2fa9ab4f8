// The factory that zope.ini means with `use = egg:plone-like#main`: an app that walks from the root of a site to the object that
// a path names, and shows it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFound } from './httpexceptions.js';
import { objectOf } from './objects.js';

export async function main(globalConf, settings) {
  const conf = await readConf(settings.zope_conf);
  const root = objectOf(JSON.parse(await readFile(join(globalConf.here, conf.get('filestorage')), 'utf8')));
  const type = `text/plain; charset=${conf.get('default-zpublisher-encoding')}`;

  return (environ, startResponse) => {
    const object = traverse(root, environ.PATH_INFO);
    startResponse('200 OK', [['Content-Type', type]]);
    return [Buffer.from(object.view())];
  };
}

function traverse(root, path) {
  let object = root;
  for (const id of path.split('/').filter((name) => name !== '')) {
    const below = object.below(id);
    if (below === undefined) throw new NotFound(`${object.title} has no ${id}`);
    object = below;
  }
  return object;
}

/** `name value` on each line; `#` begins a comment. */
async function readConf(file) {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => /^\s*[^#\s]/.test(line));
  return new Map(lines.map((line) => line.trim().split(/\s+(.*)/s)));
}
