// websocket-client.ts: a WebSocket client that costs next to nothing: its one message is masked once, and what comes back is counted.

import net, { type Socket } from 'node:net';

const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n');

const MESSAGE_BYTES = 100;
/** A text message (RFC 6455 §5.2): FIN and opcode, the mask bit and the length, four bytes of mask, the masked text. */
const MASK = [0x12, 0x34, 0x56, 0x78] as const;
const PAYLOAD = Array.from({ length: MESSAGE_BYTES }, (_, at) => 0x61 ^ MASK[at % 4]!);
const FRAME = Buffer.from([0x81, 0x80 | MESSAGE_BYTES, ...MASK, ...PAYLOAD]);
/** What comes back is not masked. */
const ECHO_BYTES = 2 + MESSAGE_BYTES;

/** Resolves when it is open; throws where the answer is not 101. */
export async function openWebSocket(port: number): Promise<Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const head = await new Promise<string>((resolve, reject) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
    socket.once('error', reject).once('close', () => reject(new Error('a connection was closed')));
    socket.write(HANDSHAKE);
  });
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${head}`);
  socket.removeAllListeners('close');
  return socket;
}

/** Sends the message, and again whenever it has come back. Gives how often it has. */
export async function pingPong(socket: Socket, goesOn: () => boolean): Promise<number> {
  let echoes = 0;
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('a WebSocket was closed')));
    socket.on('data', (piece) => {
      bytes += piece.length;
      if (bytes < ECHO_BYTES) return;
      if (bytes > ECHO_BYTES) reject(new Error('more has come back than was sent'));
      bytes = 0;
      echoes += 1;
      if (goesOn()) socket.write(FRAME);
      else resolve();
    });
    socket.write(FRAME);
  });
  socket.removeAllListeners('close').removeAllListeners('data');
  return echoes;
}
