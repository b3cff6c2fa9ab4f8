// wsgi.input: read as a file, it ends exactly where the body ends.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import { Input } from '@appserve/core/app';
import { BodyQueue, NO_REQUEST_BODY } from '@appserve/core/exchange';
import { Fields } from '@appserve/core/message';
import { cuts } from '../../support/cuts.ts';

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function inputOf(...lines: string[]): Input {
  const body = new BodyQueue(() => undefined);
  for (const line of lines) body.push(bytes(line));
  body.end(Fields.none);
  return new Input(body);
}

function texts(pieces: readonly Uint8Array[]): string[] {
  return pieces.map((piece) => Buffer.from(piece).toString('latin1'));
}

/** What comes of reading again and again, up to the first empty piece. */
async function all(read: () => Promise<Uint8Array>): Promise<string[]> {
  const pieces: Uint8Array[] = [];
  for (let piece = await read(); piece.length > 0; piece = await read()) pieces.push(piece);
  return texts(pieces);
}

describe('read()', () => {
  it('gives all that is left', async () => {
    const input = inputOf('hello, ', 'world');
    assert.equal(String(await input.read(2)), 'he');
    assert.equal(String(await input.read()), 'llo, world');
  });

  it('gives all for a negative size', async () => {
    assert.equal(String(await inputOf('hello, ', 'world').read(-1)), 'hello, world');
  });

  it('gives as many bytes as are wanted, and fewer only at the end', async () => {
    const input = inputOf('abc', 'd', 'efghi');
    assert.deepEqual(await all(() => input.read(4)), ['abcd', 'efgh', 'i']);
  });

  it('gives nothing at the end, and ever after', async () => {
    const input = inputOf('abc');
    await input.read(3);
    assert.deepEqual([(await input.read(1)).length, (await input.read()).length, (await input.read(0)).length], [0, 0, 0]);
  });

  it('gives nothing when nothing is wanted, and loses nothing', async () => {
    const input = inputOf('abc');
    assert.equal((await input.read(0)).length, 0);
    assert.equal(String(await input.read()), 'abc');
  });

  it('gives nothing for a request without a body', async () => {
    assert.equal((await new Input(NO_REQUEST_BODY).read()).length, 0);
  });

  it('waits for as many bytes as are wanted', async () => {
    const body = new BodyQueue(() => undefined);
    const reading = new Input(body).read(5);
    for (const text of ['he', 'l', 'lo, world']) body.push(bytes(text));
    assert.equal(String(await reading), 'hello');
  });

  it('does not wait for the end once it has what is wanted', async () => {
    const body = new BodyQueue(() => undefined);
    body.push(bytes('hello'));
    assert.equal(String(await new Input(body).read(5)), 'hello');
  });
});

describe('readline()', () => {
  it('gives one line with its line feed, and what is left when there is none', async () => {
    const input = inputOf('one\ntwo\r\n\nlast');
    assert.deepEqual(await all(() => input.readline()), ['one\n', 'two\r\n', '\n', 'last']);
  });

  it('puts a line together that comes in pieces', async () => {
    const input = inputOf('o', 'n', 'e', '\nt', 'wo\n', 'three\n');
    assert.deepEqual(await all(() => input.readline()), ['one\n', 'two\n', 'three\n']);
  });

  it('ends a body that ends in a line feed', async () => {
    const input = inputOf('one\n');
    assert.deepEqual(await all(() => input.readline()), ['one\n']);
  });

  it('gives at most so many bytes of it', async () => {
    const input = inputOf('abcd\nef\n');
    assert.deepEqual(await all(() => input.readline(3)), ['abc', 'd\n', 'ef\n']);
  });

  it('stops at the line feed when that is the last wanted byte', async () => {
    const input = inputOf('abc\n', 'def');
    assert.equal(String(await input.readline(4)), 'abc\n');
    assert.equal(String(await input.read()), 'def');
  });

  it('gives nothing of no bytes, and loses nothing', async () => {
    const input = inputOf('a\n');
    assert.equal((await input.readline(0)).length, 0);
    assert.equal(String(await input.readline()), 'a\n');
  });

  it('takes turns with read', async () => {
    const input = inputOf('one\ntwo\nthree');
    assert.equal(String(await input.read(2)), 'on');
    assert.equal(String(await input.readline()), 'e\n');
    assert.equal(String(await input.read(5)), 'two\nt');
    assert.equal(String(await input.readline()), 'hree');
  });
});

describe('readlines()', () => {
  it('gives all lines', async () => {
    assert.deepEqual(texts(await inputOf('one\ntw', 'o\nlast').readlines()), ['one\n', 'two\n', 'last']);
  });

  it('gives as many as make up the hint, and leaves the rest', async () => {
    const input = inputOf('12\n45\n78\n');
    assert.deepEqual(texts(await input.readlines(4)), ['12\n', '45\n']);
    assert.deepEqual(texts(await input.readlines(0)), ['78\n']);
  });

  it('gives none at the end', async () => {
    assert.deepEqual(await inputOf().readlines(), []);
  });
});

describe('an iteration', () => {
  it('goes line by line', async () => {
    const lines: Uint8Array[] = [];
    for await (const line of inputOf('one\ntw', 'o\nlast')) lines.push(line);
    assert.deepEqual(texts(lines), ['one\n', 'two\n', 'last']);
  });

  it('may be left and taken up again', async () => {
    const input = inputOf('one\ntwo\nthree\n');
    for await (const line of input) {
      assert.equal(String(line), 'one\n');
      break;
    }
    assert.deepEqual(texts(await input.readlines()), ['two\n', 'three\n']);
  });
});

describe('a body in pieces', () => {
  const body = bytes('a\n\nbc\r\ndef\nghi');
  for (const [name, read] of [
    ['read', (input: Input) => all(() => input.read(4))],
    ['readline', (input: Input) => all(() => input.readline())],
    ['a short readline', (input: Input) => all(() => input.readline(2))],
    ['readlines', async (input: Input) => texts(await input.readlines())],
  ] as const) {
    it(`is the same to ${name}, however it is cut`, async () => {
      const whole = await read(inputOf(body.toString('latin1')));
      for (const pieces of cuts(body)) assert.deepEqual(await read(inputOf(...texts(pieces))), whole);
    });
  }
});

describe('a body that breaks', () => {
  const incomplete = new Fault('BODY_INCOMPLETE', {});

  function broken(): Input {
    const body = new BodyQueue(() => undefined);
    body.push(bytes('one\ntwo'));
    body.fail(incomplete);
    return new Input(body);
  }

  it('never looks complete', async () => {
    await assert.rejects(broken().read(), incomplete);
    await assert.rejects(broken().readlines(), incomplete);
  });

  it('still gives what came before', async () => {
    const input = broken();
    assert.equal(String(await input.readline()), 'one\n');
    assert.equal(String(await input.read(3)), 'two');
    await assert.rejects(input.read(1), incomplete);
  });

  it('ends an iteration with its fault', async () => {
    const lines: string[] = [];
    await assert.rejects(async () => {
      for await (const line of broken()) lines.push(String(line));
    }, incomplete);
    assert.deepEqual(lines, ['one\n']);
  });
});
