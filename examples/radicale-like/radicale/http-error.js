// What a method throws to answer with a status; `condition` is a precondition of WebDAV (RFC 4918 §16) that was not met.

export class HttpError extends Error {
  constructor(status, condition) {
    super(status);
    this.status = status;
    this.condition = condition;
  }
}
