// Views are functions of an object and a request, registered by name for a class: an object has those of its class and those of all
// content. The view without a name is shown when a path names none.

import { Content, Document, Folder } from './objects.js';

const views = new Map();

function register(name, kind, view) {
  views.set(kind, { ...views.get(kind), [name]: view });
}

export function viewOf(object, name = 'view') {
  const kinds = [object.constructor, Content];
  return kinds.map((kind) => views.get(kind)).find((found) => found !== undefined && Object.hasOwn(found, name))?.[name];
}

register('view', Document, ({ title, text }) => `${title}: ${text}\n`);
register('view', Folder, ({ title, contents }) => `${title}: ${[...contents.keys()].join(', ')}\n`);

/** Where one is: each object from the root on, with its URL. */
register('breadcrumbs', Content, (object, request) => {
  const lines = [];
  for (let at = object; at !== undefined; at = at.parent) lines.unshift(`${at.title} <${at.absoluteUrl(request)}>\n`);
  return lines.join('');
});

/** All that is below a folder. */
register('sitemap', Folder, (folder, request) => linesBelow(folder, request).join(''));

function linesBelow(folder, request) {
  return Array.from(folder.contents.values()).flatMap((object) => {
    const line = `${object.absoluteUrl(request)} ${object.title}\n`;
    return object instanceof Folder ? [line, ...linesBelow(object, request)] : [line];
  });
}
