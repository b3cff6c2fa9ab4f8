// XML as WebDAV has it: bodies of requests by namespace and name, and the multistatus of answers (RFC 4918 §14).

import { DOMParser } from '@xmldom/xmldom';
import { HttpError } from './http-error.js';

export const DAV = 'DAV:';
export const CALDAV = 'urn:ietf:params:xml:ns:caldav';
const PREFIXES = { [DAV]: 'D', [CALDAV]: 'C' };

/** The root of a body, or nothing where there is none. It has no document type, and so no entities of its own. */
export async function readXml(input, bytesMax) {
  const bytes = await input.read(bytesMax + 1);
  if (bytes.length > bytesMax) throw new HttpError('413 Content Too Large');
  if (bytes.length === 0) return undefined;
  const text = Buffer.from(bytes).toString();
  if (text.includes('<!')) throw new HttpError('400 Bad Request');
  try {
    return new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml').documentElement;
  } catch {
    throw new HttpError('400 Bad Request');
  }
}

/** What is only warned of is refused as well. */
function refuse(_level, message) {
  throw new Error(message);
}

export function childrenOf(parent) {
  return Array.from(parent?.childNodes ?? []).filter(({ nodeType }) => nodeType === parent.ELEMENT_NODE);
}

/** The first one below, however deep. */
export function find(parent, namespace, name) {
  return parent?.getElementsByTagNameNS(namespace, name)[0] ?? undefined;
}

export function escaped(text) {
  return String(text).replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** `{DAV:}getetag` as an element; content is XML already. */
export function element(namespace, name, content = '') {
  const prefix = Object.hasOwn(PREFIXES, namespace) ? PREFIXES[namespace] : undefined;
  const [tag, declared] = prefix === undefined ? [name, ` xmlns="${escaped(namespace)}"`] : [`${prefix}:${name}`, ''];
  return content === '' ? `<${tag}${declared}/>` : `<${tag}${declared}>${content}</${tag}>`;
}

/** Each response is an href with propstats: a status, and the properties that have it. */
export function multistatus(responses) {
  const lines = responses.map(({ href, propstats, status }) => {
    const found = (propstats ?? []).filter(({ properties }) => properties.length > 0);
    const stats = found.map(
      (one) => `<D:propstat><D:prop>${one.properties.join('')}</D:prop><D:status>HTTP/1.1 ${one.status}</D:status></D:propstat>`,
    );
    const whole = status === undefined ? '' : `<D:status>HTTP/1.1 ${status}</D:status>`;
    return `<D:response><D:href>${escaped(href)}</D:href>${stats.join('')}${whole}</D:response>\n`;
  });
  const namespaces = Object.entries(PREFIXES).map(([namespace, prefix]) => ` xmlns:${prefix}="${namespace}"`);
  return `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus${namespaces.join('')}>\n${lines.join('')}</D:multistatus>\n`;
}
