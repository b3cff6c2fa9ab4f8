// A YAML file becomes layers that know their tiles. What is wrong with it is said with the place in it.

import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { Cache } from './cache.js';
import { Grid } from './grid.js';
import { sourceOf } from './sources.js';

export async function loadConfiguration(path, serviceNames) {
  const document = parse(await readFile(path, 'utf8'));
  const find = (kind, name, askedBy) => {
    const found = document[kind]?.[name];
    if (found === undefined) throw new Error(`${path}: ${askedBy} names ${name}, which is none of ${kind}`);
    return found;
  };

  const services = Object.keys(document.services ?? {});
  const unknown = services.find((name) => !serviceNames.includes(name));
  if (unknown !== undefined) throw new Error(`${path}: services: there is no ${unknown}, but ${serviceNames.join(', ')}`);
  const layers = (document.layers ?? []).map(({ name, title, sources: [cacheName] }) => {
    const cache = find('caches', cacheName, `layers: ${name}`);
    const [sourceName] = cache.sources;
    const source = sourceOf(find('sources', sourceName, `caches: ${cacheName}`));
    const grids = cache.grids.map((gridName) => new Grid(gridName, find('grids', gridName, `caches: ${cacheName}`)));
    return { name, title, caches: grids.map((grid) => new Cache(grid, source, cache)) };
  });
  return { services, layers };
}
