// The factory that the inis mean with `use = egg:bookshop`: called once in every worker with the settings of [app:main].

import { Router } from './router.js';

export async function main(globalConf, settings) {
  const router = new Router(settings);
  for (const name of words(settings['pyramid.includes'])) {
    const { includeMe } = await import(name);
    includeMe(router);
  }
  return (request) => router.answer(request);
}

function words(text = '') {
  return text.split(/\s+/).filter((word) => word !== '');
}
