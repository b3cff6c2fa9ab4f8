// PEP 3333 for JavaScript, "The Server/Gateway Side": what an app may do, and what comes of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHandler, type GatewayApp, type GatewayResult, type HeaderList, type Write } from '@appserve/core/app';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The exchange of an app, when all is said. */
async function answered(app: GatewayApp): Promise<MemoryExchange> {
  const exchange = new MemoryExchange();
  await run(toHandler(app, SERVER, 'gateway'), exchange);
  return exchange;
}

async function heard(app: GatewayApp): Promise<readonly string[]> {
  return (await answered(app)).heard;
}

/** An app that starts a response and gives this. */
function giving(result: unknown): GatewayApp {
  return (_environ, startResponse) => {
    startResponse('200 OK', []);
    return result as GatewayResult;
  };
}

function* generator(...texts: string[]): Generator<Buffer> {
  for (const text of texts) yield bytes(text);
}

async function* asyncGenerator(...texts: string[]): AsyncGenerator<Buffer> {
  yield* generator(...texts);
}

/** A result that counts how often it is closed. */
class Closing implements AsyncIterable<Uint8Array> {
  closed = 0;
  readonly pieces: Iterable<unknown> | AsyncIterable<unknown>;

  constructor(pieces: Iterable<unknown> | AsyncIterable<unknown>) {
    this.pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    yield* this.pieces as AsyncIterable<Uint8Array>;
  }

  close(): void {
    this.closed += 1;
  }
}

describe('a gateway app', () => {
  it('answers with a status, fields and bytes', async () => {
    const lines = await heard((_environ, startResponse) => {
      startResponse('404 Not Found', [
        ['Content-Type', 'text/plain'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ]);
      return [bytes('not '), bytes('here')];
    });
    assert.deepEqual(lines, [
      'head 404 Not Found',
      'Content-Type: text/plain',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'length 8',
      'data not ',
      'data here',
      'end',
    ]);
  });

  it('costs no promise when it is done at once', () => {
    const exchange = new MemoryExchange();
    assert.equal(toHandler(giving([bytes('hello')]), SERVER, 'gateway')(exchange), undefined);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'length 5', 'data hello', 'end']);
  });

  it('may answer later', async () => {
    const lines = await heard(async (_environ, startResponse) => {
      await Promise.resolve();
      startResponse('200 OK', []);
      return [bytes('hello')];
    });
    assert.deepEqual(lines, ['head 200 OK', 'length 5', 'data hello', 'end']);
  });

  it('may change its list of fields afterwards', async () => {
    const headers: [string, string][] = [['X', 'before']];
    const lines = await heard((_environ, startResponse) => {
      startResponse('200 OK', headers);
      headers[0]![1] = 'after';
      headers.push(['Y', 'z']);
      return [];
    });
    assert.deepEqual(lines, ['head 200 OK', 'X: before', 'length 0', 'end']);
  });
});

describe('the result', () => {
  for (const [name, make] of [
    ['an array', () => [bytes('hel'), bytes('lo')]],
    ['a generator', () => generator('hel', 'lo')],
    ['an async generator', () => asyncGenerator('hel', 'lo')],
    ['a set', () => new Set([bytes('hel'), bytes('lo')])],
    ['an iteration of promises', () => new Set([Promise.resolve(bytes('hel')), Promise.resolve(bytes('lo'))])],
    ['a web stream', () => new Blob(['hello']).stream()],
    ['plain Uint8Arrays', () => [new Uint8Array([0x68, 0x65, 0x6c]), new Uint8Array([0x6c, 0x6f])]],
    ['a promise', () => Promise.resolve([bytes('hello')])],
    ['a thenable', () => ({ then: (resolve: (result: unknown) => void) => resolve([bytes('hello')]) })],
  ] as const) {
    it(`may be ${name}`, async () => {
      const lines = await heard(giving(make()));
      const data = lines.filter((line) => line.startsWith('data ')).map((line) => line.slice('data '.length));
      assert.deepEqual([lines[0], data.join(''), lines.at(-1)], ['head 200 OK', 'hello', 'end']);
    });
  }

  for (const [name, make] of [
    ['an array', () => []],
    ['a generator', () => generator()],
    ['an async generator', () => asyncGenerator('', '')],
  ] as const) {
    it(`may be ${name} without content: its head goes out all the same`, async () => {
      const lines = await heard(giving(make()));
      assert.deepEqual([lines[0], lines.at(-1)], ['head 200 OK', 'end']);
    });
  }

  for (const [found, result] of [
    ['undefined', undefined],
    ['null', null],
    ['a string', 'hello'],
    ['a number', 42],
    ['a boolean', true],
    ['an instance of Buffer', bytes('hello')],
    ['an instance of Uint8Array', new Uint8Array(2)],
    ['an object', {}],
    ['an instance of Date', new Date()],
    ['the function giving', giving],
  ] as const) {
    it(`is not ${found}, and the fault says so`, async () => {
      const { failure, heard: lines } = await answered(giving(result));
      assert.match(
        String(failure),
        new RegExp(`^Fault: the app returned ${found} instead of an iterable of bytes(?:; is it a factory\\? .*)?$`),
      );
      assert.deepEqual(lines, ['fail RESULT_INVALID']);
    });
  }

  for (const [found, item] of [
    ['a string', 'hello'],
    ['undefined', undefined],
    ['a number', 104],
    ['an array', [104]],
    ['an instance of ArrayBuffer', new ArrayBuffer(2)],
    ['an instance of Uint16Array', new Uint16Array(2)],
  ] as const) {
    it(`holds bytes, not ${found}, and the fault says so`, async () => {
      for (const result of [[item], new Set([item])]) {
        const { failure, heard: lines } = await answered(giving(result));
        assert.match(String(failure), new RegExp(`the app gave ${found}$`));
        assert.deepEqual(lines, ['fail BODY_NOT_BYTES']);
      }
    });
  }

  it('of an array is checked as a whole before anything is sent', async () => {
    assert.deepEqual(await heard(giving([bytes('good'), 'bad'])), ['fail BODY_NOT_BYTES']);
  });

  it('of a generator is sent up to what is wrong', async () => {
    const lines = await heard(giving(new Set([bytes('good'), 'bad'])));
    assert.deepEqual(lines, ['head 200 OK', 'data good', 'fail BODY_NOT_BYTES']);
  });

  it('is asked for nothing more once it is known that nobody wants it', async () => {
    const exchange = new MemoryExchange({ method: 'HEAD' });
    let asked = 0;
    const pieces = (function* () {
      for (; asked < 10; asked += 1) yield bytes('x');
    })();
    await run(toHandler(giving(pieces), SERVER), exchange);
    assert.equal(exchange.heard.at(-1), 'end');
    assert.equal(asked, 0);
  });

  it('is asked for nothing more once the client has gone, though its pieces are empty', async () => {
    const exchange = new MemoryExchange();
    let asked = 0;
    const pieces = (async function* () {
      yield bytes('hello');
      exchange.leave();
      for (; asked < 10; asked += 1) yield bytes('');
    })();
    await run(toHandler(giving(pieces), SERVER), exchange);
    assert.ok(asked <= 1, `asked ${asked} times`);
  });
});

describe('the head', () => {
  it('goes out with the first bytes, not before', async () => {
    const exchange = new MemoryExchange();
    const seen: boolean[] = [];
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      seen.push(exchange.isHeadSent);
      return (function* () {
        seen.push(exchange.isHeadSent);
        yield bytes('');
        seen.push(exchange.isHeadSent);
        yield bytes('hello');
        seen.push(exchange.isHeadSent);
      })();
    };
    await run(toHandler(app, SERVER), exchange);
    assert.deepEqual(seen, [false, false, false, true]);
  });

  it('may be said as late as in the first step of a generator', async () => {
    const lines = await heard((_environ, startResponse) =>
      (function* () {
        startResponse('201 Created', []);
        yield bytes('hello');
      })(),
    );
    assert.deepEqual(lines, ['head 201 Created', 'data hello', 'end']);
  });

  it('may be said behind empty pieces', async () => {
    const lines = await heard((_environ, startResponse) =>
      (async function* () {
        yield bytes('');
        startResponse('201 Created', []);
        yield bytes('hello');
      })(),
    );
    assert.deepEqual(lines, ['head 201 Created', 'data hello', 'end']);
  });

  for (const [name, make] of [
    ['an array', () => [bytes('hello')]],
    ['an empty array', () => []],
    ['a generator', () => generator('hello')],
    ['an empty generator', () => generator()],
    ['an async generator', () => asyncGenerator('hello')],
    ['a promise', () => Promise.resolve([bytes('hello')])],
  ] as const) {
    it(`is missed in front of ${name}`, async () => {
      assert.deepEqual(await heard(() => make() as GatewayResult), ['fail START_RESPONSE_MISSING']);
    });
  }

  it('is held to the grammar of responses when it is said', async () => {
    const lines = await heard((_environ, startResponse) => {
      assert.throws(() => startResponse('200 OK', [['X', 'a\r\nY: b']]), { code: 'RESPONSE_FIELD_INVALID' });
      assert.throws(() => startResponse('OK', []), { code: 'RESPONSE_STATUS_INVALID' });
      assert.throws(() => startResponse('200 OK', [['Transfer-Encoding', 'chunked']]), { code: 'RESPONSE_FIELD_FORBIDDEN' });
      startResponse('500 Mended', []);
      return [];
    });
    assert.deepEqual(lines, ['head 500 Mended', 'length 0', 'end']);
  });

  for (const [name, headers, message] of [
    ['an object', { 'Content-Type': 'text/plain' }, /they are an object, not an array of \[name, value\]/],
    ['a Map', new Map([['X', 'y']]), /they are an instance of Map/],
    ['missing', undefined, /they are undefined/],
    ['a flat list', ['X', 'y'], /"X": it is not a pair/],
    ['triples', [['X', 'y', 'z']], /it is not a pair/],
    ['numbers', [['Content-Length', 5]], /the value is a number, not text/],
  ] as const) {
    it(`does not take fields that are ${name}, and the fault says so`, async () => {
      const { failure } = await answered((_environ, startResponse) => {
        startResponse('200 OK', headers as unknown as HeaderList);
        return [];
      });
      assert.match(String(failure), message);
    });
  }
});

describe('a second startResponse', () => {
  it('is a mistake', async () => {
    const lines = await heard((_environ, startResponse) => {
      startResponse('200 OK', []);
      startResponse('200 OK', []);
      return [];
    });
    assert.deepEqual(lines, ['fail START_RESPONSE_TWICE']);
  });

  it('is a mistake with null for excInfo too', async () => {
    const lines = await heard((_environ, startResponse) => {
      startResponse('200 OK', []);
      startResponse('200 OK', [], null);
      return [];
    });
    assert.deepEqual(lines, ['fail START_RESPONSE_TWICE']);
  });

  it('with excInfo takes the place of the first, while nothing was sent', async () => {
    const lines = await heard((_environ, startResponse) => {
      startResponse('200 OK', [['X', 'lost']]);
      startResponse('500 Sorry', [['Y', 'kept']], new Error('the app'));
      return [bytes('sorry')];
    });
    assert.deepEqual(lines, ['head 500 Sorry', 'Y: kept', 'length 5', 'data sorry', 'end']);
  });

  it('with excInfo may be the first', async () => {
    const lines = await heard((_environ, startResponse) => {
      startResponse('500 Sorry', [], new Error('the app'));
      return [];
    });
    assert.deepEqual(lines, ['head 500 Sorry', 'length 0', 'end']);
  });

  it('with excInfo throws that, when it is too late', async () => {
    const late = new Error('too late');
    const { failure, heard: lines } = await answered((_environ, startResponse) =>
      (function* () {
        startResponse('200 OK', []);
        yield bytes('hello');
        startResponse('500 Sorry', [], late);
      })(),
    );
    assert.equal(failure, late);
    assert.deepEqual(lines, ['head 200 OK', 'data hello', 'fail Error: too late']);
  });

  it('with an excInfo that is no error still throws an error', async () => {
    const { failure } = await answered((_environ, startResponse) =>
      (function* () {
        startResponse('200 OK', []);
        yield bytes('hello');
        startResponse('500 Sorry', [], 'sorry');
      })(),
    );
    assert.match(String(failure), /^Fault: the app failed: /);
  });
});

describe('write()', () => {
  it('sends ahead of the result', async () => {
    const lines = await heard(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      await write(bytes('first'));
      return [bytes('second')];
    });
    assert.deepEqual(lines, ['head 200 OK', 'data first', 'data second', 'end']);
  });

  it('sends at once', async () => {
    const exchange = new MemoryExchange();
    const app: GatewayApp = (_environ, startResponse) => {
      void startResponse('200 OK', [])(bytes('first'));
      assert.deepEqual(exchange.heard, ['head 200 OK', 'data first']);
      return [];
    };
    await run(toHandler(app, SERVER), exchange);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data first', 'end']);
  });

  it('sends the head, even with no bytes', async () => {
    const exchange = new MemoryExchange();
    const app: GatewayApp = async (_environ, startResponse) => {
      await startResponse('200 OK', [])(bytes(''));
      assert.equal(exchange.isHeadSent, true);
      return [];
    };
    await run(toHandler(app, SERVER), exchange);
    assert.equal(exchange.heard.at(-1), 'end');
  });

  it('waits for a client that is slow', async () => {
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    const app: GatewayApp = async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      const writing = write(bytes('first'));
      exchange.heard.push('waiting');
      queueMicrotask(() => exchange.keepUp());
      await writing;
      exchange.heard.push('goes on');
      return [];
    };
    await run(toHandler(app, SERVER), exchange);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data first', 'waiting', 'goes on', 'end']);
  });

  it('takes bytes and nothing else', async () => {
    const lines = await heard(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      await write('text' as unknown as Uint8Array);
      return [];
    });
    assert.deepEqual(lines, ['fail BODY_NOT_BYTES']);
  });

  it('makes it too late for another head', async () => {
    const late = new Error('too late');
    const { failure } = await answered(async (_environ, startResponse) => {
      await startResponse('200 OK', [])(bytes('first'));
      startResponse('500 Sorry', [], late);
      return [];
    });
    assert.equal(failure, late);
  });

  it('uses the head that was said last', async () => {
    let write: Write | undefined;
    const lines = await heard(async (_environ, startResponse) => {
      write = startResponse('200 OK', []);
      startResponse('500 Sorry', [], new Error('x'));
      await write(bytes('sorry'));
      return [];
    });
    assert.deepEqual(lines, ['head 500 Sorry', 'data sorry', 'end']);
  });

  it('of what is no bytes sends nothing, so that another head may still be said', async () => {
    const lines = await heard(async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      try {
        await write('text' as unknown as Uint8Array);
      } catch (error) {
        startResponse('500 Sorry', [], error);
      }
      return [bytes('sorry')];
    });
    assert.deepEqual(lines, ['head 500 Sorry', 'length 5', 'data sorry', 'end']);
  });
});

describe('early hints', () => {
  it('go out in front of the response', async () => {
    const lines = await heard((environ, startResponse) => {
      environ['wsgi.early_hints']([['Link', '</a.css>']]);
      startResponse('200 OK', []);
      return [];
    });
    assert.deepEqual(lines, ['inform 103 Link: </a.css>', 'head 200 OK', 'length 0', 'end']);
  });

  it('are pairs, as other fields are', async () => {
    const lines = await heard((environ, startResponse) => {
      environ['wsgi.early_hints']({ Link: '</a.css>' } as unknown as HeaderList);
      startResponse('200 OK', []);
      return [];
    });
    assert.deepEqual(lines, ['fail RESPONSE_FIELD_INVALID']);
  });
});

describe('close()', () => {
  it('is called once when all is sent', async () => {
    const result = new Closing(generator('hello'));
    assert.equal((await heard(giving(result))).at(-1), 'end');
    assert.equal(result.closed, 1);
  });

  it('is called once on an array too', async () => {
    let closed = 0;
    const result = Object.assign([bytes('hello')], { close: () => (closed += 1) });
    assert.equal((await heard(giving(result))).at(-1), 'end');
    assert.equal(closed, 1);
  });

  it('is waited for', async () => {
    const order: string[] = [];
    const close = async (): Promise<void> => {
      await Promise.resolve();
      order.push('closed');
    };
    await run(toHandler(giving(Object.assign([bytes('hello')], { close })), SERVER), new MemoryExchange());
    order.push('done');
    assert.deepEqual(order, ['closed', 'done']);
  });

  it('is called once when the result is wrong', async () => {
    let closed = 0;
    const close = (): number => (closed += 1);
    assert.deepEqual(await heard(giving(Object.assign(['text'], { close }))), ['fail BODY_NOT_BYTES']);
    assert.deepEqual(await heard(giving({ close })), ['fail RESULT_INVALID']);
    assert.equal(closed, 2);
  });

  it('is called once when the head is missing', async () => {
    const result = new Closing(generator('hello'));
    assert.deepEqual(await heard(() => result), ['fail START_RESPONSE_MISSING']);
    assert.equal(result.closed, 1);
  });

  it('is called once when a step fails', async () => {
    const result = new Closing(
      (function* () {
        yield bytes('hello');
        throw new Error('in the middle');
      })(),
    );
    assert.deepEqual(await heard(giving(result)), ['head 200 OK', 'data hello', 'fail Error: in the middle']);
    assert.equal(result.closed, 1);
  });

  it('is called once when the client has gone', async () => {
    const exchange = new MemoryExchange();
    const result = new Closing(
      (function* () {
        yield bytes('hello');
        exchange.leave();
        yield bytes('lost');
        assert.fail('nobody asks for more');
      })(),
    );
    await run(toHandler(giving(result), SERVER), exchange);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data hello']);
    assert.equal(result.closed, 1);
  });

  it('is called once when the client goes while it is waited for', async () => {
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    const result = new Closing(generator('hello', 'lost'));
    const running = run(toHandler(giving(result), SERVER), exchange);
    exchange.leave();
    await running;
    assert.equal(result.closed, 1);
    assert.equal(exchange.failure, undefined);
  });

  it('is called once when the client has gone before there was a result', async () => {
    const exchange = new MemoryExchange();
    const result = new Closing(generator('lost'));
    const app: GatewayApp = async (_environ, startResponse) => {
      startResponse('200 OK', []);
      await Promise.resolve();
      exchange.leave();
      return result;
    };
    await run(toHandler(app, SERVER), exchange);
    assert.deepEqual(exchange.heard, []);
    assert.equal(result.closed, 1);
  });

  it('may fail: that is told when the answer is out', async () => {
    const exchange = new MemoryExchange();
    const result = Object.assign([bytes('hello')], {
      close: () => {
        throw new Error('in close');
      },
    });
    await run(toHandler(giving(result), SERVER), exchange);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'length 5', 'data hello', 'end', 'fail Error: in close']);
  });

  it('comes behind the end of a generator, which has had its say', async () => {
    const exchange = new MemoryExchange();
    const order: string[] = [];
    const pieces = (function* () {
      try {
        yield bytes('hello');
        yield bytes('lost');
      } finally {
        order.push('finally');
      }
    })();
    const result = Object.assign(pieces, { close: () => order.push('close') });
    exchange.isSlow = true;
    const running = run(toHandler(giving(result), SERVER), exchange);
    exchange.leave();
    await running;
    assert.deepEqual(order, ['finally', 'close']);
  });

  it('is called once when the client goes while the next piece is awaited', async () => {
    const exchange = new MemoryExchange();
    const result = new Closing(
      (async function* () {
        yield bytes('hello');
        await new Promise<never>(() => undefined);
      })(),
    );
    void run(toHandler(giving(result), SERVER), exchange);
    await new Promise(setImmediate);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data hello']);
    exchange.leave();
    await new Promise(setImmediate);
    assert.equal(result.closed, 1);
  });
});

describe('an app that fails', () => {
  for (const [name, app] of [
    [
      'at once',
      () => {
        throw new Error('the app');
      },
    ],
    ['later', () => Promise.reject(new Error('the app'))],
    [
      'behind its head',
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        throw new Error('the app');
      },
    ],
    [
      'in the first step',
      (_environ, startResponse) => {
        startResponse('200 OK', []);
        return {
          [Symbol.iterator]: () => {
            throw new Error('the app');
          },
        };
      },
    ],
  ] satisfies [string, GatewayApp][]) {
    it(`${name} has sent nothing`, async () => {
      assert.deepEqual(await heard(app), ['fail Error: the app']);
    });
  }
});

describe('a slow client', () => {
  it('is waited for between two pieces', async () => {
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    const pieces = (function* () {
      yield bytes('one');
      exchange.heard.push('asked for more');
      yield bytes('two');
    })();
    const running = run(toHandler(giving(pieces), SERVER), exchange);
    // Every step that could be taken without the client has been taken when the microtasks are done.
    await new Promise(setImmediate);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data one']);
    exchange.keepUp();
    await running;
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data one', 'asked for more', 'data two', 'end']);
  });
});
