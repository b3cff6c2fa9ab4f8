// answers-of.ts: bytes of a connection as answers: interim ones, with a length, chunked, or ended by the end of the connection.

export interface Heard {
  /** `HTTP/1.1` */
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** Lower-case names; repeats in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  /** Fields behind a chunked body. */
  readonly trailers: string;
  /** Its end was seen: by its length or its last chunk. */
  readonly isWhole: boolean;
}

/** Final answers in latin1 text, one for each method; interim ones are left out. What is cut short comes with what is there. */
export function answersOf(text: string, methods: readonly string[]): Heard[] {
  const heard: Heard[] = [];
  let rest = text;
  while (heard.length < methods.length) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return heard;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    rest = rest.slice(end + 4);
    const status = Number(statusLine.slice(9, 12));
    if (status < 200) continue;
    const fields = fieldsOf(lines);
    const [body, trailers, isWhole, length] = bodyOf(rest, status, fields, methods[heard.length] === 'HEAD');
    rest = rest.slice(length);
    heard.push({ version: statusLine.slice(0, 8), status, reason: statusLine.slice(13), fields, body, trailers, isWhole });
  }
  return heard;
}

function fieldsOf(lines: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return fields;
}

type Body = readonly [body: string, trailers: string, isWhole: boolean, length: number];

function bodyOf(rest: string, status: number, fields: ReadonlyMap<string, readonly string[]>, isHead: boolean): Body {
  if (isHead || status === 204 || status === 304) return ['', '', true, 0];
  if (fields.get('transfer-encoding')?.[0] === 'chunked') return chunkedBody(rest);
  const [length] = fields.get('content-length') ?? [];
  if (length === undefined) return [rest, '', false, rest.length];
  return [rest.slice(0, Number(length)), '', rest.length >= Number(length), Number(length)];
}

function chunkedBody(rest: string): Body {
  let body = '';
  let at = 0;
  for (;;) {
    const line = rest.indexOf('\r\n', at);
    if (line === -1) return [body, '', false, rest.length];
    const size = Number.parseInt(rest.slice(at, line), 16);
    if (size === 0) {
      const end = rest.indexOf('\r\n\r\n', line);
      return end === -1 ? [body, '', false, rest.length] : [body, rest.slice(line + 2, end), true, end + 4];
    }
    body += rest.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
    if (rest.length < at) return [body, '', false, rest.length];
  }
}
