// fastcgi-records.ts: as much of FastCGI's records as a load needs: a GET, and where its answer ends.

const HEADER_BYTES = 8;
const [BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN] = [1, 3, 4, 5] as const;

function record(type: number, id: number, content: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.from([1, type, id >> 8, id & 0xff, content.length >> 8, content.length & 0xff, 0, 0]);
  return Buffer.concat([header, content]);
}

/** What nginx sends for the GET that wrk sends, with the variables of docs/guide/fastcgi.md. The connection is kept. */
export function getRequest(id: number, path: string): Buffer {
  const variables = {
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_NAME: 'site.example',
    SERVER_PORT: '80',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_PORT: '40000',
    REQUEST_METHOD: 'GET',
    REQUEST_URI: path,
    SCRIPT_NAME: '',
    PATH_INFO: path,
    QUERY_STRING: '',
    CONTENT_TYPE: '',
    CONTENT_LENGTH: '',
    HTTP_HOST: '127.0.0.1:40000',
  };
  const pairs = Object.entries(variables).map(([name, value]) =>
    Buffer.concat([Buffer.from([name.length, value.length]), Buffer.from(name + value)]),
  );
  return Buffer.concat([
    record(BEGIN_REQUEST, id, Buffer.from([0, 1, 1, 0, 0, 0, 0, 0])),
    record(PARAMS, id, Buffer.concat(pairs)),
    record(PARAMS, id),
    record(STDIN, id),
  ]);
}

/** Finds the ends of answers, however they are cut. */
export class AnswerEnds {
  #unread: Buffer = Buffer.alloc(0);

  /** The ids of those that end here. */
  take(bytes: Buffer): number[] {
    const all = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    const ids: number[] = [];
    let from = 0;
    while (all.length - from >= HEADER_BYTES) {
      const next = from + HEADER_BYTES + all.readUInt16BE(from + 4) + all[from + 6]!;
      if (next > all.length) break;
      if (all[from + 1] === END_REQUEST) ids.push(all.readUInt16BE(from + 2));
      from = next;
    }
    this.#unread = all.subarray(from);
    return ids;
  }
}
