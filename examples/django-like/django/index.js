// getGatewayApplication(): the app of the project whose settings DJANGO_SETTINGS_MODULE names.

import { importDotted, loadSettings } from './conf.js';
import { Http404, HttpRequest, HttpResponse, SuspiciousOperation } from './http.js';
import { Resolver } from './urls.js';

export async function getGatewayApplication() {
  const settings = await loadSettings();
  const site = { settings, resolver: await Resolver.load(settings.ROOT_URLCONF) };
  const getResponse = await withMiddleware(site);

  return async (environ, startResponse) => {
    const response = await getResponse(new HttpRequest(environ));
    return response.send(startResponse);
  };
}

async function withMiddleware(site) {
  let getResponse = guarded((request) => callView(request, site), site);
  for (const name of site.settings.MIDDLEWARE.toReversed()) {
    const [, module, key] = /^(.*)\.(\w+)$/.exec(name);
    const { [key]: middleware } = await importDotted(module);
    getResponse = guarded(middleware(getResponse, site), site);
  }
  return getResponse;
}

function callView(request, { resolver }) {
  const { view, args } = resolver.resolve(request.path);
  return view(request, { ...args, reverse: (name, values) => request.scriptName + resolver.reverse(name, values) });
}

/** What is thrown in a layer is an answer for the layer around it. */
function guarded(getResponse, { settings }) {
  return async (request) => {
    try {
      return await getResponse(request);
    } catch (error) {
      const told = settings.DEBUG ? `\n${error.message}` : '';
      if (error instanceof Http404) return new HttpResponse(`Not found${told}\n`, { status: '404 Not Found' });
      if (error instanceof SuspiciousOperation) return new HttpResponse(`Bad request${told}\n`, { status: '400 Bad Request' });
      throw error;
    }
  };
}
