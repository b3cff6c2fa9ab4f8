// exchange/request-id.ts: what a request is called in logs, here and in front of us.

import type { RequestHead } from '../message/request-head.ts';

/** What others make: UUIDs, hexadecimal numbers, ULIDs, those of proxies. Nothing that a log would have to escape. */
const SANE = /^[A-Za-z0-9._:+/=@-]{1,128}$/;

/** X-Request-Id as the client, or a proxy, has sent it; nothing where there is none, several, or one that is not sane. */
export function requestIdIn({ fields }: RequestHead): string | undefined {
  const { flat } = fields;
  let found: string | undefined;
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!;
    if (name.length !== 12 || name.toLowerCase() !== 'x-request-id') continue;
    if (found !== undefined) return undefined;
    found = flat[at + 1]!;
  }
  return found !== undefined && SANE.test(found) ? found : undefined;
}
