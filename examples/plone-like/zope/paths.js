// A composite_factory: every setting is a path and the name of the app that answers below it. The longest path wins.

import { NotFound } from './httpexceptions.js';

export async function paths(loader, globalConf, settings) {
  const mounted = [];
  for (const [path, name] of Object.entries(settings)) {
    mounted.push({ path: path.replace(/\/$/, ''), app: await loader.getApp(name, globalConf) });
  }
  mounted.sort((one, other) => other.path.length - one.path.length);

  return (environ, startResponse) => {
    const { SCRIPT_NAME, PATH_INFO } = environ;
    const found = mounted.find(({ path }) => PATH_INFO === path || PATH_INFO.startsWith(`${path}/`));
    if (found === undefined) throw new NotFound(`there is nothing at ${PATH_INFO}`);
    environ.SCRIPT_NAME = SCRIPT_NAME + found.path;
    environ.PATH_INFO = PATH_INFO.slice(found.path.length);
    return found.app(environ, startResponse);
  };
}
