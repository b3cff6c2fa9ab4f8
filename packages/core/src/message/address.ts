// message/address.ts: IPv4 and IPv6 addresses as bytes and as text.
//
// Law: what is read here is an address and nothing else: no name, no zone, no leading zero that another reader takes for octal.
// Source: RFC 4291 §2.2, RFC 5952 §4, RFC 6943 §3.1.1.

const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
const H16 = /^[0-9A-Fa-f]{1,4}$/;
const GROUPS = 8;

/** 4 bytes, or 16; nothing where the text is no address. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (IPV4.test(text)) return Uint8Array.from(text.split('.'), Number);
  const groups = ipv6Groups(text);
  return groups && Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Eight groups, or fewer around one `::`; the last two may be an IPv4 address. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === GROUPS ? head : undefined;
  if (tail === undefined || head.length + tail.length >= GROUPS) return undefined;
  return [...head, ...Array.from({ length: GROUPS - head.length - tail.length }, () => 0), ...tail];
}

function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const tail = isLast && IPV4.test(parts.at(-1)!) ? parts.pop()!.split('.').map(Number) : [];
  if (!parts.every((part) => H16.test(part))) return undefined;
  const groups = parts.map((part) => Number.parseInt(part, 16));
  return tail.length === 0 ? groups : [...groups, tail[0]! * 256 + tail[1]!, tail[2]! * 256 + tail[3]!];
}

/** As the system writes it: `192.0.2.7`, `2001:db8::7`, `::ffff:192.0.2.7`. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: GROUPS }, (_, at) => bytes[2 * at]! * 256 + bytes[2 * at + 1]!);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return `::ffff:${bytes.slice(12).join('.')}`;
  const [from, length] = longestZeros(groups);
  const words = groups.map((group) => group.toString(16));
  if (length < 2) return words.join(':');
  return `${words.slice(0, from).join(':')}::${words.slice(from + length).join(':')}`;
}

/** RFC 5952 §4.2.3: of equals the first. */
function longestZeros(groups: readonly number[]): [from: number, length: number] {
  let best: [number, number] = [0, 0];
  let from = 0;
  for (let at = 0; at <= groups.length; at += 1) {
    if (groups[at] === 0) continue;
    if (at - from > best[1]) best = [from, at - from];
    from = at + 1;
  }
  return best;
}
