// Middleware: `(getResponse, site) => (request) => response`, the outermost first.

import { redirect, SuspiciousOperation } from './http.js';

/** Refuses hosts that are not ours, and leads to the path with a slash where only that one exists. */
export function commonMiddleware(getResponse, { settings, resolver }) {
  return async (request) => {
    const name = request.host.replace(/:[0-9]*$/, '');
    if (!settings.DEBUG && !settings.ALLOWED_HOSTS.includes(name))
      throw new SuspiciousOperation(`The host ${name} is not served here.`);
    const withSlash = `${request.path}/`;
    const isMeant = settings.APPEND_SLASH && !resolver.has(request.path) && resolver.has(withSlash);
    return isMeant ? redirect(request.scriptName + encodeURI(withSlash), { isPermanent: true }) : getResponse(request);
  };
}

export function securityMiddleware(getResponse) {
  return async (request) => {
    const response = await getResponse(request);
    response.headers.set('X-Content-Type-Options', 'nosniff');
    return response;
  };
}
