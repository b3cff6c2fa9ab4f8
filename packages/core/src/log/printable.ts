// log/printable.ts: text of strangers in a log.
//
// Law: what a client sends neither forges a line nor reaches a terminal as a command (CVE-2020-7694).

/** Line ends stay only where they are our own, in front of the indented lines of a stack. */
export function printable(message: string): string {
  return HOSTILE.test(message) ? message.replaceAll(HOSTILE_ALL, escaped) : message;
}

const HOSTILE = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
const HOSTILE_ALL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|\n(?! )/g;

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
}

/**
 * A value in a line of an access log: also quotes and backslashes, which would end the field that it stands in, and all that is not
 * ASCII, as Apache and nginx have it. Chars are bytes.
 */
export function quotable(value: string): string {
  return UNQUOTABLE.test(value) ? value.replaceAll(UNQUOTABLE_ALL, escapedByte) : value;
}

const UNQUOTABLE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const UNQUOTABLE_ALL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

function escapedByte(char: string): string {
  if (char === '"' || char === '\\') return `\\${char}`;
  return escaped(char);
}
