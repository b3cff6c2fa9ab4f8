// http1/field-names.ts: the field names that nearly every request has, as strings made once.
//
// A head's names are looked up by a hash made while they are scanned: no substring, no new string to hash. The table is fixed,
// so no client can fill it.

const CANONICAL = [
  'Accept',
  'Accept-Charset',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Cache-Control',
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'Cookie',
  'DNT',
  'Date',
  'Depth',
  'Destination',
  'Expect',
  'Forwarded',
  'From',
  'Host',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Keep-Alive',
  'Origin',
  'Overwrite',
  'Pragma',
  'Priority',
  'Proxy-Connection',
  'Range',
  'Referer',
  'Sec-CH-UA',
  'Sec-CH-UA-Mobile',
  'Sec-CH-UA-Platform',
  'Sec-Fetch-Dest',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Site',
  'Sec-Fetch-User',
  'Sec-GPC',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Version',
  'TE',
  'Transfer-Encoding',
  'Upgrade',
  'Upgrade-Insecure-Requests',
  'User-Agent',
  'Via',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Real-IP',
  'X-Request-ID',
  'X-Requested-With',
  'baggage',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'traceparent',
  'tracestate',
];

const SLOTS = 2_048;
const slots: (string | undefined)[] = Array.from({ length: SLOTS });

/** One step of the hash of a name. Names differ in case, since they are kept as they were sent. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 11)) & (SLOTS - 1);
}

function hashOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < name.length; at += 1) hash = hashStep(hash, name.charCodeAt(at));
  return hash;
}

for (const name of CANONICAL) {
  for (const spelled of [name, name.toLowerCase()]) slots[slotOf(hashOf(spelled))] ??= spelled;
}

/** The known name that stands in `bytes`, or nothing: then the caller makes the string. */
export function knownName(bytes: Uint8Array, from: number, to: number, hash: number): string | undefined {
  const candidate = slots[slotOf(hash)];
  if (candidate === undefined || candidate.length !== to - from) return undefined;
  for (let at = 0; at < candidate.length; at += 1) {
    if (candidate.charCodeAt(at) !== bytes[from + at]) return undefined;
  }
  return candidate;
}
