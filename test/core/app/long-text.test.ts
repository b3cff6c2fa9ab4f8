// Text of an answer is sent as UTF-8, however long it is and whatever is in it, in every contract that takes text.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { nodeApp, toHandler, type App } from '@appserve/core/app';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

/** Each has its own way to say text. */
const CONTRACTS: Readonly<Record<string, (text: string) => App>> = {
  fetch: (text) => () => new Response(text),
  node: (text) => nodeApp((_request, response) => void response.end(text)),
  'node, with the encoding': (text) => nodeApp((_request, response) => void response.end(text, 'utf-8')),
  'a request handler': (text) => ({ cgi: ({ stdout }) => stdout.writelines(['A: b\r\n\r\n', text]) }),
};

/** The body, as its client has it. */
async function sent(app: App): Promise<Buffer> {
  const exchange = new MemoryExchange();
  await run(toHandler(app, SERVER), exchange);
  const data = exchange.heard.filter((line) => line.startsWith('data '));
  return Buffer.from(data.map((line) => line.slice('data '.length)).join(''), 'latin1');
}

/** Around and above the length from which on texts are looked at first. */
const LENGTHS = [8_190, 8_191, 8_192, 8_193, 100_000];
const ENDS: Readonly<Record<string, string>> = {
  ASCII: '\u007f',
  'the first char of two bytes': '\u0080',
  'the last char of Latin-1': '\u00ff',
  'a char whose low byte is ASCII': '\u0141',
  'a char whose low byte is none': '\u01c1',
  'three bytes': '語',
  'four bytes': '😀',
  'half a pair': '\ud83d',
  'the other half': '\ude00',
  NUL: '\0',
};

async function assertSent(text: string): Promise<void> {
  const expected = Buffer.from(new TextEncoder().encode(text));
  for (const [contract, appOf] of Object.entries(CONTRACTS))
    assert.ok(
      (await sent(appOf(text))).equals(expected),
      `${contract}: ${text.length} chars, ${JSON.stringify(text.slice(-12))}`,
    );
}

describe('a long text', () => {
  for (const [what, end] of Object.entries(ENDS))
    it(`is UTF-8: ${what}`, async () => {
      for (const length of LENGTHS) {
        await assertSent('x'.repeat(length - end.length) + end);
        await assertSent(end + 'x'.repeat(length - end.length));
        await assertSent(end.repeat(length / end.length));
      }
    });

  it('is UTF-8 also where it is held in parts, or is a part itself', async () => {
    const parts = Array.from({ length: 500 }, (_, index) => `${index}: a line of a page, ü or not; `);
    let sum = '';
    for (const part of parts) sum += part;
    await assertSent(sum);
    await assertSent(`${sum}語`.slice(7, -1));
  });

  it('is UTF-8 whatever its chars are', async () => {
    const chars = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(chars, fc.integer({ min: 0, max: 8_200 }), async (codes, before) => {
        await assertSent('y'.repeat(before) + String.fromCharCode(...codes).repeat(300));
      }),
      { seed: 20, numRuns: 60 },
    );
  });
});
