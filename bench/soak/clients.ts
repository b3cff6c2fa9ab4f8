// clients.ts: who uses the server while it soaks: each a loop that goes on until it is told to end, and tallies what it sees.
//
// A client may send on a kept connection in the moment in which the server closes it (RFC 9112 §9.3.1): what is asked by GET is asked
// again then, as browsers do; what is sent by POST has a connection of its own. Everything else that fails is a failure.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as later } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Tally } from './tally.ts';

export interface Ground {
  readonly port: number;
  readonly tally: Tally;
  readonly ended: AbortSignal;
}

export type Client = (ground: Ground) => Promise<void>;

const CONTRACTS = ['gateway', 'fetch', 'node'] as const;
type Contract = (typeof CONTRACTS)[number];
const MIB = 1_024 ** 2;
const ANSWER_MS_MAX = 30_000;

interface Asked {
  readonly path: string;
  readonly body?: Buffer;
  readonly agent: http.Agent | false;
}

class Refused extends Error {
  /** The connection had served before, and nothing of an answer came on it. */
  readonly isStale: boolean;

  constructor(cause: Error, isStale: boolean) {
    super(cause.message, { cause });
    this.isStale = isStale;
  }
}

async function ask(port: number, { path, body, agent }: Asked): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = body === undefined ? {} : { 'Content-Length': body.length };
    const request = http.request({ port, host: '127.0.0.1', path, method, headers, agent, timeout: ANSWER_MS_MAX });
    request.on('timeout', () => request.destroy(new Error(`no byte for ${ANSWER_MS_MAX} ms`)));
    request.on('error', (error) =>
      reject(new Refused(error, request.reusedSocket && 'code' in error && error.code === 'ECONNRESET')),
    );
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(pieces));
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    request.end(body);
  });
}

async function kept(port: number, path: string, agent: http.Agent): Promise<Buffer> {
  for (;;) {
    try {
      return await ask(port, { path, agent });
    } catch (error) {
      if (!(error instanceof Refused && error.isStale)) throw error;
    }
  }
}

/** Asks, one request after the other, on a connection that is kept. */
function steady(contract: Contract): Client {
  return async ({ port, tally, ended }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; !ended.aborted; count += 1) {
      try {
        const answer = await kept(port, `/${contract}/?${count}`, agent);
        if (answer.toString() !== String(count)) throw new Error(`asked ${count}, was told ${answer.toString()}`);
        tally.did(`${contract}: GET`);
      } catch (error) {
        tally.failed(`${contract}: GET`, error);
      }
      await later(1);
    }
    agent.destroy();
  };
}

/** Sends bodies of up to 64 KiB, and wants them back. */
function sender(contract: Contract): Client {
  return async ({ port, tally, ended }) => {
    while (!ended.aborted) {
      const body = randomBytes(1 + Math.floor(Math.random() * 65_536));
      try {
        const answer = await ask(port, { path: `/${contract}/`, body, agent: false });
        if (!answer.equals(body)) throw new Error(`${body.length} bytes were sent, ${answer.length} others came back`);
        tally.did(`${contract}: POST`);
      } catch (error) {
        tally.failed(`${contract}: POST`, error);
      }
      await later(5);
    }
  };
}

/** Leaves in the middle of an answer, or of its own request: no failure, and no trace. */
function leaver(contract: Contract): Client {
  return async ({ port, tally, ended }) => {
    for (let count = 0; !ended.aborted; count += 1) {
      await new Promise<void>((resolve) => {
        const socket = net.connect({ port, host: '127.0.0.1' });
        socket.on('error', () => undefined);
        socket.once('close', () => resolve());
        if (count % 2 === 0) socket.write(`GET /${contract}/mib HTTP/1.1\r\nHost: soak\r\n\r\n`);
        else socket.write(`POST /${contract}/ HTTP/1.1\r\nHost: soak\r\nContent-Length: 100000\r\n\r\nonly this`);
        socket.once('data', () => socket.resetAndDestroy());
        if (count % 2 === 1) socket.once('connect', () => setTimeout(() => socket.destroy(), 5));
      });
      tally.did(`${contract}: left`);
      await later(20);
    }
  };
}

/** Takes a mebibyte in some seconds, and wants all of it. */
function slow(contract: Contract): Client {
  return async ({ port, tally, ended }) => {
    while (!ended.aborted) {
      try {
        const bytes = await slowly(port, `/${contract}/mib`);
        if (bytes !== MIB) throw new Error(`${bytes} bytes of ${MIB}`);
        tally.did(`${contract}: slowly`);
      } catch (error) {
        tally.failed(`${contract}: slowly`, error);
      }
    }
  };
}

async function slowly(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let bytes = 0;
      response.on('error', reject);
      response.on('end', () => resolve(bytes));
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        response.pause();
        setTimeout(() => response.resume(), 20);
      });
    });
    request.on('error', reject);
  });
}

/** Going away (RFC 6455 §7.4.1): what a reload says. */
const GOING_AWAY = 1_001;

/** Says something ten times a second, and wants to hear it; comes again when it is told that the server goes. */
async function speaker({ port, tally, ended }: Ground): Promise<void> {
  while (!ended.aborted) {
    const code = await speak(port, tally, ended).catch((error: unknown) => {
      tally.failed('WebSocket', error);
      return GOING_AWAY;
    });
    if (code !== GOING_AWAY && !ended.aborted) tally.failed('WebSocket', `closed with ${code}`);
  }
}

async function speak(port: number, tally: Tally, ended: AbortSignal): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const closed = new Promise<number>((resolve, reject) => {
    socket.once('close', resolve);
    socket.once('error', reject);
  });
  const heard = (): Promise<string> =>
    new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
  socket.once('open', () => void talk());
  const talk = async (): Promise<void> => {
    for (let count = 0; socket.readyState === WebSocket.OPEN && !ended.aborted; count += 1) {
      const answer = heard();
      socket.send(`message ${count}`);
      const text = await Promise.race([answer, closed.then(() => undefined)]);
      if (text === undefined) return;
      if (text === `message ${count}`) tally.did('WebSocket: message');
      else tally.failed('WebSocket', `said message ${count}, heard ${text}`);
      await later(100);
    }
    socket.close(1_000);
  };
  return closed;
}

/** Everybody. */
export const CLIENTS: readonly Client[] = [
  ...CONTRACTS.flatMap((contract) => [
    steady(contract),
    steady(contract),
    sender(contract),
    leaver(contract),
    slow(contract),
    slow(contract),
  ]),
  ...Array.from({ length: 8 }, () => speaker),
];
