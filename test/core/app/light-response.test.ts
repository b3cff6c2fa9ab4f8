// The light Response: all that a native one is, for less; and it goes out the same.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lightResponse, toHandler } from '@appserve/core/app';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';

const LightResponse = lightResponse();

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

async function heard(response: Response): Promise<readonly string[]> {
  const exchange = new MemoryExchange();
  await run(
    toHandler(() => response, SERVER),
    exchange,
  );
  return exchange.heard;
}

type HeadersInit = NonNullable<ConstructorParameters<typeof Headers>[0]>;
type Arguments = ConstructorParameters<typeof Response>;

/** What both are made of. */
const MADE: Readonly<Record<string, () => Arguments>> = {
  nothing: () => [],
  null: () => [null, { status: 204 }],
  text: () => ['héllo'],
  'empty text': () => [''],
  bytes: () => [Buffer.from('hello')],
  'no bytes': () => [new Uint8Array(0)],
  'text with a type': () => ['<p>', { headers: { 'Content-Type': 'text/html' } }],
  'text with a status': () => ['gone', { status: 410, statusText: 'Really Gone' }],
  'fields as an object': () => ['x', { headers: { 'x-a': '1', 'x-b': '2' } }],
  'fields as pairs': () => [
    null,
    {
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x', 'y'],
      ],
    },
  ],
  'fields as Headers': () => [
    null,
    {
      headers: new Headers([
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    },
  ],
  'a number as a value': () => ['x', { headers: { 'content-type': 'x', 'x-n': 5 as unknown as string } }],
  'URL parameters': () => [new URLSearchParams({ a: 'b' })],
  'a Blob': () => [new Blob(['hello'], { type: 'x/y' })],
  'an ArrayBuffer': () => [new Uint8Array([104, 105]).buffer],
  'a stream': () => [new Blob(['hello']).stream()],
  'another Response as its init': () => ['x', new Response('y', { status: 201, headers: { a: 'b' } })],
  'a field of the connection': () => ['x', { headers: { 'Transfer-Encoding': 'chunked', 'X-A': 'b' } }],
};

function isField(line: string): boolean {
  return /^[\w-]+: /.test(line);
}

function changed(response: Response): Response {
  response.headers.set('x-changed', 'yes');
  response.headers.delete('content-type');
  return response;
}

/** Names in one case, and in one order: both are without meaning (RFC 9110 §5.1, §5.3). */
function canonical(lines: readonly string[]): string[] {
  const [head = '', ...rest] = lines;
  const fields = rest.filter(isField).map((line) => line.replace(/^[\w-]+/, (name) => name.toLowerCase()));
  return [head, ...fields.toSorted(), ...rest.filter((line) => !isField(line))];
}

describe('the fields of a light Response', () => {
  const GIVEN: Readonly<Record<string, () => [given: HeadersInit, change: () => void]>> = {
    Headers: () => {
      const given = new Headers({ 'x-user': 'ada' });
      return [given, () => given.set('x-user', 'bob')];
    },
    'an object': () => {
      const given = { 'x-user': 'ada' };
      return [given, () => (given['x-user'] = 'bob')];
    },
    pairs: () => {
      const given: [string, string][] = [['x-user', 'ada']];
      return [given, () => (given[0]![1] = 'bob')];
    },
  };
  for (const [name, make] of Object.entries(GIVEN)) {
    it(`are those that it was made with, whatever becomes of what was given: ${name}`, async () => {
      const [headers, change] = make();
      const response = new LightResponse(null, { headers });
      const sent = new LightResponse('x', { headers });
      change();
      assert.equal(response.headers.get('x-user'), 'ada');
      assert.ok((await heard(sent)).some((line) => line === 'x-user: ada'));
    });
  }

  it('are not sent with a body that its status cannot have, also where that is text', () => {
    assert.throws(() => new LightResponse('body', { status: '204' as unknown as number }), TypeError);
  });
});

describe('a light Response', () => {
  for (const [name, made] of Object.entries(MADE)) {
    it(`goes out as a native one does: ${name}`, async () => {
      assert.deepEqual(canonical(await heard(new LightResponse(...made()))), canonical(await heard(new Response(...made()))));
    });

    it(`looks like a native one: ${name}`, async () => {
      const [light, native] = [new LightResponse(...made()), new Response(...made())];
      for (const property of ['status', 'statusText', 'ok', 'type', 'url', 'redirected', 'bodyUsed'] as const)
        assert.equal(light[property], native[property], property);
      assert.deepEqual(Array.from(light.headers), Array.from(native.headers));
      assert.equal(light.body === null, native.body === null);
      assert.equal(await light.clone().text(), await native.clone().text());
      assert.equal(await light.text(), await native.text());
      assert.equal(light.bodyUsed, native.bodyUsed);
    });

    it(`goes out as it has become: ${name}`, async () => {
      assert.deepEqual(
        canonical(await heard(changed(new LightResponse(...made())))),
        canonical(await heard(changed(new Response(...made())))),
      );
    });
  }

  for (const made of [
    () => ['x', { status: 199 }],
    () => ['x', { status: 600 }],
    () => ['x', { status: 204 }],
    () => ['', { status: 304 }],
  ] as readonly (() => Arguments)[]) {
    it(`refuses what a native one refuses: ${JSON.stringify(made())}`, () => {
      assert.throws(() => new Response(...made()));
      assert.throws(() => new LightResponse(...made()));
    });
  }

  it('is a Response, and a native one is a light one', () => {
    assert.ok(new LightResponse() instanceof Response);
    assert.ok(new Response() instanceof LightResponse);
    assert.equal({} instanceof LightResponse, false);
    assert.equal(LightResponse.name, 'Response');
  });

  it('may be made from: what its own class answers goes out', async () => {
    class Teapot extends LightResponse {
      constructor() {
        super('short and stout');
        Object.defineProperty(this, 'status', { value: 418 });
      }
    }
    class Other extends LightResponse {}
    assert.ok(new Teapot() instanceof Teapot);
    assert.equal(new LightResponse() instanceof Other, false);
    assert.equal((await heard(new Teapot()))[0], "head 418 I'm a Teapot");
  });

  it('that was read is sent no more', async () => {
    const response = new LightResponse('hello');
    await response.text();
    assert.match((await heard(response))[0]!, /^fail /);
  });

  it('has the statics of the native one', async () => {
    const json = LightResponse.json({ a: [1] }, { status: 201 });
    assert.deepEqual([json.status, json.headers.get('content-type'), await json.json()], [201, 'application/json', { a: [1] }]);
    assert.throws(() => LightResponse.json(undefined), TypeError);
    assert.equal(LightResponse.redirect('http://a/b', 303).headers.get('location'), 'http://a/b');
    assert.equal(LightResponse.error().type, 'error');
  });

  it('with a field that is none is an error of the app, and nothing of it goes out', async () => {
    assert.deepEqual(await heard(new LightResponse('x', { headers: { 'X-A': 'a\r\nSet-Cookie: b' } })), [
      'fail RESPONSE_FIELD_INVALID',
    ]);
  });
});
