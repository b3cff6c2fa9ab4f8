// A grid parts a square of the world into tiles, with one tile at level 0 and four times as many at each further one. Tiles are counted
// from the lower left, as TMS has it.

export const TILE_PIXELS = 256;

export class Grid {
  constructor(name, { bbox, num_levels: levels }) {
    this.name = name;
    this.bbox = bbox;
    this.levels = levels;
  }

  has({ z, x, y }) {
    return z < this.levels && x < 2 ** z && y < 2 ** z;
  }

  /** What a pixel is wide, in the units of the box. */
  resolution(z) {
    const [left, , right] = this.bbox;
    return (right - left) / TILE_PIXELS / 2 ** z;
  }

  bboxOf({ z, x, y }) {
    const [left, bottom] = this.bbox;
    const width = this.resolution(z) * TILE_PIXELS;
    return [left + x * width, bottom + y * width, left + (x + 1) * width, bottom + (y + 1) * width];
  }
}
