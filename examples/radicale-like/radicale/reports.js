// REPORT (RFC 4791 §7.8, §7.9): the items of a calendar that are asked for by their names, or by a filter.

import { componentsOf, isWithin, timeOf } from './calendar.js';
import { HttpError } from './http-error.js';
import { CALDAV, childrenOf, DAV, find } from './xml.js';

/** Gives the hrefs with what is there of them. */
export async function report(root, calendar, { storage, pathOf, hrefOf }) {
  if (root === undefined) throw new HttpError('400 Bad Request');
  switch (`${root.namespaceURI} ${root.localName}`) {
    case `${CALDAV} calendar-multiget`: {
      const hrefs = childrenOf(root).filter(({ localName }) => localName === 'href');
      return Promise.all(
        hrefs.map(async ({ textContent }) => {
          const href = textContent.trim();
          return { href, item: await storage.find(pathOf(href)) };
        }),
      );
    }
    case `${CALDAV} calendar-query`: {
      const isWanted = filterOf(find(root, CALDAV, 'filter'));
      const items = await storage.list(calendar);
      const texts = await Promise.all(items.map((item) => (item.isCollection ? undefined : storage.text(item))));
      const wanted = items.filter((_item, index) => texts[index] !== undefined && isWanted(texts[index]));
      return wanted.map((item) => ({ href: hrefOf(item.path), item }));
    }
    default:
      throw new HttpError('403 Forbidden', [DAV, 'supported-report']);
  }
}

/** `VCALENDAR` with a component in it, and that perhaps in a range of time. */
function filterOf(filter) {
  const [calendar] = childrenOf(filter);
  const component = childrenOf(calendar).find(({ localName }) => localName === 'comp-filter');
  if (component === undefined) return () => true;
  const name = component.getAttribute('name');
  const range = find(component, CALDAV, 'time-range');
  const [start, end] = ['start', 'end'].map((side) => timeOf(range?.getAttribute(side)));
  return (text) => componentsOf(text).some((one) => one.name === name && isWithin(one, { start, end }));
}
