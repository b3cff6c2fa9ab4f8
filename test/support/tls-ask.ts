// tls-ask.ts: one request over TLS by node:tls itself: what was agreed on, and what was answered.

import tls, { type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { get } from './apps.ts';
import { PATIENCE_MS } from './patience.ts';

export interface Asked {
  /** Of the answer. */
  readonly body: string;
  readonly protocol: string | null;
  readonly cipher: string;
  /** The common name of the server's certificate. */
  readonly certificate: string;
  readonly isResumed: boolean;
  /** To go on with. */
  readonly session: Buffer | undefined;
}

/** Rejects with what the client is told, or meets, in the handshake. */
export async function askTls(port: number, options: ConnectionOptions = {}, path = '/'): Promise<Asked> {
  // A server name of its own, since Node sends none for an address.
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, timeout: PATIENCE_MS, ...options });
  let session: Buffer | undefined;
  let text = '';
  socket.on('session', (given) => (session = given));
  socket.on('timeout', () => socket.destroy(new Error('nobody answers')));
  socket.setEncoding('latin1');
  socket.write(get(path).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  // Of TLS 1.3 the client is done before the server has seen its certificate: so refusal comes after 'secureConnect'.
  let agreed: Omit<Asked, 'body' | 'session'> | undefined;
  socket.once('secureConnect', () => {
    const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
    agreed = {
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().name,
      certificate: String(subject?.CN),
      isResumed: socket.isSessionReused(),
    };
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (piece: string) => (text += piece));
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
  if (agreed === undefined || text === '') throw new Error('the connection was closed without an answer');
  return { ...agreed, session, body: text.slice(text.indexOf('\r\n\r\n') + 4) };
}
