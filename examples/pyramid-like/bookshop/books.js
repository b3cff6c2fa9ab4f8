// The views of the shop.

import { HTTPNotFound, HTTPSeeOther } from '../pyramid/httpexceptions.js';

const BOOKS = new Map([
  ['1', 'The Left Hand of Darkness'],
  ['2', 'Invisible Cities'],
]);

export function includeMe(config) {
  const title = config.settings['bookshop.title'];
  config.addRoute('home', '/');
  config.addView(() => ({ title, count: BOOKS.size }), {
    routeName: 'home',
    renderer: new URL('templates/home.txt', import.meta.url),
  });
  config.addRoute('books', '/books');
  config.addView(booksView, { routeName: 'books', requestMethod: 'GET', renderer: 'json' });
  config.addView(foundView, { routeName: 'books', requestMethod: 'POST' });
  config.addRoute('book', '/books/{id}');
  config.addView(bookView, { routeName: 'book', renderer: 'string' });
  config.addNotFoundView(notFoundView);
}

function booksView(request) {
  return Array.from(BOOKS, ([id, title]) => ({ title, path: request.routePath('book', { id }) }));
}

/** Leads to the first book whose title has that word. */
async function foundView(request) {
  const { word } = await request.json();
  const [id] = Array.from(BOOKS).find(([, title]) => title.includes(word)) ?? [];
  if (id === undefined) throw new HTTPNotFound(`No book has ${word} in its title.`);
  throw new HTTPSeeOther(request.routePath('book', { id }));
}

function bookView({ matched: { id } }) {
  if (!BOOKS.has(id)) throw new HTTPNotFound(`There is no book ${id}.`);
  return BOOKS.get(id);
}

function notFoundView(request, error) {
  const text = error.message === '404 Not Found' ? 'There is nothing here.' : error.message;
  return { status: '404 Not Found', body: Buffer.from(`${text}\n`) };
}
