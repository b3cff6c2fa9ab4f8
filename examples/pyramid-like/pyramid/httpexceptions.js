// What a view throws to answer at once.

export class HTTPException extends Error {
  constructor(status, headers = [], text = status) {
    super(text);
    this.response = { status, headers, body: Buffer.from(`${text}\n`) };
  }
}

export class HTTPBadRequest extends HTTPException {
  constructor(text) {
    super('400 Bad Request', [], text);
  }
}

export class HTTPNotFound extends HTTPException {
  constructor(text) {
    super('404 Not Found', [], text);
  }
}

export class HTTPSeeOther extends HTTPException {
  constructor(location) {
    super('303 See Other', [['Location', location]]);
  }
}
