// The objects of a site. Each says what is below it, and how it looks.

export class Document {
  constructor({ title, text }) {
    this.title = title;
    this.text = text;
  }

  below() {
    return undefined;
  }

  view() {
    return `${this.title}: ${this.text}\n`;
  }
}

export class Folder {
  #contents;

  constructor({ title, contents }) {
    this.title = title;
    this.#contents = new Map(Object.entries(contents).map(([id, content]) => [id, objectOf(content)]));
  }

  below(id) {
    return this.#contents.get(id);
  }

  view() {
    return `${this.title}: ${[...this.#contents.keys()].join(', ')}\n`;
  }
}

export function objectOf(content) {
  return 'contents' in content ? new Folder(content) : new Document(content);
}
