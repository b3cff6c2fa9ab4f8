// stamp.js: a filter that says which stage of the site answers: the start script has it from the configuration.

import { basename, dirname } from 'node:path';

/** `file`: the folder of the ini, parts/NAME/etc. */
export function stamp(globalConf, { file }) {
  const instance = basename(dirname(file));
  return (app) =>
    async (request, ...rest) => {
      const response = await app(request, ...rest);
      response.headers.set('X-Stage', process.env.SITE_STAGE ?? 'unknown');
      response.headers.set('X-Instance', instance);
      return response;
    };
}
