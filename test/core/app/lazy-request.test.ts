// A Request that makes nothing before it is asked: to an app it is a Request in everything.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { toHandler, type FetchFunction } from '@appserve/core/app';
import { MemoryExchange, run, type MadeUp } from '../../support/memory-exchange.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

/** Runs within the app, so that the body is there. */
async function within(madeUp: MadeUp, look: (request: Request, exchange: MemoryExchange) => unknown): Promise<void> {
  const exchange = new MemoryExchange(madeUp);
  const app: FetchFunction = async (request) => {
    await look(request, exchange);
    return new Response(null, { status: 204 });
  };
  await run(toHandler({ fetch: app }, SERVER), exchange);
  if (exchange.failure instanceof Error) throw exchange.failure;
  assert.equal(exchange.failure, undefined);
}

const POST: MadeUp = {
  method: 'POST',
  flat: ['Host', 'a', 'Content-Type', 'application/json', 'X-A', '1', 'x-a', '2'],
  pieces: ['{"a":', '1}'],
};

describe('a Request', () => {
  it('is one', async () => {
    await within(POST, (request) => {
      assert.ok(request instanceof Request);
      assert.equal(Object.prototype.toString.call(request), '[object Request]');
    });
  });

  for (const [name, read, wanted] of [
    ['text', (request) => request.text(), '{"a":1}'],
    ['json', (request) => request.json(), { a: 1 }],
    ['arrayBuffer', async (request) => Buffer.from(await request.arrayBuffer()).toString(), '{"a":1}'],
    [
      'blob',
      async (request) => {
        const blob = await request.blob();
        return [blob.type, await blob.text()];
      },
      ['application/json', '{"a":1}'],
    ],
    ['clone', async (request) => [await request.clone().text(), await request.text()], ['{"a":1}', '{"a":1}']],
    ['new Request', async (request) => new Request(request).text(), '{"a":1}'],
    ['new Request with another URL', async (request) => new Request('http://b/', request).text(), '{"a":1}'],
    ['a reader', async (request) => Buffer.from((await request.body!.getReader().read()).value ?? []).toString(), '{"a":'],
  ] satisfies readonly (readonly [string, (request: Request) => Promise<unknown>, unknown])[]) {
    it(`has a body that can be read once: ${name}`, async () => {
      await within(POST, async (request) => {
        assert.equal(request.bodyUsed, false);
        assert.deepEqual(await read(request), wanted);
        if (name === 'a reader') return;
        assert.equal(request.bodyUsed, true);
        await assert.rejects(request.text(), TypeError);
        await assert.rejects(request.json(), TypeError);
        await assert.rejects(request.formData(), TypeError);
        assert.throws(() => request.clone(), TypeError);
      });
    });
  }

  it('copied has all of it', async () => {
    await within(POST, (request) => {
      const copy = new Request(request, { headers: { ...Object.fromEntries(request.headers), 'x-b': '3' } });
      assert.deepEqual(
        [copy.method, copy.url, copy.headers.get('x-a'), copy.headers.get('x-b')],
        ['POST', 'http://a/', '1, 2', '3'],
      );
      assert.equal(request.bodyUsed, true);
    });
  });

  it('without a body gives what a native one gives', async () => {
    await within({ method: 'GET' }, async (request) => {
      assert.equal(request.body, null);
      assert.deepEqual([await request.text(), request.bodyUsed], ['', false]);
      assert.equal((await request.arrayBuffer()).byteLength, 0);
      await assert.rejects(request.json(), SyntaxError);
    });
  });

  it('reads text as UTF-8: without its mark, and with a sign for what is none', async () => {
    await within({ method: 'POST', pieces: ['\xef\xbb\xbfcaf\xc3', '\xa9 \xff'] }, async (request) => {
      assert.equal(await request.text(), 'café \ufffd');
    });
  });

  it('has fields that stay as an app sets them', async () => {
    await within(POST, (request) => {
      request.headers.set('x-mine', 'yes');
      assert.equal(request.headers.get('x-mine'), 'yes');
      assert.equal(request.clone().headers.get('x-mine'), 'yes');
      assert.equal(request.headers, request.headers);
    });
  });

  it('has the rest of what a Request has', async () => {
    await within(POST, (request) => {
      const native = new Request('http://a/');
      for (const name of [
        'cache',
        'credentials',
        'destination',
        'integrity',
        'mode',
        'redirect',
        'referrer',
        'keepalive',
      ] as const)
        assert.equal(request[name], native[name], name);
      assert.equal(request.duplex, 'half');
    });
  });

  it('has the signal of the exchange, also when it was copied', async () => {
    await within({}, (request, exchange) => {
      const copy = new Request(request);
      exchange.leave();
      assert.deepEqual([request.signal.aborted, copy.signal.aborted], [true, true]);
    });
  });
});

describe('the URL of a Request', () => {
  const part = fc.stringMatching(/^[\x21\x22\x24-\x7e]{0,12}$/);
  const host = fc.constantFrom('a', 'EXAMPLE.org', 'a:80', 'a:8080', '127.0.0.1', '127.1', '[::1]:80', '[::0:1]');

  it('is what new URL() makes of it, whatever a client sends', async () => {
    const property = fc.asyncProperty(host, part, fc.option(part, { nil: undefined }), async (authority, path, query) => {
      const target = `/${path.replaceAll('?', '')}${query === undefined ? '' : `?${query}`}`;
      await within({ target, flat: ['Host', authority] }, (request) => {
        assert.equal(request.url, new URL(`http://${authority}${target}`).href);
      });
    });
    await fc.assert(property, { seed: 3_986, numRuns: 500 });
  });

  for (const target of ['/a/../b', '/a/%2e%2E/b', '/./', '/a/.', '/.well-known', '/a.b', '/a//b', "/?'", '/a|b', '/\\b', '/é']) {
    it(`is what new URL() makes of it: ${target}`, async () => {
      await within({ target }, (request) => assert.equal(request.url, new URL(`http://a${target}`).href));
    });
  }
});
