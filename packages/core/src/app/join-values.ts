// app/join-values.ts: the lines of one field as one variable.

/** Cookies are the one field whose lines are joined with "; " (RFC 9113 §8.2.3); all others are lists (RFC 9110 §5.3). */
export function joinValues(variable: string, before: string, value: string): string {
  return `${before}${variable === 'HTTP_COOKIE' ? '; ' : ', '}${value}`;
}
