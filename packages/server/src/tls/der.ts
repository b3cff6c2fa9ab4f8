// tls/der.ts: what DER is made of (X.690 §8.1, §10), as far as a list of what is revoked is asked who wrote it and until when it is valid:
// node:crypto tells that of certificates alone. A machine: bytes in, elements out.

export interface Element {
  /** Of one byte: what stands in certificates and lists has no other. */
  readonly tag: number;
  readonly content: Uint8Array;
}

/** As X.690 §8.1.2 and X.680 §8.6 have them. */
export const TAG = {
  integer: 0x02,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  /** `[0]`, around something else. */
  first: 0xa0,
} as const;

/** One behind the other. Throws where one goes beyond the end. */
export function elementsIn(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const { start, length } = lengthAt(bytes, offset + 1);
    const end = start + length;
    if (!(end <= bytes.length)) throw new Error('an element of it ends behind its end');
    elements.push({ tag: bytes[offset]!, content: bytes.subarray(start, end) });
    offset = end;
  }
  return elements;
}

/** What is in the nth of these. Throws where there is none. */
export function inside(elements: readonly Element[], index: number): Element[] {
  return elementsIn(elementAt(elements, index).content);
}

/** Throws where there is none. */
export function elementAt(elements: readonly Element[], index: number): Element {
  const element = elements[index];
  if (element === undefined) throw new Error('an element is missing in it');
  return element;
}

/** Where the content begins, and how long it is: NaN where that is not said. */
function lengthAt(bytes: Uint8Array, offset: number): { readonly start: number; readonly length: number } {
  const first = bytes[offset] ?? Number.NaN;
  if (!(first >= 0x80)) return { start: offset + 1, length: first };
  // §8.1.3.5: so many bytes of a number follow. Four are enough for any file.
  const start = offset + 1 + (first & 0x7f);
  if (start - offset > 5 || start > bytes.length) return { start, length: Number.NaN };
  return { start, length: bytes.subarray(offset + 1, start).reduce((sum, byte) => sum * 256 + byte, 0) };
}

/** In UTC to the second, the one form that RFC 5280 §4.1.2.5 allows. Throws for any other. */
export function timeMsOf({ tag, content }: Element): number {
  const text = Buffer.from(content).toString('latin1');
  const digits = tag === TAG.utcTime ? 2 : tag === TAG.generalizedTime ? 4 : undefined;
  const found = digits && new RegExp(`^(\\d{${digits}})(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)(\\d\\d)Z$`).exec(text);
  if (!found) throw new Error('a time in it is not written as RFC 5280 has it');
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [number, number, number, number, number, number];
  // §4.1.2.5.1: two digits stand for 1950 to 2049.
  const century = digits === 4 ? 0 : year < 50 ? 2000 : 1900;
  return Date.UTC(century + year, month - 1, day, hour, minute, second);
}

/** How the bytes of strings are read, by their tag. */
const STRINGS: Readonly<Record<number, (content: Buffer) => string>> = {
  [TAG.utf8String]: (content) => content.toString('utf8'),
  [TAG.printableString]: (content) => content.toString('latin1'),
  [TAG.teletexString]: (content) => content.toString('latin1'),
  [TAG.ia5String]: (content) => content.toString('latin1'),
  [TAG.visibleString]: (content) => content.toString('latin1'),
  [TAG.bmpString]: (content) => charsOf(content, 2),
  [TAG.universalString]: (content) => charsOf(content, 4),
};

function charsOf(content: Buffer, width: 2 | 4): string {
  const count = Math.floor(content.length / width);
  return String.fromCodePoint(...Array.from({ length: count }, (_, index) => content.readUIntBE(index * width, width)));
}

/**
 * A Name, so that equal ones are equal text: strings count whatever their type, the case of their ASCII letters and the number of their
 * blanks, as OpenSSL compares them (X509_NAME_cmp(3); RFC 5280 §7.1). `name`: what its sequence holds.
 */
export function nameKeyOf({ content: name }: Element): string {
  const parts = elementsIn(name).map((set) =>
    elementsIn(set.content)
      .map((pair) => {
        const [type, value] = elementsIn(pair.content);
        return `${hexOf(type)}=${valueKeyOf(value)}`;
      })
      .toSorted(),
  );
  return JSON.stringify(parts);
}

function valueKeyOf(value: Element | undefined): string {
  const read = value && STRINGS[value.tag];
  if (read === undefined) return `#${hexOf(value)}`;
  const words = read(Buffer.from(value!.content)).split(/[\t-\r ]+/);
  return words
    .filter((word) => word !== '')
    .join(' ')
    .replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function hexOf(element: Element | undefined): string {
  return element === undefined ? '' : Buffer.from(element.content).toString('hex');
}
