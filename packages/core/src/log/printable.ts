// log/printable.ts: text of strangers in a log.
//
// Law: what a client sends neither forges a line nor reaches a terminal as a command (CVE-2020-7694).

/** Line ends stay only where they are our own, in front of the indented lines of a stack. */
export function printable(message: string): string {
  return HOSTILE.test(message) ? message.replaceAll(HOSTILE_ALL, escaped) : message;
}

const HOSTILE = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
const HOSTILE_IN_LINE = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
const HOSTILE_ALL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|\n(?! )/g;

/** The same for a value within a line: it has no line ends of ours. */
export function printableValue(value: string): string {
  return HOSTILE.test(value) ? value.replaceAll(HOSTILE_IN_LINE, escaped) : value;
}

/** JSON escapes some of them by itself, and can say the others. */
export function printableJson(json: string): string {
  return HOSTILE.test(json) ? json.replaceAll(HOSTILE_IN_LINE, escapedInJson) : json;
}

function escapedInJson(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

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
