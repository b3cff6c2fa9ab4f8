// connection/request-id.ts: ids for requests that come without one: unlike those of any other thread or process, and cheap.

const PREFIX_BYTES = 6;

/** Of this thread, for as long as it lives. */
const prefix = Buffer.from(crypto.getRandomValues(new Uint8Array(PREFIX_BYTES))).toString('hex');
let last = 0;

export function newRequestId(): string {
  last += 1;
  return `${prefix}-${last.toString(36)}`;
}
