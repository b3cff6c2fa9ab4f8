// The objects of a site. Each knows what it is in (its parent), and what is in it.

export class Content {
  constructor({ title, text }, id, parent) {
    this.title = title;
    this.text = text;
    this.id = id;
    this.parent = parent;
  }

  below() {
    return undefined;
  }

  /** The ids that lead here from the root. */
  get physicalPath() {
    return this.parent === undefined ? [] : [...this.parent.physicalPath, this.id];
  }

  absoluteUrl({ rootUrl }) {
    return [rootUrl, ...this.physicalPath.map(encodeURIComponent)].join('/');
  }
}

export class Document extends Content {}

export class Folder extends Content {
  constructor(content, id, parent) {
    super(content, id, parent);
    this.contents = new Map(Object.entries(content.contents).map(([key, inner]) => [key, objectOf(inner, key, this)]));
  }

  below(id) {
    return this.contents.get(id);
  }
}

export function objectOf(content, id, parent) {
  return 'contents' in content ? new Folder(content, id, parent) : new Document(content, id, parent);
}
