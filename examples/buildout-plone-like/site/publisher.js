// publisher.js: objects of a file, by the path of the request.

import { readFileSync } from 'node:fs';

export function main(globalConf, { title, objects }) {
  const root = JSON.parse(readFileSync(objects, 'utf8'));
  return (request) => {
    const names = new URL(request.url).pathname.split('/').filter((name) => name !== '');
    const found = names.reduce((at, name) => (Object.hasOwn(at?.contents ?? {}, name) ? at.contents[name] : undefined), root);
    if (found === undefined) return new Response('There is nothing here.\n', { status: 404 });
    return new Response(`${found.title}\n`, { headers: { 'X-Site': title } });
  };
}
