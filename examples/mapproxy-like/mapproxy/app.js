// The app, made of a YAML file: for a script by its path, for an ini by the setting mapproxy_conf.

import { loadConfiguration } from './configuration.js';
import { demo } from './demo.js';
import { tms } from './tms.js';

/** A service answers what is below its path; nothing when it has nothing there. */
const SERVICES = { demo, tms };

export async function makeGatewayApp(path) {
  const { services, layers } = await loadConfiguration(path, Object.keys(SERVICES));
  const mounted = services.map((name) => ({ name, answer: SERVICES[name](layers) }));

  return async (environ, startResponse) => {
    const [, name, ...rest] = environ.PATH_INFO.split('/');
    const service = mounted.find((one) => one.name === name);
    const answer = (await service?.answer(rest, environ)) ?? { status: '404 Not Found', body: 'There is nothing here.\n' };
    const { status = '200 OK', type = 'text/plain; charset=utf-8', headers = [], body = '' } = answer;
    startResponse(status, [...(status.startsWith('304') ? [] : [['Content-Type', type]]), ...headers]);
    return body === '' ? [] : [Buffer.from(body)];
  };
}

/** An `app_factory`. */
export async function app(globalConf, { mapproxy_conf: path, ...others }) {
  const [key] = Object.keys(others);
  if (path === undefined || key !== undefined)
    throw new Error(`mapproxy_conf is needed, and nothing else${key === undefined ? '' : `: ${key}`}`);
  return makeGatewayApp(path);
}
