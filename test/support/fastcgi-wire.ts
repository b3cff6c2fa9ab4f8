// fastcgi-wire.ts: FastCGI 1.0 as bytes, written and read without the engine: a test that shared its mistakes would not see them.

/** §8: FCGI_BEGIN_REQUEST and its like. */
export const TYPE = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;

export const ROLE = { responder: 1, authorizer: 2, filter: 3 } as const;
export type Role = keyof typeof ROLE;

/** §5.5: protocolStatus of FCGI_END_REQUEST. */
export const PROTOCOL_STATUS = ['REQUEST_COMPLETE', 'CANT_MPX_CONN', 'OVERLOADED', 'UNKNOWN_ROLE'] as const;

const HEADER_BYTES = 8;
export const CONTENT_BYTES_MAX = 65_535;

export interface FastCgiRecord {
  readonly version: number;
  readonly type: number;
  readonly id: number;
  readonly content: Buffer;
}

export interface RecordOptions {
  readonly version?: number;
  readonly paddingBytes?: number;
}

/** Latin1 text: one char a byte. */
type Content = Uint8Array | string;

/** §3.3. Padding is of 0xFF bytes, which nobody may read. */
export function record(type: number, id: number, content: Content = '', options: RecordOptions = {}): Buffer {
  const { version = 1, paddingBytes = 0 } = options;
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  if (bytes.length > CONTENT_BYTES_MAX) throw new Error(`a record has ${CONTENT_BYTES_MAX} bytes at most`);
  const header = Buffer.from([version, type, id >> 8, id & 0xff, bytes.length >> 8, bytes.length & 0xff, paddingBytes, 0]);
  return Buffer.concat([header, bytes, Buffer.alloc(paddingBytes, 0xff)]);
}

/** A stream (§3.3): records of at most so many bytes, then an empty one. */
export function stream(type: number, id: number, content: Content, bytesARecord = CONTENT_BYTES_MAX): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytesARecord) records.push(record(type, id, bytes.subarray(at, at + bytesARecord)));
  return Buffer.concat([...records, record(type, id)]);
}

const KEEP_CONN = 1;

/** §5.1. */
export function beginRequest(id: number, role: number = ROLE.responder, keepConn = true): Buffer {
  return record(TYPE.beginRequest, id, Buffer.from([role >> 8, role & 0xff, keepConn ? KEEP_CONN : 0, 0, 0, 0, 0, 0]));
}

/** §3.4: names and values, latin1. A length of 128 and more has four bytes; `long` writes short ones so, too, which is allowed. */
export function pairs(params: Readonly<Record<string, string>>, long = false): Buffer {
  return Buffer.concat(
    Object.entries(params).flatMap(([name, value]) => [
      lengthOf(name, long),
      lengthOf(value, long),
      Buffer.from(name, 'latin1'),
      Buffer.from(value, 'latin1'),
    ]),
  );
}

const SHORT_MAX = 127;

function lengthOf({ length }: string, long: boolean): Buffer {
  if (length <= SHORT_MAX && !long) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((length | 0x8000_0000) >>> 0);
  return bytes;
}

export function readPairs(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  let at = 0;
  const length = (): number => {
    if (bytes[at]! <= SHORT_MAX) return bytes[at++]!;
    at += 4;
    return bytes.readUInt32BE(at - 4) & 0x7fff_ffff;
  };
  const text = (count: number): string => bytes.toString('latin1', at, (at += count));
  while (at < bytes.length) {
    const nameBytes = length();
    const valueBytes = length();
    const name = text(nameBytes);
    found[name] = text(valueBytes);
  }
  return found;
}

/** Takes whole records from the front of `bytes`; gives what is left. */
export function takeRecords(bytes: Buffer, take: (found: FastCgiRecord) => void): Buffer {
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const contentBytes = bytes.readUInt16BE(at + 4);
    const end = at + HEADER_BYTES + contentBytes + bytes[at + 6]!;
    if (end > bytes.length) break;
    const content = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + contentBytes);
    take({ version: bytes[at]!, type: bytes[at + 1]!, id: bytes.readUInt16BE(at + 2), content });
    at = end;
  }
  return bytes.subarray(at);
}
