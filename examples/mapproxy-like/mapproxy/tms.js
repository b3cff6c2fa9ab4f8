// Tile Map Service 1.0.0: /tms/1.0.0/ lists the maps, /tms/1.0.0/LAYER/GRID describes one, and /tms/1.0.0/LAYER/GRID/Z/X/Y.svg is a tile.

import { escaped } from './escaped.js';

const XML = 'text/xml; charset=utf-8';

export function tms(layers) {
  const maps = layers.flatMap(({ name, title, caches }) =>
    caches.map((cache) => ({ title: escaped(title), cache, path: `${name}/${cache.grid.name}` })),
  );

  return ([version, ...rest], environ) => {
    if (version !== '1.0.0') return undefined;
    const path = rest.join('/');
    const host = environ.HTTP_HOST ?? environ.SERVER_NAME;
    const root = escaped(`${environ['wsgi.url_scheme']}://${host}${environ.SCRIPT_NAME}/tms/1.0.0`);
    if (path === '') return { type: XML, body: listOf(maps, root) };
    const map = maps.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    if (map === undefined) return undefined;
    if (path === map.path) return { type: XML, body: descriptionOf(map, root) };
    return tileOf(map, path.slice(map.path.length), environ.HTTP_IF_NONE_MATCH);
  };
}

function listOf(maps, root) {
  const lines = maps.map(({ title, path }) => `  <TileMap title="${title}" href="${root}/${path}"/>\n`);
  return `<TileMapService version="1.0.0">\n${lines.join('')}</TileMapService>\n`;
}

function descriptionOf({ title, path, cache: { grid } }, root) {
  const sets = Array.from({ length: grid.levels }, (_, z) => {
    return `  <TileSet href="${root}/${path}/${z}" units-per-pixel="${grid.resolution(z)}" order="${z}"/>\n`;
  });
  return `<TileMap version="1.0.0" title="${title}">\n${sets.join('')}</TileMap>\n`;
}

function tileOf({ cache }, path, known) {
  const [, z, x, y] = /^\/(\d+)\/(\d+)\/(\d+)\.svg$/.exec(path) ?? [];
  const tile = y === undefined ? undefined : cache.tile({ z: Number(z), x: Number(x), y: Number(y) });
  if (tile === undefined) return { status: '404 Not Found', body: `The map has no tile ${path.slice(1)}.\n` };
  const headers = [['ETag', tile.etag]];
  if (cache.maxAgeSeconds !== undefined) headers.push(['Cache-Control', `public, max-age=${cache.maxAgeSeconds}`]);
  return tile.etag === known ? { status: '304 Not Modified', headers } : { type: 'image/svg+xml', headers, body: tile.svg };
}
