// A request body on its way from a protocol to an app.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import { BodyQueue, NO_REQUEST_BODY } from '@appserve/core/exchange';
import { Fields } from '@appserve/core/message';

const KIB = 1_024;

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function pieceOf(length: number): Buffer {
  return Buffer.alloc(length, 'x');
}

/** A queue that counts how often it wanted more. */
function queue(): { readonly body: BodyQueue; wanted: number } {
  const counted = { body: new BodyQueue(() => (counted.wanted += 1)), wanted: 0 };
  return counted;
}

describe('a body', () => {
  it('gives its pieces in order, at once when they are here', () => {
    const { body } = queue();
    body.push(bytes('one'));
    body.push(bytes('two'));
    assert.deepEqual([body.read(), body.read()], [bytes('one'), bytes('two')]);
  });

  it('lets its reader wait for the next piece', async () => {
    const { body } = queue();
    const reading = body.read();
    body.push(bytes('late'));
    assert.deepEqual(await reading, bytes('late'));
  });

  it('ends with null, and ever after', async () => {
    const { body } = queue();
    body.push(bytes('last'));
    body.end(Fields.none);
    assert.deepEqual([body.read(), body.read(), body.read()], [bytes('last'), null, null]);
  });

  it('ends for a reader that waits', async () => {
    const { body } = queue();
    const reading = body.read();
    body.end(Fields.none);
    assert.equal(await reading, null);
  });

  it('has trailers when it has ended', () => {
    const { body } = queue();
    assert.equal(body.trailers.size, 0);
    body.end(new Fields(['Digest', 'x']));
    assert.equal(body.trailers.get('digest'), 'x');
  });

  it('comes as an iteration', async () => {
    const { body } = queue();
    for (const text of ['one', 'two']) body.push(bytes(text));
    body.end(Fields.none);
    const pieces = [];
    for await (const piece of body) pieces.push(String(piece));
    assert.deepEqual(pieces, ['one', 'two']);
  });

  it('has one reader at a time', () => {
    const { body } = queue();
    void body.read();
    assert.throws(() => body.read(), /two reads of one body at a time/);
  });
});

describe('a body that wants more', () => {
  it('says so when its reader waits', () => {
    const counted = queue();
    void counted.body.read();
    assert.equal(counted.wanted, 1);
  });

  it('does not say so while there is something to read', () => {
    const counted = queue();
    counted.body.push(bytes('one'));
    void counted.body.read();
    assert.equal(counted.wanted, 0);
  });

  it('does not say so at its end', () => {
    const counted = queue();
    counted.body.end(Fields.none);
    void counted.body.read();
    assert.equal(counted.wanted, 0);
  });

  it('says so when it was full and has room again', () => {
    const counted = queue();
    for (let count = 0; count < 3; count += 1) counted.body.push(pieceOf(32 * KIB));
    void counted.body.read();
    assert.equal(counted.wanted, 0);
    void counted.body.read();
    assert.equal(counted.wanted, 1);
  });
});

describe('a full body', () => {
  it('holds 64 KiB that nobody has read', () => {
    const { body } = queue();
    body.push(pieceOf(63 * KIB));
    assert.equal(body.isFull, false);
    body.push(pieceOf(KIB));
    assert.equal(body.isFull, true);
  });

  it('holds less in small pieces, which cost more than their bytes', () => {
    const { body } = queue();
    let pieces = 0;
    for (; !body.isFull; pieces += 1) body.push(pieceOf(1));
    assert.ok(pieces < 1_000, `${pieces} pieces of one byte`);
  });

  it('has room when its pieces are read', () => {
    const { body } = queue();
    body.push(pieceOf(64 * KIB));
    void body.read();
    assert.equal(body.isFull, false);
  });

  it('does not count what went to a reader at once', async () => {
    const { body } = queue();
    const reading = body.read();
    body.push(pieceOf(64 * KIB));
    await reading;
    assert.equal(body.isFull, false);
  });
});

describe('a body that fails', () => {
  const incomplete = new Fault('BODY_INCOMPLETE', {});

  it('fails for a reader that waits', async () => {
    const { body } = queue();
    const reading = body.read();
    body.fail(incomplete);
    await assert.rejects(async () => reading, incomplete);
  });

  it('gives what came before, and then fails, ever after', () => {
    const { body } = queue();
    body.push(bytes('one'));
    body.fail(incomplete);
    assert.deepEqual(body.read(), bytes('one'));
    assert.throws(() => body.read(), incomplete);
    assert.throws(() => body.read(), incomplete);
  });

  it('fails as an iteration', async () => {
    const { body } = queue();
    body.push(bytes('one'));
    body.fail(incomplete);
    const pieces: string[] = [];
    await assert.rejects(async () => {
      for await (const piece of body) pieces.push(String(piece));
    }, incomplete);
    assert.deepEqual(pieces, ['one']);
  });

  it('does not fail any more once it is complete', () => {
    const { body } = queue();
    body.end(Fields.none);
    body.fail(incomplete);
    assert.equal(body.read(), null);
  });
});

describe('no body', () => {
  it('is at its end from the beginning', async () => {
    assert.equal(NO_REQUEST_BODY.read(), null);
    assert.equal(NO_REQUEST_BODY.trailers.size, 0);
    for await (const piece of NO_REQUEST_BODY) assert.fail(`there is ${String(piece)}`);
  });
});
