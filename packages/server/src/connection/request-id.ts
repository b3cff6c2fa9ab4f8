// connection/request-id.ts: ids for requests that come without one: unlike those of any other thread or process, and cheap.

const PREFIX_BYTES = 6;

/** Of this thread, for as long as it lives: from the first one on, since `crypto` costs 5 ms where nobody else has loaded it. */
let prefix: string | undefined;
let last = 0;

export function newRequestId(): string {
  prefix ??= Buffer.from(crypto.getRandomValues(new Uint8Array(PREFIX_BYTES))).toString('hex');
  last += 1;
  return `${prefix}-${last.toString(36)}`;
}
