// files/http-date.ts: HTTP-date (RFC 9110 §5.6.7): IMF-fixdate, and the two old forms that a recipient must take.

const DATE = new RegExp(
  [
    '^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$',
    '^(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday), [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$',
    '^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}$',
  ].join('|'),
);

/** Seconds since 1970; nothing where it is no date, which a recipient ignores. */
export function secondsOf(text: string): number | undefined {
  if (!DATE.test(text)) return undefined;
  const ms = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms / 1_000;
}
