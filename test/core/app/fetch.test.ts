// A fetch app: Request in, Response out (WHATWG Fetch).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHandler, type FetchContext, type FetchFunction } from '@appserve/core/app';
import { BodyQueue } from '@appserve/core/exchange';
import { Fields } from '@appserve/core/message';
import { MemoryExchange, run, TCP, type MadeUp } from '../../support/memory-exchange.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

/** The exchange of an app, when all is said. */
async function answered(app: FetchFunction, request?: MadeUp): Promise<MemoryExchange> {
  const exchange = new MemoryExchange(request);
  await run(toHandler({ fetch: app }, SERVER), exchange);
  return exchange;
}

async function heard(answer: () => unknown): Promise<readonly string[]> {
  return (await answered(answer as FetchFunction)).heard;
}

/** The Request that an app gets. */
async function requestOf(madeUp?: MadeUp): Promise<Request> {
  let seen: Request | undefined;
  const { failure } = await answered((request) => {
    seen = request;
    return new Response(null);
  }, madeUp);
  assert.equal(failure, undefined);
  return seen!;
}

/** A stream whose pieces come when the test says so. */
function streamed(): { readonly stream: ReadableStream; readonly controller: ReadableStreamDefaultController } {
  let controller: ReadableStreamDefaultController | undefined;
  const stream = new ReadableStream({ start: (given) => void (controller = given) });
  return { stream, controller: controller! };
}

/** When everything has happened that needs nothing from outside. */
async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

describe('a Request', () => {
  it('has the method', async () => {
    assert.equal((await requestOf({ method: 'DELETE' })).method, 'DELETE');
    assert.equal((await requestOf({ method: 'PROPFIND' })).method, 'PROPFIND');
  });

  for (const [host, target, url] of [
    ['www.example.org', '/a%20b?c=d', 'http://www.example.org/a%20b?c=d'],
    ['www.example.org:8080', '/', 'http://www.example.org:8080/'],
    ['[::1]:81', '/', 'http://[::1]:81/'],
    ['a', '//b/c', 'http://a//b/c'],
    ['a', '/%2f%00?%ff', 'http://a/%2f%00?%ff'],
    ['a', '*', 'http://a/*'],
  ] as const) {
    it(`of ${target} at ${host} has the URL ${url}`, async () => {
      assert.equal((await requestOf({ method: 'OPTIONS', target, flat: ['Host', host] })).url, url);
    });
  }

  it('without a Host has the address that was called', async () => {
    assert.equal((await requestOf({ flat: [] })).url, 'http://192.0.2.1:8080/');
  });

  it('without a Host over a unix socket is at localhost', async () => {
    const connection = { ...TCP, localAddress: '', localPort: '' };
    assert.equal((await requestOf({ flat: [], connection })).url, 'http://localhost/');
  });

  it('over a secure connection is https', async () => {
    assert.equal((await requestOf({ connection: { ...TCP, scheme: 'https' } })).url, 'https://a/');
  });

  it('has the fields, those of one name joined', async () => {
    const flat = ['Host', 'a', 'X-A', '1', 'x-a', '2', 'Cookie', 'c=1', 'User-Agent', 'me', 'X', 'caf\xe9'];
    const { headers } = await requestOf({ flat });
    assert.deepEqual(
      ['host', 'x-a', 'cookie', 'user-agent', 'x'].map((name) => headers.get(name)),
      ['a', '1, 2', 'c=1', 'me', 'caf\xe9'],
    );
  });

  it('has a body, which can be read as text', async () => {
    const exchange = await answered(async (request) => new Response(await request.text()), {
      method: 'POST',
      pieces: ['hello, ', 'world'],
    });
    assert.ok(exchange.heard.includes('data hello, world'));
  });

  it('has no body when none was sent', async () => {
    assert.equal((await requestOf({ method: 'POST' })).body, null);
  });

  it('of GET has no body, even if one was sent', async () => {
    assert.equal((await requestOf({ method: 'GET', pieces: ['hello'] })).body, null);
    assert.equal((await requestOf({ method: 'HEAD', pieces: ['hello'] })).body, null);
  });

  it('reads no further than it is asked', async () => {
    let wanted = 0;
    const body = new BodyQueue(() => (wanted += 1));
    const exchange = new MemoryExchange({ method: 'POST', framing: { type: 'chunked' } });
    Object.assign(exchange, { body });
    const app: FetchFunction = async (request) => {
      await settled();
      assert.equal(wanted, 0);
      const reading = request.text();
      await settled();
      assert.equal(wanted, 1);
      body.push(Buffer.from('hello'));
      body.end(Fields.none);
      return new Response(await reading);
    };
    await run(toHandler({ fetch: app }, SERVER), exchange);
    assert.ok(exchange.heard.includes('data hello'));
  });

  it('comes with the address of the client', async () => {
    let seen: FetchContext | undefined;
    await answered((_request, context) => {
      seen = context;
      return new Response(null);
    });
    assert.deepEqual([seen?.remoteAddress, seen?.remotePort], ['192.0.2.7', '50000']);
    assert.deepEqual(seen?.incoming, { socket: { remoteAddress: '192.0.2.7', remotePort: 50_000, remoteFamily: 'IPv4' } });
  });

  it('aborts when the client goes', async () => {
    const exchange = new MemoryExchange();
    let isAborted = false;
    const app: FetchFunction = async (request) => {
      request.signal.addEventListener('abort', () => (isAborted = true));
      exchange.leave();
      return new Response(null);
    };
    await run(toHandler({ fetch: app }, SERVER), exchange);
    assert.equal(isAborted, true);
  });

  it('with an empty Host has its own path still', async () => {
    assert.equal(new URL((await requestOf({ flat: ['Host', ''], target: '/admin/x' })).url).pathname, '/admin/x');
  });

  for (const host of ['1.2.3.4.5', '1.2.3.256', '[v1.a]', 'xn--', ':80', 'a%ff']) {
    it(`with a Host that no URL can hold is the client's fault: ${host}`, async () => {
      const { failure } = await answered(() => new Response(null), { flat: ['Host', host] });
      assert.equal((failure as { blame?: string } | undefined)?.blame, 'peer', String(failure));
    });
  }

  for (const method of ['get', 'Post', 'head', 'delete']) {
    it(`never turns ${method} into another method (RFC 9110 §9.1)`, async () => {
      const seen: string[] = [];
      const app: FetchFunction = (request) => {
        seen.push(request.method);
        return new Response(null);
      };
      await answered(app, { method });
      assert.equal(seen.includes(method.toUpperCase()), false);
    });
  }

  for (const method of ['TRACE', 'TRACK']) {
    it(`cannot be made of ${method}, which is no error of the app`, async () => {
      const { failure } = await answered(() => new Response(null), { method });
      assert.equal((failure as { blame?: string } | undefined)?.blame, 'peer', String(failure));
    });
  }
});

describe('a Response', () => {
  it('of text goes out as a whole, its length known', async () => {
    assert.deepEqual(await heard(() => new Response('hello')), [
      'head 200 OK',
      'content-type: text/plain;charset=UTF-8',
      'length 5',
      'data hello',
      'end',
    ]);
  });

  for (const [name, body] of [
    ['bytes', () => Buffer.from('hello')],
    ['a Blob', () => new Blob(['hello'])],
    ['URL parameters', () => new URLSearchParams({ hello: '' })],
  ] as const) {
    it(`of ${name} goes out as a whole`, async () => {
      const lines = await heard(() => new Response(body()));
      assert.ok(
        lines.some((line) => /^length [56]$/.test(line)),
        lines.join(),
      );
    });
  }

  it('may come later', async () => {
    assert.ok((await heard(() => Promise.resolve(new Response('hello')))).includes('data hello'));
  });

  it('may be empty', async () => {
    assert.deepEqual(await heard(() => new Response(null, { status: 204 })), ['head 204 No Content', 'length 0', 'end']);
    assert.deepEqual(await heard(() => new Response(new Uint8Array(0))), ['head 200 OK', 'length 0', 'end']);
  });

  it('has the reason of the registry, or its own', async () => {
    assert.equal((await heard(() => new Response(null, { status: 404 })))[0], 'head 404 Not Found');
    assert.equal(
      (await heard(() => new Response(null, { status: 404, statusText: 'Gone Fishing' })))[0],
      'head 404 Gone Fishing',
    );
  });

  it('keeps cookies apart', async () => {
    const headers = new Headers([
      ['Set-Cookie', 'a=1'],
      ['X', '1'],
      ['Set-Cookie', 'b=2'],
      ['X', '2'],
    ]);
    assert.deepEqual(await heard(() => new Response(null, { headers })), [
      'head 200 OK',
      'set-cookie: a=1',
      'set-cookie: b=2',
      'x: 1, 2',
      'length 0',
      'end',
    ]);
  });

  it('leaves out what belongs to the connection, as another server may have said it', async () => {
    const headers = { 'Transfer-Encoding': 'chunked', 'Keep-Alive': 'timeout=5', TE: 'x', 'Proxy-Connection': 'x', X: 'y' };
    assert.deepEqual(await heard(() => new Response(null, { headers })), ['head 200 OK', 'x: y', 'length 0', 'end']);
  });

  for (const [found, value] of [
    ['undefined', undefined],
    ['null', null],
    ['a string', 'hello'],
    ['an object', {}],
    ['an object', { status: 200 }],
    ['an instance of Headers', new Headers()],
  ] as const) {
    it(`is not ${found} (${JSON.stringify(value)}), and the fault says so`, async () => {
      const { failure } = await answered((() => value) as unknown as FetchFunction);
      // What is called once more may be an app: that is what a factory gives.
      const guess = typeof value === 'function' ? '; is it a factory? then what it returns is the app' : '';
      assert.equal(String(failure), `Fault: the app returned ${found} instead of a Response${guess}`);
    });
  }

  it('that is an error is the error of the app', async () => {
    assert.deepEqual(await heard(() => Response.error()), ['fail RESPONSE_STATUS_INVALID']);
  });

  it('may fail to come', async () => {
    assert.deepEqual(await heard(() => Promise.reject(new Error('the app'))), ['fail Error: the app']);
    assert.deepEqual(
      await heard(() => {
        throw new Error('the app');
      }),
      ['fail Error: the app'],
    );
  });

  it('may be that of another implementation', async () => {
    const theirs = { status: 200, statusText: '', body: null, headers: new Map([['x', 'y']]) };
    assert.deepEqual(await heard(() => theirs), ['head 200 OK', 'x: y', 'length 0', 'end']);
  });

  it('whose head is wrong has its body cancelled', async () => {
    let isCancelled = false;
    const stream = new ReadableStream({ cancel: () => void (isCancelled = true) });
    const lines = await heard(() => new Response(stream, { headers: { 'Content-Length': 'five' } }));
    assert.deepEqual(lines, ['fail RESPONSE_FIELD_INVALID']);
    assert.equal(isCancelled, true);
  });
});

describe('a streamed Response', () => {
  it('sends its head at once, and goes out piece by piece, without waiting for the next', async () => {
    const { stream, controller } = streamed();
    const exchange = new MemoryExchange();
    const running = run(
      toHandler(() => new Response(stream), SERVER),
      exchange,
    );
    await settled();
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data ']);
    controller.enqueue(Buffer.from('one'));
    await settled();
    assert.equal(exchange.heard.at(-1), 'data one');
    controller.enqueue(Buffer.from('two'));
    await settled();
    assert.equal(exchange.heard.at(-1), 'data two');
    controller.close();
    await running;
    assert.equal(exchange.heard.at(-1), 'end');
  });

  it('is asked for more when the client keeps up', async () => {
    let pulls = 0;
    const stream = new ReadableStream({
      pull: (controller) => {
        pulls += 1;
        controller.enqueue(Buffer.from('x'));
      },
    });
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    const running = run(
      toHandler(() => new Response(stream), SERVER),
      exchange,
    );
    await settled();
    const before = pulls;
    await settled();
    assert.equal(pulls, before);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data x']);
    exchange.leave();
    await running;
  });

  it('may give nothing', async () => {
    const { stream, controller } = streamed();
    controller.close();
    assert.deepEqual(await heard(() => new Response(stream)), ['head 200 OK', 'length 0', 'end']);
  });

  it('that fails before its first piece has sent nothing', async () => {
    const { stream, controller } = streamed();
    controller.error(new Error('the app'));
    assert.deepEqual(await heard(() => new Response(stream)), ['fail Error: the app']);
  });

  it('that fails later has sent what came before', async () => {
    const { stream, controller } = streamed();
    const exchange = new MemoryExchange();
    const running = run(
      toHandler(() => new Response(stream), SERVER),
      exchange,
    );
    controller.enqueue(Buffer.from('one'));
    await settled();
    controller.error(new Error('the app'));
    await running;
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data one', 'fail Error: the app']);
  });

  for (const [found, chunk] of [
    ['a string', 'text'],
    ['a number', 42],
    ['an instance of ArrayBuffer', new ArrayBuffer(2)],
  ] as const) {
    it(`holds bytes, not ${found}, and the fault says so`, async () => {
      const { stream, controller } = streamed();
      controller.enqueue(chunk);
      controller.close();
      const { failure } = await answered(() => new Response(stream));
      assert.equal(String(failure), `Fault: a body holds bytes (Uint8Array), but the app gave ${found}`);
    });
  }

  it('is cancelled when a chunk is wrong', async () => {
    let isCancelled = false;
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue('text'),
      cancel: () => void (isCancelled = true),
    });
    await answered(() => new Response(stream));
    assert.equal(isCancelled, true);
  });

  it('is cancelled when the client has gone', async () => {
    let isCancelled = false;
    const exchange = new MemoryExchange();
    let pulls = 0;
    const stream = new ReadableStream({
      pull: (controller) => {
        pulls += 1;
        if (pulls === 3) exchange.leave();
        controller.enqueue(Buffer.from('x'));
      },
      cancel: () => void (isCancelled = true),
    });
    await run(
      toHandler(() => new Response(stream), SERVER),
      exchange,
    );
    assert.equal(isCancelled, true);
    assert.equal(exchange.failure, undefined);
  });

  it('may be the body of the request, on its way back', async () => {
    const { heard: lines } = await answered((request) => new Response(request.body), {
      method: 'POST',
      pieces: ['one', 'two'],
    });
    assert.deepEqual(lines, ['head 200 OK', 'data one', 'data two', 'end']);
  });

  it('is cancelled when the client goes while the next piece is awaited', async () => {
    let isCancelled = false;
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('one')),
      cancel: () => void (isCancelled = true),
    });
    const exchange = new MemoryExchange();
    void run(
      toHandler(() => new Response(stream), SERVER),
      exchange,
    );
    await settled();
    assert.deepEqual(exchange.heard, ['head 200 OK', 'data one']);
    exchange.leave();
    await settled();
    assert.equal(isCancelled, true);
  });

  it('to HEAD ends with its first piece, whenever the next one comes', async () => {
    let isCancelled = false;
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from('one')),
      cancel: () => void (isCancelled = true),
    });
    const exchange = new MemoryExchange({ method: 'HEAD' });
    void run(
      toHandler(() => new Response(stream), SERVER),
      exchange,
    );
    await settled();
    assert.equal(exchange.heard.at(-1), 'end');
    assert.equal(isCancelled, true);
  });
});
