// message/grammar.ts: the character classes of RFC 9110 §5 and RFC 9112 §2-7, under the RFCs' own names.
//
// Law: no other room spells a character class. Bytes are classed by table; text is latin1, one char a byte.
// OWS is SP and HTAB and nothing else: trim() also strips 0xA0 and U+FEFF, which is how requests are smuggled.

/** tchar: method, field names, coding names (RFC 9110 §5.6.2). */
export const TCHAR = 1;
/** field-vchar, SP and HTAB: what a field value may hold (RFC 9110 §5.5). obs-text is in, every control is out. */
export const FIELD_CHAR = 2;
/** What a request target may hold: VCHAR but for "#", since a fragment is never sent (RFC 9112 §3.2). Browsers do send
 *  `|`, `^` and the like raw in queries, which RFC 3986 would not allow; they have one reading, so they pass. */
export const TARGET_CHAR = 4;
/** HEXDIG: chunk sizes. */
export const HEX_DIGIT = 8;

function classOf(byte: number): number {
  const char = String.fromCharCode(byte);
  let bits = 0;
  if (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(char)) bits |= TCHAR;
  if (/[\t\x20-\x7e\x80-\xff]/.test(char)) bits |= FIELD_CHAR;
  if (/[\x21\x22\x24-\x7e]/.test(char)) bits |= TARGET_CHAR;
  if (/[0-9A-Fa-f]/.test(char)) bits |= HEX_DIGIT;
  return bits;
}

/** One row of class bits for each byte. */
export const BYTE_CLASS: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => classOf(byte));

export const SP = 0x20;
export const HTAB = 0x09;
export const CR = 0x0d;
export const LF = 0x0a;
export const COLON = 0x3a;

export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** status-code SP reason-phrase, as the gateway contract spells it: `200 OK`. */
export const STATUS = /^([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** Content-Length = 1*DIGIT (RFC 9110 §8.6); sixteen digits hold every safe integer. */
export const CONTENT_LENGTH = /^[0-9]{1,16}$/;

/** chunk-ext = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] ), RFC 9112 §7.1.1. */
export const CHUNK_EXTENSIONS =
  /^(?:[\t ]*;[\t ]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[\t ]*=[\t ]*(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/;

/** Whether text may be sent as a field value or a reason phrase: HTAB, printable ASCII and obs-text only. */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Also what latin1 cannot hold: Node would write U+010A as 0x0A, a line feed.
    if (code > 0xff || (BYTE_CLASS[code]! & FIELD_CHAR) === 0) return false;
  }
  return true;
}

/** Strips OWS, that is SP and HTAB, from both ends. */
export function stripOws(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isOws(text.charCodeAt(from))) from += 1;
  while (to > from && isOws(text.charCodeAt(to - 1))) to -= 1;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

function isOws(code: number): boolean {
  return code === SP || code === HTAB;
}

/** `keep-alive, Upgrade` -> ['keep-alive', 'upgrade']. Empty elements are ignored (RFC 9110 §5.6.1.2). */
export function listItems(value: string): string[] {
  return value
    .split(',')
    .map((item) => stripOws(item).toLowerCase())
    .filter((item) => item !== '');
}
