// The factory that zope.ini means with `use = egg:plone-like#main`: an app that walks from the root of a site to the object that
// a path names, and calls the view that is named behind it.
//
// A path is /news/first, or /news/@@sitemap with a view, or behind a proxy what Zope's virtual host monster takes:
// /VirtualHostBase/https/www.example.org:443/VirtualHostRoot/news/first

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFound } from './httpexceptions.js';
import { objectOf } from './objects.js';
import { viewOf } from './views.js';

export async function main(globalConf, settings) {
  const conf = await readConf(settings.zope_conf);
  const root = objectOf(JSON.parse(await readFile(join(globalConf.here, conf.get('filestorage')), 'utf8')));
  const type = `text/plain; charset=${conf.get('default-zpublisher-encoding')}`;

  return (environ, startResponse) => {
    const request = requestOf(environ);
    const { object, view } = traverse(root, request.path);
    const text = view(object, request);
    startResponse('200 OK', [['Content-Type', type]]);
    return [Buffer.from(text)];
  };
}

const VIRTUAL_HOST = /^\/VirtualHostBase\/(https?)\/([^/:]+):(\d+)\/VirtualHostRoot(\/.*)?$/;
const DEFAULT_PORTS = { http: '80', https: '443' };

/** The path to walk, and the URL of the root as the client sees it. */
function requestOf(environ) {
  const path = environ['wsgi.path_bytes']().toString();
  const [, scheme, name, port, inside = '/'] = VIRTUAL_HOST.exec(path) ?? [];
  if (scheme === undefined) {
    return { path, rootUrl: `${environ['wsgi.url_scheme']}://${environ.HTTP_HOST ?? environ.SERVER_NAME}${environ.SCRIPT_NAME}` };
  }
  return { path: inside, rootUrl: `${scheme}://${name}${port === DEFAULT_PORTS[scheme] ? '' : `:${port}`}` };
}

function traverse(root, path) {
  const names = path.split('/').filter((name) => name !== '');
  const viewName = names.at(-1)?.startsWith('@@') ? names.pop().slice('@@'.length) : undefined;
  let object = root;
  for (const id of names) {
    const below = object.below(id);
    if (below === undefined) throw new NotFound(`${object.title} has no ${id}`);
    object = below;
  }
  const view = viewOf(object, viewName);
  if (view === undefined) throw new NotFound(`${object.title} has no view ${viewName}`);
  return { object, view };
}

/** `name value` on each line; `#` begins a comment. */
async function readConf(file) {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => /^\s*[^#\s]/.test(line));
  return new Map(lines.map((line) => line.trim().split(/\s+(.*)/s)));
}
