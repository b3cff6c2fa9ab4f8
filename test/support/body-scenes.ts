// body-scenes.ts: bodies that go through a server of somebody else's, by whatever protocol that one speaks with us.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Command } from './command.ts';
import { answerOf, begin, responseOf, type HttpAnswer } from './http-client.ts';

export const MIB = 1_024 ** 2;
export const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that are not all alike. */
export function patterned(count: number): Buffer {
  return Buffer.alloc(count, EVERY_BYTE.subarray(0, 251));
}

/** Sent with the chunked coding, a chunk for each piece. */
export async function sendChunked(port: number, path: string, pieces: readonly Uint8Array[]): Promise<HttpAnswer> {
  const request = begin(port, { path, method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } });
  const answered = responseOf(request);
  for (const piece of pieces) request.write(piece);
  request.end();
  return await answerOf(await answered);
}

/** The body is sent when the server says that it goes on, and comes back. */
export async function echoedBehindContinue(port: number, path: string): Promise<void> {
  const request = begin(port, { path, method: 'POST', headers: { Expect: '100-continue', 'Content-Length': '4' } });
  const answered = responseOf(request);
  request.once('continue', () => request.end('body'));
  request.flushHeaders();
  assert.equal((await answerOf(await answered)).body.toString(), 'body');
}

/** An upload of 200,000 bytes: the app has begun to read before the second half is sent. `id`: by which the app calls it. */
export async function readWhileSent(
  port: number,
  app: Command,
  id: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const request = begin(port, { path: `/live/upload/${id}`, method: 'POST', headers });
  const answered = responseOf(request);
  request.write(patterned(100_000));
  await app.says(new RegExp(`^${id} has begun$`, 'm'));
  request.end(patterned(100_000));
  assert.equal((await answerOf(await answered)).body.toString(), '200000');
}

/** Requests that the app answers when all of them are there. */
export async function answeredAtOnce(count: number, ask: (path: string) => Promise<HttpAnswer>): Promise<void> {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(`/barrier/${count}`)));
  const places = answers.map(({ body }) => Number(body.toString())).toSorted((one, other) => one - other);
  assert.deepEqual(
    places,
    Array.from({ length: count }, (_, index) => index + 1),
  );
}
