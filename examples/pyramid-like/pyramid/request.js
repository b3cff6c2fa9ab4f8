// What a view is called with.

import { HTTPBadRequest } from './httpexceptions.js';

export class Request {
  #routes;

  /** What stood in the braces of the route. */
  matched = {};

  constructor(environ, routes) {
    this.environ = environ;
    this.method = environ.REQUEST_METHOD;
    this.path = environ['wsgi.path_bytes']().toString();
    this.params = new URLSearchParams(environ.QUERY_STRING);
    this.#routes = routes;
  }

  async json() {
    const text = Buffer.from(await this.environ['wsgi.input'].read()).toString();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new HTTPBadRequest(error.message);
    }
  }

  /** The path of another view, also where the app is mounted. */
  routePath(name, values = {}) {
    return this.environ.SCRIPT_NAME + this.#routes.get(name).pathOf(values);
  }
}
