// What an app is made of: routes, views and renderers, registered one by one, and then made into a gateway app.

import { HTTPException, HTTPNotFound } from './httpexceptions.js';
import { json, string, templates } from './renderers.js';
import { Request } from './request.js';
import { Route } from './routes.js';

export class Configurator {
  #routes = new Map();
  #views = [];
  #renderers = new Map([
    ['json', json],
    ['string', string],
  ]);
  #notFound = (request) => ({ status: '404 Not Found', body: Buffer.from(`There is nothing at ${request.path}.\n`) });

  constructor({ settings }) {
    this.settings = settings;
    this.addRenderer('.txt', templates({ isReloaded: isTrue(settings['pyramid.reload_templates']) }));
  }

  /** A module with `includeMe(config)`, which registers what it has. */
  async include(module) {
    await module.includeMe(this);
  }

  /** `/books/{id}`. The first route that fits is taken. */
  addRoute(name, pattern) {
    if (this.#routes.has(name)) throw new Error(`there is a route ${name} already`);
    this.#routes.set(name, new Route(pattern));
  }

  /** `renderer`: a name such as json, or a template; without one the view returns a response. */
  addView(view, { routeName, requestMethod, renderer }) {
    if (!this.#routes.has(routeName)) throw new Error(`there is no route ${routeName} for the view ${view.name}`);
    this.#views.push({ view, routeName, requestMethod, render: renderer && this.#rendererOf(renderer) });
  }

  addNotFoundView(view) {
    this.#notFound = view;
  }

  /** By a name, or by the ending of templates: a function of what the renderer is asked for, which gives `(value) => { type, text }`. */
  addRenderer(name, factory) {
    this.#renderers.set(name, factory);
  }

  #rendererOf(renderer) {
    const [ending] = /\.\w+$/.exec(String(renderer)) ?? [];
    const factory = this.#renderers.get(ending ?? renderer);
    if (factory === undefined) throw new Error(`there is no renderer ${renderer}`);
    return factory(renderer);
  }

  makeGatewayApp() {
    return async (environ, startResponse) => {
      const { status, headers = [], body } = await this.#respond(new Request(environ, this.#routes));
      startResponse(status, headers.some(isType) ? headers : [['Content-Type', 'text/plain; charset=utf-8'], ...headers]);
      return [body];
    };
  }

  async #respond(request) {
    try {
      return await this.#call(request);
    } catch (error) {
      if (error instanceof HTTPNotFound) return this.#notFound(request, error);
      if (error instanceof HTTPException) return error.response;
      throw error;
    }
  }

  async #call(request) {
    for (const [name, route] of this.#routes) {
      const matched = route.match(request.path);
      if (matched === undefined) continue;
      request.matched = matched;
      const views = this.#views.filter(({ routeName }) => routeName === name);
      const found = views.find(({ requestMethod }) => (requestMethod ?? request.method) === request.method);
      if (found === undefined) throw new HTTPNotFound();
      const value = await found.view(request);
      return found.render === undefined ? value : rendered(await found.render(value));
    }
    throw new HTTPNotFound();
  }
}

function rendered({ type, text }) {
  return { status: '200 OK', headers: [['Content-Type', type]], body: Buffer.from(text) };
}

function isType([name]) {
  return name.toLowerCase() === 'content-type';
}

/** As Pyramid's asbool. */
function isTrue(text = '') {
  return ['t', 'true', 'y', 'yes', 'on', '1'].includes(text.trim().toLowerCase());
}
