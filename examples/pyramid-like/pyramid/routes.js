// `/books/{id}` as a pattern: what it matches, and the path that it makes of values.

export class Route {
  #pattern;
  #path;

  constructor(pattern) {
    this.#pattern = pattern;
    const source = pattern.replaceAll(/[.+*?^$()[\]|\\]/g, String.raw`\$&`).replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    this.#path = new RegExp(`^${source}$`);
  }

  match(path) {
    const found = this.#path.exec(path);
    return found === null ? undefined : { ...found.groups };
  }

  pathOf(values) {
    return this.#pattern.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name]));
  }
}
