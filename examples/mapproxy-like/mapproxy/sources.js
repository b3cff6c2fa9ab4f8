// Sources draw tiles. A real one asks a map server; these need none.

import { TILE_PIXELS } from './grid.js';

const SOURCES = {
  debug: () => (at, grid) => {
    const box = grid.bboxOf(at).map((side) => side.toFixed(2));
    return svg(`<text x="8" y="24">${at.z}/${at.x}/${at.y}</text><text x="8" y="48">${box.join(' ')}</text>`);
  },
  color:
    ({ color }) =>
    () =>
      svg(`<rect width="${TILE_PIXELS}" height="${TILE_PIXELS}" fill="${color}"/>`),
};

/** A function of a tile and its grid, which gives a picture. */
export function sourceOf({ type, ...options }) {
  if (!Object.hasOwn(SOURCES, type)) throw new Error(`there is no source of the type ${type}`);
  return SOURCES[type](options);
}

function svg(content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE_PIXELS}" height="${TILE_PIXELS}">${content}</svg>\n`;
}
