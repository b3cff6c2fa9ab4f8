// Routes in the order in which they were added; the first that fits is taken.

export class Router {
  #routes = [];

  constructor(settings) {
    this.settings = settings;
  }

  /** `/books/{id}`: what stands in braces is given to the view by its name. */
  add(pattern, view) {
    const source = pattern.replaceAll(/[.+*?^$()[\]|\\]/g, String.raw`\$&`).replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    this.#routes.push({ path: new RegExp(`^${source}$`), view });
  }

  answer(request) {
    const { pathname } = new URL(request.url);
    for (const { path, view } of this.#routes) {
      const found = path.exec(pathname);
      if (found !== null) return view(request, { ...found.groups });
    }
    return new Response('There is nothing here.\n', { status: 404 });
  }
}
