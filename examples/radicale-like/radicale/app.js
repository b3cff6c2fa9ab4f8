// The factory that the ini means with `use = egg:radicale-like`: a WebDAV and CalDAV server over a folder.

import { HttpError } from './http-error.js';
import { METHODS } from './methods.js';
import { Storage } from './storage.js';
import { element, readXml } from './xml.js';

export async function main(globalConf, { filesystem_folder: folder, max_xml_size: xmlBytesMax = '65536' }) {
  const storage = new Storage(folder);
  await storage.prepare();

  return async (environ, startResponse) => {
    const { status = '200 OK', headers = [], body = '', result } = await respond(new Call(environ, storage, Number(xmlBytesMax)));
    startResponse(status, headers);
    return result ?? (body === '' ? [] : [Buffer.from(body)]);
  };
}

async function respond(call) {
  const { REQUEST_METHOD: method } = call.environ;
  try {
    if (!Object.hasOwn(METHODS, method)) throw new HttpError('405 Method Not Allowed');
    return await METHODS[method](call);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const body = error.condition === undefined ? '' : conditionOf(error.condition);
    return { status: error.status, headers: [['Content-Type', 'application/xml; charset=utf-8']], body };
  }
}

/** RFC 4918 §16 */
function conditionOf(condition) {
  return `<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">${element(...condition)}</D:error>\n`;
}

/** A request as the methods see it. Paths are those of the storage; hrefs are those of the client. */
class Call {
  #xmlBytesMax;

  constructor(environ, storage, xmlBytesMax) {
    this.environ = environ;
    this.storage = storage;
    this.path = environ['wsgi.path_bytes']().toString() || '/';
    this.#xmlBytesMax = xmlBytesMax;
    this.hrefOf = (path) => environ.SCRIPT_NAME + encodeURI(path);
    this.pathOf = this.pathOf.bind(this);
  }

  xml() {
    return readXml(this.environ['wsgi.input'], this.#xmlBytesMax);
  }

  /** Of a URL or a path as a client writes it. */
  pathOf(href) {
    const { SCRIPT_NAME: script, HTTP_HOST: host, 'wsgi.url_scheme': scheme } = this.environ;
    const base = `${scheme}://${host}/`;
    if (!URL.canParse(href, base)) throw new HttpError('400 Bad Request');
    const url = new URL(href, base);
    if (url.host !== host || !url.pathname.startsWith(`${script}/`)) throw new HttpError('502 Bad Gateway');
    try {
      return decodeURIComponent(url.pathname.slice(script.length));
    } catch {
      throw new HttpError('400 Bad Request');
    }
  }

  /** The collection that it is in, or will be. */
  async parent(path = this.path) {
    const found = await this.storage.find(path.replace(/[^/]*\/?$/, '') || '/');
    if (found?.isCollection !== true) throw new HttpError('409 Conflict');
    return found;
  }
}
