// The tiles of a source on a grid, those that were asked for last kept in memory.

import { createHash } from 'node:crypto';

const HOUR_SECONDS = 3_600;

export class Cache {
  #source;
  #tiles = new Map();
  #tilesMax;

  constructor(grid, source, { expires_hours: hours, max_tiles: tilesMax = 1_000 }) {
    this.grid = grid;
    this.maxAgeSeconds = hours === undefined ? undefined : hours * HOUR_SECONDS;
    this.#source = source;
    this.#tilesMax = tilesMax;
  }

  /** Nothing where the grid has no such tile. */
  tile(at) {
    if (!this.grid.has(at)) return undefined;
    const key = `${at.z}/${at.x}/${at.y}`;
    const tile = this.#tiles.get(key) ?? made(this.#source(at, this.grid));
    // Put to the end: what was not asked for longest is dropped first.
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    if (this.#tiles.size > this.#tilesMax) this.#tiles.delete(this.#tiles.keys().next().value);
    return tile;
  }
}

function made(svg) {
  return { svg, etag: `"${createHash('sha256').update(svg).digest('hex').slice(0, 16)}"` };
}
