// What a view is given, and what it returns.

export class HttpRequest {
  #form;

  constructor(environ) {
    this.META = environ;
    this.method = environ.REQUEST_METHOD;
    this.scriptName = environ.SCRIPT_NAME;
    this.path = environ['wsgi.path_bytes']().toString();
    this.GET = new URLSearchParams(environ.QUERY_STRING);
  }

  get host() {
    return this.META.HTTP_HOST ?? this.META.SERVER_NAME;
  }

  /** The fields of a form. */
  async post() {
    this.#form ??= new URLSearchParams(Buffer.from(await this.META['wsgi.input'].read()).toString());
    return this.#form;
  }
}

export class HttpResponse {
  constructor(content = '', { status = '200 OK', contentType = 'text/plain; charset=utf-8', headers = {} } = {}) {
    this.content = Buffer.from(content);
    this.status = status;
    this.headers = new Map(Object.entries({ 'Content-Type': contentType, ...headers }));
  }

  send(startResponse) {
    startResponse(this.status, [...this.headers]);
    return [this.content];
  }
}

export function jsonResponse(value) {
  return new HttpResponse(`${JSON.stringify(value)}\n`, { contentType: 'application/json' });
}

export function redirect(location, { isPermanent = false } = {}) {
  const status = isPermanent ? '301 Moved Permanently' : '302 Found';
  return new HttpResponse('', { status, headers: { Location: location } });
}

export class Http404 extends Error {}

/** 400, 405, ...: what has gone wrong is the client's affair. */
export class SuspiciousOperation extends Error {}
