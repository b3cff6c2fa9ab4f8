// Two views of the shop.

const BOOKS = new Map([
  ['1', 'The Left Hand of Darkness'],
  ['2', 'Invisible Cities'],
]);

export function includeMe(router) {
  const title = router.settings['bookshop.title'];
  router.add('/', () => new Response(`${title}: ${BOOKS.size} books\n`));
  router.add('/books/{id}', (request, { id }) => book(id));
}

function book(id) {
  if (!BOOKS.has(id)) return new Response(`There is no book ${id}.\n`, { status: 404 });
  return new Response(`${BOOKS.get(id)}\n`);
}
