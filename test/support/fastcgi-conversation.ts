// fastcgi-conversation.ts: a FastCGI connection without sockets: drives the engine as the server does, and writes down what it says.
//
// Law: it lends bytes and takes them back. After `keep` the lent buffer is overwritten, as the server's one read buffer is by the next
// socket: what the engine or an event still points at would then be X.

import {
  FASTCGI_LIMITS,
  FastcgiConnection,
  type FastcgiEvent,
  type FastcgiLimits,
  type FastcgiRequest,
} from '@appserve/core/fastcgi';
import { ResponseHead } from '@appserve/core/message';
import { takeRecords, TYPE, type FastCgiRecord } from './fastcgi-wire.ts';

const LENT = Buffer.alloc(64 * 1_024);
const X = 0x58;

const TYPE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(Object.entries(TYPE).map(([name, type]) => [type, name]));

/** What a request is answered with, and when: `hello` of 200. */
export interface FastcgiSettings extends Partial<FastcgiLimits> {
  /** As soon as its variables are here, when its body is complete, or never. */
  readonly answersAt?: 'request' | 'end' | 'never';
}

export class FastcgiWire {
  readonly engine: FastcgiConnection;
  readonly #answersAt: 'request' | 'end' | 'never';
  readonly #lines: string[] = [];
  #sent = Buffer.alloc(0);
  #isClosed = false;

  constructor({ answersAt = 'end', ...limits }: FastcgiSettings = {}) {
    this.engine = new FastcgiConnection({ ...FASTCGI_LIMITS, ...limits });
    this.#answersAt = answersAt;
  }

  /** One read of the socket. */
  receive(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += LENT.length) {
      const part = bytes.subarray(at, at + LENT.length);
      LENT.set(part);
      this.engine.receive(LENT, part.length);
      this.#pump(part.length);
      LENT.fill(X, 0, part.length);
    }
  }

  /** The web server closes its side. */
  endSending(): void {
    this.engine.receive(null);
    this.#pump(0);
  }

  /** What was heard, a line each: `begin 1`, `request 1 GET /`, `stdin 1 hello`, `stdin 1 end`, `abort 1`, `RECORD_INVALID`, `closed`. */
  get heard(): readonly string[] {
    return this.#isClosed ? [...this.#lines, 'closed'] : this.#lines;
  }

  /** The records that were sent, a line each: `stdout 1 "..."`, `endRequest 1 0 REQUEST_COMPLETE`. */
  get sent(): readonly string[] {
    const lines: string[] = [];
    const rest = takeRecords(this.#sent, (found) => lines.push(lineOf(found)));
    return rest.length === 0 ? lines : [...lines, `and ${rest.length} bytes`];
  }

  /** Without what goes on to be read, each answer is whole; so the text of the answers stands together. */
  #pump(received: number): void {
    for (let left = 4 * (received + this.engine.unreadBytes) + 16; !this.#isClosed; left -= 1) {
      if (left === 0) throw new Error('the engine gives events without end');
      const event = this.engine.next();
      if (event.type === 'need-data' || event.type === 'paused') break;
      this.#hear(event);
    }
    this.engine.keep();
    this.#send();
  }

  #send(): void {
    const output = this.engine.output.take();
    for (const piece of typeof output === 'string' ? [output] : output)
      this.#sent = Buffer.concat([this.#sent, typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece]);
  }

  #hear(event: FastcgiEvent): void {
    switch (event.type) {
      case 'begin':
        this.#lines.push(`begin ${event.request.id}`);
        return;
      case 'request':
        this.#lines.push(`request ${event.request.id} ${event.request.head!.method} ${event.request.head!.pathAndQuery}`);
        if (this.#answersAt === 'request' || (this.#answersAt === 'end' && event.request.phase === 'answer'))
          this.answer(event.request);
        return;
      case 'data':
        this.#addData(`${event.stream} ${event.request.id} `, Buffer.from(event.bytes).toString('latin1'));
        return;
      case 'end':
        this.#lines.push(`${event.stream} ${event.request.id} end`);
        if (this.#answersAt === 'end' && event.request.phase === 'answer') this.answer(event.request);
        return;
      case 'abort':
        this.#lines.push(`abort ${event.request.id}`);
        this.engine.aborted(event.request);
        return;
      case 'fault':
        this.#lines.push(event.request === undefined ? event.fault.code : `${event.fault.code} ${event.request.id}`);
        if (event.request !== undefined) this.engine.refuse(event.request, event.fault);
        return;
      case 'closed':
        this.#isClosed = true;
        return;
      case 'need-data':
      case 'paused':
    }
  }

  /** Pieces of one stream that follow each other are one. */
  #addData(name: string, text: string): void {
    const last = this.#lines.at(-1);
    const isMore = last?.startsWith(name) === true && last !== `${name}end`;
    if (isMore) this.#lines[this.#lines.length - 1] = last + text;
    else this.#lines.push(name + text);
  }

  answer(request: FastcgiRequest): void {
    if (request.isOver) return;
    this.engine.sendHead(request, ResponseHead.of(200, []), 5);
    this.engine.sendData(request, Buffer.from('hello'));
    this.engine.sendEnd(request);
  }
}

function lineOf({ type, id, content }: FastCgiRecord): string {
  const name = `${TYPE_NAMES[type] ?? type} ${id}`;
  if (type === TYPE.endRequest)
    return `${name} ${content.readUInt32BE(0)} ${['complete', 'mpx', 'overloaded', 'role'][content[4]!]}`;
  return content.length === 0 ? `${name} end` : `${name} ${JSON.stringify(content.toString('latin1'))}`;
}
