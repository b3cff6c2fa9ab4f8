// The methods of WebDAV (RFC 4918 §9) and CalDAV (RFC 4791 §5, §7). Each is given a call, and returns an answer.

import { HttpError } from './http-error.js';
import { namesIn, propstatsOf, typeOf } from './properties.js';
import { report } from './reports.js';
import { CALDAV, childrenOf, DAV, element, find, multistatus } from './xml.js';

const CREATED = { status: '201 Created' };
const NO_CONTENT = { status: '204 No Content' };

export const METHODS = { OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, MKCALENDAR, COPY, MOVE, PROPFIND, PROPPATCH, REPORT };

function OPTIONS() {
  const allowed = Object.keys(METHODS).join(', ');
  return { headers: Object.entries({ Allow: allowed, DAV: '1, 3, calendar-access' }) };
}

async function GET(call) {
  const item = await there(call);
  const { storage, environ } = call;
  if (item.isCollection) {
    const names = (await storage.list(item)).map(({ name, isCollection }) => `${name}${isCollection ? '/' : ''}\n`);
    return { headers: [['Content-Type', 'text/plain; charset=utf-8']], body: names.join('') };
  }
  const headers = [
    ['Content-Type', typeOf(item)],
    ['Content-Length', String(item.bytes)],
    ['ETag', item.etag],
    ['Last-Modified', item.modified.toUTCString()],
  ];
  if (environ.HTTP_IF_NONE_MATCH === item.etag) return { status: '304 Not Modified', headers: [['ETag', item.etag]] };
  if (environ.REQUEST_METHOD === 'HEAD') return { headers };
  return { headers, result: environ['wsgi.file_wrapper'](await storage.open(item)) };
}

function HEAD(call) {
  return GET(call);
}

async function PUT(call) {
  const { storage, path, environ } = call;
  const before = await storage.find(path);
  checkPreconditions(environ, before);
  if (before?.isCollection) throw new HttpError('405 Method Not Allowed');
  const { isCalendar } = await call.parent();
  await storage.put(path, environ['wsgi.input'], (start) => {
    const isValid = !isCalendar || Buffer.from(start).toString('latin1').startsWith('BEGIN:VCALENDAR');
    if (!isValid) throw new HttpError('415 Unsupported Media Type', [CALDAV, 'valid-calendar-data']);
  });
  const { etag } = await storage.find(path);
  return { ...(before === undefined ? CREATED : NO_CONTENT), headers: [['ETag', etag]] };
}

async function DELETE(call) {
  const item = await there(call);
  if (call.path === '/') throw new HttpError('403 Forbidden');
  checkPreconditions(call.environ, item);
  await call.storage.remove(call.path);
  return NO_CONTENT;
}

async function MKCOL(call) {
  if ((await call.environ['wsgi.input'].read(1)).length > 0) throw new HttpError('415 Unsupported Media Type');
  return makeCollection(call, {});
}

async function MKCALENDAR(call) {
  const displayName = find(await call.xml(), DAV, 'displayname')?.textContent;
  return makeCollection(call, { isCalendar: true, displayName });
}

async function makeCollection(call, properties) {
  if ((await call.storage.find(call.path)) !== undefined) throw new HttpError('405 Method Not Allowed');
  const { isCalendar } = await call.parent();
  if (isCalendar) throw new HttpError('403 Forbidden', [CALDAV, 'calendar-collection-location-ok']);
  await call.storage.makeCollection(call.path, properties);
  return CREATED;
}

function COPY(call) {
  return transfer(call, (from, to) => call.storage.copy(from, to));
}

function MOVE(call) {
  return transfer(call, (from, to) => call.storage.move(from, to));
}

async function transfer(call, run) {
  const { storage, path, environ } = call;
  await there(call);
  const to = call.pathOf(environ.HTTP_DESTINATION ?? '');
  if (isInside(to, path) || isInside(path, to)) throw new HttpError('403 Forbidden');
  const before = await storage.find(to);
  if (before !== undefined && environ.HTTP_OVERWRITE === 'F') throw new HttpError('412 Precondition Failed');
  await call.parent(to);
  if (before !== undefined) await storage.remove(to);
  await run(path, to);
  return before === undefined ? CREATED : NO_CONTENT;
}

function isInside(inner, outer) {
  return `${inner}/`.startsWith(`${outer.replace(/\/$/, '')}/`);
}

async function PROPFIND(call) {
  const item = await there(call);
  const { HTTP_DEPTH: depth = 'infinity' } = call.environ;
  if (!['0', '1'].includes(depth)) throw new HttpError('403 Forbidden', [DAV, 'propfind-finite-depth']);
  const names = namesIn(find(await call.xml(), DAV, 'prop'));
  const items = depth === '1' && item.isCollection ? [item, ...(await call.storage.list(item))] : [item];
  const responses = items.map((one) => ({ href: call.hrefOf(one.path), propstats: propstatsOf(one, names, call) }));
  return answer(responses);
}

/** Collections can be renamed; all else is as it is (RFC 4918 §9.2: all changes are made, or none). */
async function PROPPATCH(call) {
  const { path, isCollection, isCalendar } = await there(call);
  const root = await call.xml();
  const updates = childrenOf(root).flatMap((update) => childrenOf(find(update, DAV, 'prop')));
  const isName = ({ namespaceURI, localName }) => isCollection && namespaceURI === DAV && localName === 'displayname';
  const [name] = updates.filter(isName);
  const isAllowed = updates.every(isName);
  if (isAllowed && name !== undefined)
    await call.storage.describe(path, { isCalendar, displayName: name.textContent || undefined });
  const propstats = updates.map((one) => ({
    status: isAllowed ? '200 OK' : isName(one) ? '424 Failed Dependency' : '403 Forbidden',
    properties: [element(one.namespaceURI, one.localName)],
  }));
  return answer([{ href: call.hrefOf(path), propstats }]);
}

async function REPORT(call) {
  const calendar = await there(call);
  const root = await call.xml();
  const names = namesIn(find(root, DAV, 'prop')) ?? [[DAV, 'getetag']];
  const isTextWanted = names.some(([, name]) => name === 'calendar-data');
  const found = await report(root, calendar, call);
  const responses = found.map(async ({ href, item }) => {
    if (item === undefined) return { href, status: '404 Not Found' };
    const text = isTextWanted ? await call.storage.text(item) : undefined;
    return { href, propstats: propstatsOf(item, names, { ...call, text }) };
  });
  return answer(await Promise.all(responses));
}

function answer(responses) {
  return {
    status: '207 Multi-Status',
    headers: [['Content-Type', 'application/xml; charset=utf-8']],
    body: multistatus(responses),
  };
}

async function there({ storage, path }) {
  const item = await storage.find(path);
  if (item === undefined) throw new HttpError('404 Not Found');
  return item;
}

/** RFC 9110 §13.1: somebody else may have been here. */
function checkPreconditions({ HTTP_IF_MATCH: match, HTTP_IF_NONE_MATCH: noneMatch }, item) {
  const isMatched = match === undefined || (item !== undefined && (match === '*' || match === item.etag));
  const isNew = noneMatch !== '*' || item === undefined;
  if (!isMatched || !isNew) throw new HttpError('412 Precondition Failed');
}
