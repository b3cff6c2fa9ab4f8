// frames.ts: frames of WebSocket (RFC 6455 §5.2) as lines that people can read, and as bytes.
//
// `text hello`, `binary 0xff00`, `ping`, `close 1000 bye`. `+` behind the name: FIN is not set, more follows. `rsv1`, `rsv2` and
// `rsv3` set those bits, `unmasked` leaves the mask out, `opcode3` is a name for what has none. `a*125` is a payload of 125 times `a`.

import { Buffer } from 'node:buffer';

const OPCODES = ['continuation', 'text', 'binary', 'opcode3', 'opcode4', 'opcode5', 'opcode6', 'opcode7'].concat([
  'close',
  'ping',
  'pong',
  'opcode11',
  'opcode12',
  'opcode13',
  'opcode14',
  'opcode15',
]);

export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  /** 4: RSV1, 2: RSV2, 1: RSV3. */
  readonly reserved: number;
  readonly payload: Buffer;
}

const CLOSE = OPCODES.indexOf('close');
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const RESERVED = { rsv1: 4, rsv2: 2, rsv3: 1 } as const;

/** The bytes of a line; of one that comes from a client, masked. */
export function bytesOf(line: string): Buffer {
  const [name, ...words] = line.split(' ') as [string, ...string[]];
  const flags = words.filter((word) => word in RESERVED || word === 'unmasked');
  const rest = words.slice(flags.length).join(' ');
  const isFinal = !name.endsWith('+');
  const opcode = OPCODES.indexOf(isFinal ? name : name.slice(0, -1));
  if (opcode === -1) throw new Error(`no frame: ${line}`);
  const reserved = flags.reduce((sum, flag) => sum + (RESERVED[flag as keyof typeof RESERVED] ?? 0), 0);
  const payload = opcode === CLOSE ? closePayload(rest) : payloadOf(rest);
  return encode({ opcode, isFinal, reserved, payload }, !flags.includes('unmasked'));
}

/** `1000 bye`; nothing; or `0x03` for what is no code. */
function closePayload(text: string): Buffer {
  const [, code, reason] = /^([0-9]+)(?: (.*))?$/.exec(text) ?? [];
  if (code === undefined || text.startsWith('0x')) return payloadOf(text);
  return Buffer.concat([Buffer.from([Number(code) >> 8, Number(code) & 0xff]), payloadOf(reason ?? '')]);
}

function payloadOf(text: string): Buffer {
  const [, char, times] = /^(.)\*([0-9]+)$/.exec(text) ?? [];
  if (char !== undefined) return Buffer.alloc(Number(times), char);
  return text.startsWith('0x') ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text);
}

export function encode({ opcode, isFinal, reserved, payload }: Frame, isMasked: boolean): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(14);
  head[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  let at = 2;
  if (length <= 125) {
    head[1] = maskBit | length;
  } else if (length <= 0xffff) {
    head[1] = maskBit | 126;
    head.writeUInt16BE(length, 2);
    at = 4;
  } else {
    head[1] = maskBit | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
    at = 10;
  }
  if (!isMasked) return Buffer.concat([head.subarray(0, at), payload]);
  MASK.copy(head, at);
  const masked = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1) masked[index] = payload[index]! ^ MASK[index & 3]!;
  return Buffer.concat([head.subarray(0, at + 4), masked]);
}

/** The first frame of what a server sent, and its length; nothing while it is not whole. */
export function decode(bytes: Buffer): { readonly frame: Frame; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const at = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < at) return undefined;
  const size = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < at + size) return undefined;
  if ((bytes[1]! & 0x80) !== 0) throw new Error('a server does not mask (RFC 6455 §5.1)');
  const [first = 0] = bytes;
  const payload = bytes.subarray(at, at + size);
  const frame = { opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, reserved: (first >> 4) & 7, payload };
  return { frame, length: at + size };
}

/** A frame as a line; the same that makes it. */
export function lineOf({ opcode, isFinal, reserved, payload }: Frame): string {
  const name = `${OPCODES[opcode]}${isFinal ? '' : '+'}`;
  const flags = Object.entries(RESERVED)
    .filter(([, bit]) => (reserved & bit) !== 0)
    .map(([flag]) => flag);
  const isClose = opcode === CLOSE && payload.length >= 2;
  const text = isClose ? `${payload.readUInt16BE(0)} ${textOf(payload.subarray(2))}` : textOf(payload);
  return [name, ...flags, text].join(' ').trimEnd();
}

function textOf(payload: Buffer): string {
  const [first] = payload;
  if (payload.length > 8 && payload.every((byte) => byte === first)) return `${String.fromCharCode(first!)}*${payload.length}`;
  const text = payload.toString();
  const isText = Buffer.from(text).equals(payload) && !/[\x00-\x1f]/.test(text);
  return isText ? text : `0x${payload.toString('hex')}`;
}
