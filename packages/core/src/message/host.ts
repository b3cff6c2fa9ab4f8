// message/host.ts: Host = uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2.2). A value that is none is a 400 (RFC 9112 §3.2).

// reg-name, which covers IPv4. pct-encoded is refused but for octets above 0x7f: "a%2fb" and "a%00b" have two readings.
const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[89A-Fa-f][0-9A-Fa-f])+(?::([0-9]*))?$/;
const IP_LITERAL = /^\[([0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\](?::([0-9]*))?$/;
const H16 = /^[0-9A-Fa-f]{1,4}$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;

/** Whether `value` is `uri-host [":" port]`. The empty value is: a target may have no authority. A port alone is not (RFC 9110 §4.2.1). */
export function isHost(value: string): boolean {
  if (value === '') return true;
  if (value.startsWith('[')) {
    const [, address, port] = IP_LITERAL.exec(value) ?? [];
    return address !== undefined && (/^v/i.test(address) || isIPv6(address)) && isPort(port);
  }
  const named = REG_NAME.exec(value);
  return named !== null && isPort(named[1]);
}

function isPort(port: string | undefined): boolean {
  return port === undefined || (port.length <= 5 && Number(port) <= 65_535);
}

/** IPv6address (RFC 3986 §3.2.2): eight groups, or fewer around one "::"; the last two may be an IPv4 address. */
function isIPv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const counts = halves.map((half, index) => groups(half, index === halves.length - 1));
  if (counts.includes(-1)) return false;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return halves.length === 2 ? total <= 7 : total === 8;
}

/** How many 16-bit groups the text spells, or -1. */
function groups(text: string, isLast: boolean): number {
  if (text === '') return 0;
  const parts = text.split(':');
  const tail = parts.at(-1)!;
  const endsInIPv4 = isLast && tail.includes('.') && IPV4.test(tail);
  const words = endsInIPv4 ? parts.slice(0, -1) : parts;
  return words.every((part) => H16.test(part)) ? words.length + (endsInIPv4 ? 2 : 0) : -1;
}
