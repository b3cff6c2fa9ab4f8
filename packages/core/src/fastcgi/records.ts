// fastcgi/records.ts: the record layer of the FastCGI 1.0 specification, §3.3, §8. Numbers are big-endian.
//
// Law: this room knows lengths and padding, and nothing of requests. What is written is latin1 text: one char a byte, so that the
// records of a small answer are one text with it.

/** FCGI_VERSION_1. */
export const VERSION = 1;
export const HEADER_BYTES = 8;
/** What contentLength can say is 65,535; this is the most that needs no padding to end at eight bytes. */
export const CONTENT_BYTES_MAX = 65_528;

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

/** The id of management records (§3.3). */
export const NULL_REQUEST_ID = 0;
/** The body of FCGI_BEGIN_REQUEST and of FCGI_END_REQUEST. */
export const BODY_BYTES = 8;
/** A flag of FCGI_BEGIN_REQUEST: the web server keeps the connection (§5.1). */
export const KEEP_CONN = 1;

export const ROLE = { responder: 1, authorizer: 2, filter: 3 } as const;
export type Role = keyof typeof ROLE;

/** protocolStatus of FCGI_END_REQUEST (§5.5). */
export const STATUS = { requestComplete: 0, cantMpxConn: 1, overloaded: 2, unknownRole: 3 } as const;
export type ProtocolStatus = keyof typeof STATUS;

const PADDINGS = Array.from({ length: 8 }, (_, length) => '\0'.repeat(length));

function word(value: number): string {
  return String.fromCharCode((value >> 8) & 0xff, value & 0xff);
}

/** The padding that makes content end at eight bytes, as §3.3 recommends. */
export function paddingFor(contentBytes: number): string {
  return PADDINGS[-contentBytes & 7]!;
}

/** The header of a record whose content and padding follow. */
export function recordHeader(type: number, id: number, contentBytes: number): string {
  return String.fromCharCode(VERSION, type, id >> 8, id & 0xff, contentBytes >> 8, contentBytes & 0xff, -contentBytes & 7, 0);
}

/** A whole record. `content`: latin1, at most CONTENT_BYTES_MAX. */
export function record(type: number, id: number, content: string): string {
  return `${recordHeader(type, id, content.length)}${content}${paddingFor(content.length)}`;
}

/** The end of a stream (§3.3). */
export function endOfStream(type: number, id: number): string {
  return recordHeader(type, id, 0);
}

/** `appStatus`: what the exit() of a CGI program would have said, as 32 bits (§5.5). */
export function endRequest(id: number, appStatus: number, status: ProtocolStatus): string {
  return record(TYPE.endRequest, id, `${word(appStatus >>> 16)}${word(appStatus)}${String.fromCharCode(STATUS[status])}\0\0\0`);
}

export function unknownType(type: number): string {
  return record(TYPE.unknownType, NULL_REQUEST_ID, `${String.fromCharCode(type)}\0\0\0\0\0\0\0`);
}

/** A name-value pair (§3.4), for FCGI_GET_VALUES_RESULT: both shorter than 128 bytes. */
export function shortPair(name: string, value: string): string {
  return `${String.fromCharCode(name.length, value.length)}${name}${value}`;
}
