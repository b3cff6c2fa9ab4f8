// What is known of an item: live properties, by namespace and name (RFC 4918 §15, RFC 4791 §5.2).

import { CALDAV, childrenOf, DAV, element, escaped } from './xml.js';

/** Each gives its content, or nothing where an item has no such property. */
const BY_NAMESPACE = {
  [DAV]: {
    resourcetype: ({ isCollection, isCalendar }) =>
      `${isCollection ? element(DAV, 'collection') : ''}${isCalendar ? element(CALDAV, 'calendar') : ''}`,
    displayname: ({ displayName, name }) => escaped(displayName ?? name),
    getetag: ({ isCollection, etag }) => (isCollection ? undefined : escaped(etag)),
    getcontentlength: ({ isCollection, bytes }) => (isCollection ? undefined : String(bytes)),
    getcontenttype: (item) => (item.isCollection ? undefined : typeOf(item)),
    getlastmodified: ({ modified }) => modified.toUTCString(),
    'current-user-principal': (_item, { hrefOf }) => element(DAV, 'href', hrefOf('/')),
    'supported-report-set': ({ isCalendar }) =>
      isCalendar ? ['calendar-query', 'calendar-multiget'].map(supportedReport).join('') : '',
  },
  [CALDAV]: {
    'calendar-home-set': (_item, { hrefOf }) => element(DAV, 'href', hrefOf('/')),
    'supported-calendar-component-set': ({ isCalendar }) =>
      isCalendar ? '<C:comp name="VEVENT"/><C:comp name="VTODO"/>' : undefined,
    'calendar-data': (_item, { text }) => (text === undefined ? undefined : escaped(text)),
  },
};

/** Names come from clients: a Map has none of its own, as every object has (`constructor`). */
const PROPERTIES = new Map(
  Object.entries(BY_NAMESPACE).map(([namespace, properties]) => [namespace, new Map(Object.entries(properties))]),
);

function supportedReport(name) {
  return element(DAV, 'supported-report', element(DAV, 'report', element(CALDAV, name)));
}

export function typeOf({ name }) {
  return name.endsWith('.ics') ? 'text/calendar; charset=utf-8' : 'application/octet-stream';
}

/** The names in a `prop`; nothing where all are asked for. */
export function namesIn(prop) {
  return prop && childrenOf(prop).map(({ namespaceURI, localName }) => [namespaceURI, localName]);
}

const ALL = [...PROPERTIES.get(DAV).keys()].map((name) => [DAV, name]);

/** As a multistatus has them: those that are there, and those that are not. */
export function propstatsOf(item, names, context) {
  const [found, missing] = [[], []];
  for (const [namespace, name] of names ?? ALL) {
    const content = PROPERTIES.get(namespace)?.get(name)?.(item, context);
    if (content !== undefined) found.push(element(namespace, name, content));
    else if (names !== undefined) missing.push(element(namespace, name));
  }
  return [
    { status: '200 OK', properties: found },
    { status: '404 Not Found', properties: missing },
  ];
}
