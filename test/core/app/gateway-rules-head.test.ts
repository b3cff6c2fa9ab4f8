// docs/reference/gateway.md, rule by rule, on the wire: startResponse and write. Rules that an app has to keep are broken in
// gateway-lint.test.ts too, where the validator names them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp, HeaderList, Write } from '@appserve/core/app';
import { Deferred } from '../../support/deferred.ts';
import { answerOf, bytes, errorsOf, get, giving, serving } from '../../support/gateway-app.ts';

const TIMEOUT = { timeout: 120_000 };

/** What the log says of an app that is answered with 500. */
async function refused(app: GatewayApp): Promise<string> {
  let error: string | undefined;
  await serving(app, async (client, server) => {
    await client.send(get());
    assert.equal((await client.response())?.status, 500);
    [error] = errorsOf(server);
  });
  return error!;
}

describe('startResponse', TIMEOUT, () => {
  it('G25: is missed where it was not called', async () => {
    const missed = 'GET /: the app failed: Fault: startResponse was not called';
    assert.equal(await refused((_environ, _startResponse) => [bytes('hello')]), missed);
    assert.equal(await refused((_environ, _startResponse) => new Set([bytes('hello')])), missed);
    assert.equal(await refused((_environ, _startResponse) => []), missed);
  });

  it('G25: may be called as late as in the first step of the result', async () => {
    const { status, body } = await answerOf((_environ, startResponse) =>
      (function* () {
        startResponse('201 Created', [['Content-Length', '5']]);
        yield bytes('hello');
      })(),
    );
    assert.deepEqual([status, body], [201, 'hello']);
  });

  for (const status of ['OK', '20 OK', '2000 OK', '200OK', '199 Early', '200 O\r\nK', '200 €', 200]) {
    it(`G26: does not take ${JSON.stringify(status)} for a status`, async () => {
      assert.match(await refused(giving(() => [], [], status as string)), /invalid response status/);
    });
  }

  for (const [name, headers] of [
    ['an object', { X: 'y' }],
    ['a flat list', ['X', 'y']],
    ['a name with a blank', [['X Y', 'z']]],
    ['a name that is empty', [['', 'z']]],
    ['a value with CR and LF', [['X', 'y\r\nSet-Cookie: z']]],
    ['a value that Node would cut to LF', [['X', 'y\u010aSet-Cookie: z']]],
    ['a value with NUL', [['X', 'y\0']]],
    ['a value that is a number', [['Content-Length', 5]]],
    ['a length that is none', [['Content-Length', '5x']]],
    [
      'two lengths',
      [
        ['Content-Length', '5'],
        ['Content-Length', '5'],
      ],
    ],
  ] as const) {
    it(`G27: does not take ${name}`, async () => {
      assert.match(await refused(giving(() => [bytes('hello')], headers as unknown as HeaderList)), /invalid response field/);
    });
  }

  for (const name of ['Transfer-Encoding', 'keep-alive', 'Proxy-Connection', 'TE']) {
    it(`G28: does not take ${name}`, async () => {
      assert.match(await refused(giving(() => [], [[name, 'chunked']])), /the app may not send/);
    });
  }

  it('G29: throws what it does not take, and may be called again', async () => {
    const thrown: unknown[] = [];
    const { status, head } = await answerOf((_environ, startResponse) => {
      for (const [wrong, headers] of [
        ['OK', []],
        ['200 OK', [['X', '\n']]],
        ['200 OK', [['TE', 'x']]],
      ] satisfies [string, HeaderList][]) {
        try {
          startResponse(wrong, headers);
        } catch (error) {
          thrown.push((error as { code?: string }).code);
        }
      }
      startResponse('202 Accepted', [['X', 'mended']]);
      return [];
    });
    assert.deepEqual(thrown, ['RESPONSE_STATUS_INVALID', 'RESPONSE_FIELD_INVALID', 'RESPONSE_FIELD_FORBIDDEN']);
    assert.equal(status, 202);
    assert.match(head, /^X: mended$/m);
  });

  it('G30: sends nothing: the head comes with the first bytes', async () => {
    const [first, more] = [new Deferred(), new Deferred()];
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', '5']]);
      return (async function* () {
        yield bytes('');
        first.resolve();
        await more.promise;
        yield bytes('hello');
      })();
    };
    await serving(app, async (client, server) => {
      await client.send(get());
      await first.promise;
      // What had been sent to the first client would be here before the answer to a second one.
      await using other = await server.client();
      await other.send('OPTIONS / HTTP/2.0\r\n\r\n');
      await other.untilEnd();
      assert.equal(await client.until(() => true), '');
      more.resolve();
      assert.equal((await client.response())?.body, 'hello');
    });
  });

  it('G31: is not called again without a reason', async () => {
    for (const excInfo of [undefined, null]) {
      const app: GatewayApp = (_environ, startResponse) => {
        startResponse('200 OK', []);
        startResponse('200 OK', [], excInfo);
        return [];
      };
      assert.equal(await refused(app), 'GET /: the app failed: Fault: startResponse was called twice without excInfo');
    }
  });

  it('G32: with excInfo puts another head in place of one that was not sent', async () => {
    const { status, head, body } = await answerOf((_environ, startResponse) => {
      startResponse('200 OK', [['X', 'lost']]);
      startResponse('503 Sorry', [['Y', 'kept']], new Error('the reason'));
      return [bytes('sorry')];
    });
    assert.deepEqual([status, body], [503, 'sorry']);
    assert.match(head, /^Y: kept$/m);
    assert.doesNotMatch(head, /^X:/m);
  });

  it('G32: with excInfo throws that when the head is out', async () => {
    const reason = new Error('the reason');
    let thrown: unknown;
    const app: GatewayApp = (_environ, startResponse) =>
      (function* () {
        startResponse('200 OK', []);
        yield bytes('hello');
        try {
          startResponse('503 Sorry', [], reason);
        } catch (error) {
          thrown = error;
          throw error;
        }
      })();
    await serving(app, async (client, server) => {
      await client.send(get());
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*5\r\nhello\r\n$/s);
      assert.equal(thrown, reason);
      assert.deepEqual(errorsOf(server), ['GET /: the app failed: Error: the reason']);
    });
  });
});

describe('write', TIMEOUT, () => {
  it('G33: sends at once, ahead of the result', async () => {
    const more = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      const write = startResponse('200 OK', [['Content-Length', '6']]);
      await write(bytes('one'));
      await more.promise;
      return [bytes('two')];
    };
    await serving(app, async (client) => {
      await client.send(get());
      assert.equal(await client.until((text) => text.endsWith('one')), 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none');
      more.resolve();
      assert.equal((await client.response())?.body, 'onetwo');
    });
  });

  it('G33: resolves when the client has kept up', async () => {
    const piece = Buffer.alloc(4 * 1_024 * 1_024);
    const order: string[] = [];
    const begun = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      const write = startResponse('200 OK', [['Content-Length', String(piece.length)]]);
      const written = write(piece).then(() => order.push('written'));
      begun.resolve();
      await written;
      return [];
    };
    await serving(app, async (client) => {
      client.pause();
      await client.send(get());
      await begun.promise;
      order.push('read');
      client.resume();
      await client.response();
      assert.deepEqual(order, ['read', 'written']);
    });
  });

  it('G34: takes nothing but bytes', async () => {
    for (const wrong of ['text', undefined, [104], new ArrayBuffer(2)]) {
      const app: GatewayApp = async (_environ, startResponse) => {
        const write: Write = startResponse('200 OK', []);
        await write(wrong as unknown as Uint8Array);
        return [];
      };
      assert.match(await refused(app), /a body holds bytes \(Uint8Array\), but the app gave/);
    }
  });
});
