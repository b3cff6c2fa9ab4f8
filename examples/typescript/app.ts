// A fetch app in TypeScript. The ini names `makeApp`, which is called once in every worker.

import { Shelf, type Book } from './shelf.js';

interface Settings {
  readonly currency?: keyof typeof Currency;
}

enum Currency {
  EUR = 'Euro',
  GBP = 'Pound',
}

const BOOKS: readonly Book[] = [
  { title: 'Emma', price: 12 },
  { title: 'Ulysses', price: 17 },
];

export function makeApp(_globalConf: object, { currency = 'EUR' }: Settings): (request: Request) => Response {
  const shelf = new Shelf(BOOKS);

  return function app(request) {
    switch (new URL(request.url).pathname) {
      case '/books':
        return new Response(`${shelf.titles().join('\n')}\n`);
      case '/total':
        return new Response(`${shelf.total()} ${Currency[currency]}\n`);
      default:
        return new Response('Ask for /books or /total.\n', { status: 404 });
    }
  };
}
