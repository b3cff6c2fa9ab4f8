// A urlconf is a list of paths, each with a view, or with the name of another urlconf.

import { importDotted } from './conf.js';
import { Http404 } from './http.js';

/** Of `<int:id>`; each says what it matches, and what becomes of it. */
const CONVERTERS = {
  int: { source: '[0-9]+', toValue: Number },
  str: { source: '[^/]+', toValue: String },
  slug: { source: '[-a-zA-Z0-9_]+', toValue: String },
  path: { source: '.+', toValue: String },
};

const PARAMETER = /<(?:(\w+):)?(\w+)>/g;

/** `path('polls/<int:id>/', view, 'detail')` */
export function path(route, view, name) {
  return { route, view, name };
}

export function include(urlconf) {
  return { urlconf };
}

/** All paths of a urlconf and of those that it includes, from the root. */
export class Resolver {
  #patterns;

  constructor(patterns) {
    this.#patterns = patterns;
  }

  static async load(urlconf) {
    return new Resolver(await patternsOf(urlconf, ''));
  }

  get routes() {
    return this.#patterns.map(({ route }) => route);
  }

  /** The view of a path and its arguments. */
  resolve(requested) {
    for (const { source, view, converters } of this.#patterns) {
      const found = source.exec(requested.slice(1));
      if (found === null) continue;
      const values = Object.entries(found.groups ?? {}).map(([name, text]) => [name, converters[name].toValue(text)]);
      return { view, args: Object.fromEntries(values) };
    }
    throw new Http404(`The path ${requested} matches none of ${this.routes.map((route) => `/${route}`).join(', ')}`);
  }

  has(requested) {
    return this.#patterns.some(({ source }) => source.test(requested.slice(1)));
  }

  reverse(name, args = {}) {
    const found = this.#patterns.find((pattern) => pattern.name === name);
    if (found === undefined) throw new Error(`there is no path named ${name}`);
    return `/${found.route.replaceAll(PARAMETER, (_, _converter, key) => encodeURIComponent(args[key]))}`;
  }
}

async function patternsOf(urlconf, prefix) {
  const { urlpatterns } = await importDotted(urlconf);
  const lists = urlpatterns.map(({ route, view, name }) =>
    typeof view === 'function' ? [compiled(prefix + route, view, name)] : patternsOf(view.urlconf, prefix + route),
  );
  return (await Promise.all(lists)).flat();
}

function compiled(route, view, name) {
  const converters = {};
  const source = route.replaceAll('.', String.raw`\.`).replaceAll(PARAMETER, (_, converter = 'str', key) => {
    converters[key] = CONVERTERS[converter];
    return `(?<${key}>${CONVERTERS[converter].source})`;
  });
  return { route, view, name, converters, source: new RegExp(`^${source}$`) };
}
