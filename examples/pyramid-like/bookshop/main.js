// The factory that the inis mean with `use = egg:bookshop`: called once in every worker with the settings of [app:main].

import { Configurator } from '../pyramid/configurator.js';

export async function main(globalConf, settings) {
  const config = new Configurator({ settings });
  for (const name of words(settings['pyramid.includes'])) await config.include(await import(name));
  return config.makeGatewayApp();
}

function words(text = '') {
  return text.split(/\s+/).filter((word) => word !== '');
}
