// As much of iCalendar (RFC 5545) as a time range asks for. What recurs is not expanded: it is taken to be wherever it may be.

/** Lines that are folded are one (§3.1). */
function linesOf(text) {
  return text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/);
}

/** `19970714T170000Z`, `19970714` -> ms since 1970; times without a zone are taken for UTC. */
export function timeOf(text) {
  const [, year, month, day, hour = '0', minute = '0', second = '0'] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/.exec(text ?? '') ?? [];
  return year === undefined ? undefined : Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The components VEVENT, VTODO, ... of a calendar, each with the first value of each property. */
export function componentsOf(text) {
  const components = [];
  let open;
  for (const line of linesOf(text)) {
    const [, name, value] = /^([A-Z-]+)(?:;[^:]*)?:(.*)$/.exec(line) ?? [];
    if (name === 'BEGIN' && value !== 'VCALENDAR' && open === undefined) open = { name: value };
    else if (name === 'END' && value === open?.name) {
      components.push(open);
      open = undefined;
    } else if (open !== undefined && name !== undefined && name !== 'BEGIN') open[name] ??= value;
  }
  return components;
}

/** RFC 4791 §9.9; a side that is left out is open. */
export function isWithin({ DTSTART, DTEND, DUE, RRULE }, { start = -Infinity, end = Infinity }) {
  const from = timeOf(DTSTART) ?? timeOf(DUE);
  if (from === undefined) return true;
  const until = RRULE === undefined ? (timeOf(DTEND ?? DUE) ?? from) : Infinity;
  return from < end && (until > start || from >= start);
}
