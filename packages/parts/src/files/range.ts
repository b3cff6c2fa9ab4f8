// files/range.ts: which bytes of a file a client asks for: a machine.
//
// Source: RFC 9110 §14.1.2, §14.2. A server may ignore a Range: that is done with what is none, and with several at once, which is how
// clients make a server send a file many times over (CVE-2011-3192).

/** First byte, and the one behind the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const RANGE = /^bytes[ \t]*=[ \t]*(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))[ \t]*$/i;

/** Nothing: the whole file. `unsatisfiable`: 416. */
export function rangeOf(written: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last, suffix] = (written === undefined ? null : RANGE.exec(written)) ?? [];
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  // 5-4 is no range at all, wherever the file ends.
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}
