// message/host.ts: Host = uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2.2). A value that is none is a 400 (RFC 9112 §3.2).

import { addressBytes } from './address.ts';

// reg-name, which covers IPv4. pct-encoded is refused but for octets above 0x7f: "a%2fb" and "a%00b" have two readings.
const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[89A-Fa-f][0-9A-Fa-f])+(?::([0-9]*))?$/;
const IP_LITERAL = /^\[([0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\](?::([0-9]*))?$/;

/** Whether `value` is `uri-host [":" port]`. The empty value is: a target may have no authority. A port alone is not (RFC 9110 §4.2.1). */
export function isHost(value: string): boolean {
  if (value === '') return true;
  if (value.startsWith('[')) {
    const [, address, port] = IP_LITERAL.exec(value) ?? [];
    return address !== undefined && (/^v/i.test(address) || addressBytes(address)?.length === 16) && isPort(port);
  }
  const named = REG_NAME.exec(value);
  return named !== null && isPort(named[1]);
}

/** `uri-host` of a value that is a host. */
export function withoutPort(host: string): string {
  return host.replace(/:[0-9]*$/, '');
}

function isPort(port: string | undefined): boolean {
  return port === undefined || (port.length <= 5 && Number(port) <= 65_535);
}
