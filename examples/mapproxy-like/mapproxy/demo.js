// A page with the first tile of each layer.

import { escaped } from './escaped.js';

export function demo(layers) {
  return ([rest], { SCRIPT_NAME }) => {
    if (rest !== '') return undefined;
    const rows = layers.map(({ name, title, caches: [{ grid }] }) => {
      return `<h1>${escaped(title)}</h1>\n<img src="${SCRIPT_NAME}/tms/1.0.0/${name}/${grid.name}/0/0/0.svg">\n`;
    });
    return { type: 'text/html; charset=utf-8', body: `<!doctype html>\n${rows.join('')}` };
  };
}
