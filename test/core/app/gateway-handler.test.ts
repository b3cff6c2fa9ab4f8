// A request handler of one's own: each point at which it can be overridden, and what becomes of a request whatever it does.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault } from '@appserve/core';
import {
  GatewayHandler,
  toHandler,
  type Environ,
  type GatewayApp,
  type GatewayHandlerClass,
  type HeaderList,
  type Write,
} from '@appserve/core/app';
import { bytes, errorsOf, get, giving, serving } from '../../support/gateway-app.ts';
import type { RawResponse } from '../../support/raw-client.ts';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';

const TIMEOUT = { timeout: 120_000 };

interface Told {
  readonly answer: RawResponse | undefined;
  readonly errors: readonly string[];
}

async function told(handlerClass: GatewayHandlerClass, app: GatewayApp = hello, request = get()): Promise<Told> {
  let outcome: Told | undefined;
  await serving(
    app,
    async (client, server) => {
      await client.send(request);
      client.endSending();
      outcome = { answer: await client.response(), errors: errorsOf(server) };
    },
    { handlerClass, interface: 'gateway' },
  );
  return outcome!;
}

const hello = giving(() => [bytes('hello')], [['X', 'of the app']]);

function failing(): never {
  throw new Error('my own fault');
}

/** Writes its requests down. */
function logging(): { readonly lines: string[]; readonly Logging: GatewayHandlerClass } {
  const lines: string[] = [];
  class Logging extends GatewayHandler {
    override logRequest(): void {
      lines.push(this.formatRequest());
    }
  }
  return { lines, Logging };
}

const writing: GatewayApp = async (_environ, startResponse) => {
  await startResponse('200 OK', [['Content-Length', '6']])(bytes('one'));
  return [bytes('two')];
};

describe('a handler may override', TIMEOUT, () => {
  it('nothing: then all is as without it', async () => {
    class Same extends GatewayHandler {}
    const { answer, errors } = await told(Same);
    assert.deepEqual(
      [answer, errors],
      [{ status: 200, head: 'HTTP/1.1 200 OK\r\nX: of the app\r\nContent-Length: 5', body: 'hello' }, []],
    );
  });

  it('getEnviron', async () => {
    class Own extends GatewayHandler {
      override getEnviron(): Environ {
        return Object.assign(super.getEnviron(), { 'shop.currency': 'EUR' });
      }
    }
    const { answer } = await told(
      Own,
      giving((environ) => [bytes(String(environ['shop.currency']))]),
    );
    assert.equal(answer?.body, 'EUR');
  });

  it('runApplication', async () => {
    class Own extends GatewayHandler {
      override runApplication(environ: Environ): ReturnType<GatewayHandler['runApplication']> {
        environ.SCRIPT_NAME = '/mounted';
        return super.runApplication(environ);
      }
    }
    const { answer } = await told(
      Own,
      giving(({ SCRIPT_NAME }) => [bytes(SCRIPT_NAME)]),
    );
    assert.equal(answer?.body, '/mounted');
  });

  it('startResponse', async () => {
    class Own extends GatewayHandler {
      override startResponse(status: string, headers: HeaderList, excInfo?: unknown): Write {
        return super.startResponse(status.replace('200', '203'), headers, excInfo);
      }
    }
    assert.equal((await told(Own)).answer?.status, 203);
  });

  it('finalizeHeaders', async () => {
    class Own extends GatewayHandler {
      override finalizeHeaders(headers: HeaderList): HeaderList {
        return [...headers.filter(([name]) => name !== 'X'), ['Y', 'of the handler']];
      }
    }
    const { answer } = await told(Own);
    assert.match(answer!.head, /\r\nY: of the handler\r\n/);
    assert.doesNotMatch(answer!.head, /X:/);
  });

  it('write', async () => {
    class Own extends GatewayHandler {
      override async write(given: Uint8Array): Promise<void> {
        await super.write(bytes(Buffer.from(given).toString().toUpperCase()));
      }
    }
    assert.equal((await told(Own, writing)).answer?.body, 'ONEtwo');
  });

  it('processResult', async () => {
    class Own extends GatewayHandler {
      override processResult(result: Parameters<GatewayHandler['processResult']>[0]): void | Promise<void> {
        return super.processResult([bytes('before '), ...(result as Uint8Array[])]);
      }
    }
    assert.equal((await told(Own)).answer?.body, 'before hello');
  });

  it('handle, and so everything', async () => {
    class Own extends GatewayHandler {
      override handle(): void | Promise<void> {
        this.startResponse('200 OK', []);
        return this.processResult([bytes('no app was called')]);
      }
    }
    assert.equal((await told(Own, failing)).answer?.body, 'no app was called');
  });
});

const reading: GatewayApp = async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', []);
  return [body];
};

class Apologising extends GatewayHandler {
  override handleError(error: unknown): void | Promise<void> {
    if (this.exchange.isHeadSent) return super.handleError(error);
    this.startResponse('503 Sorry', [['Content-Type', 'text/plain']], error);
    return this.processResult([bytes((error as Error).message)]);
  }
}

describe('handleError', TIMEOUT, () => {
  for (const [name, app] of [
    ['at once', failing],
    ['later', async () => failing()],
    ['behind its head', giving(failing)],
    [
      'in its first step',
      giving(async function* () {
        failing();
        yield bytes('');
      }),
    ],
  ] satisfies [string, GatewayApp][]) {
    it(`may answer for an app that fails ${name}`, async () => {
      const { answer, errors } = await told(Apologising, app);
      assert.deepEqual([answer?.status, answer?.body, errors], [503, 'my own fault', []]);
    });
  }

  it('of the handler itself is as without it: 500, logged once', async () => {
    const { answer, errors } = await told(logging().Logging, failing);
    assert.deepEqual([answer?.status, errors], [500, ['GET /: the app failed: Error: my own fault']]);
  });

  it('that fails too is a 500', async () => {
    class Failing extends GatewayHandler {
      override handleError(): never {
        throw new Error('another one');
      }
    }
    const { answer, errors } = await told(Failing, failing);
    assert.deepEqual([answer?.status, errors], [500, ['GET /: the app failed: Error: another one']]);
  });

  it('that does nothing is a 500: no client waits for ever', async () => {
    class Silent extends GatewayHandler {
      override handleError(): void {
        // Nothing.
      }
    }
    const { answer, errors } = await told(Silent, failing);
    assert.deepEqual([answer?.status, errors], [500, ['GET /: the app failed: Error: my own fault']]);
  });

  it('is not asked about what a client has broken: handleClientError is', async () => {
    const faults: string[] = [];
    class Own extends GatewayHandler {
      override handleClientError(fault: Fault): void | Promise<void> {
        faults.push(fault.code);
        return super.handleClientError(fault);
      }

      override handleError(): never {
        assert.fail('this is not the app');
      }
    }
    const { answer, errors } = await told(Own, reading, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nshort');
    assert.deepEqual([answer?.status, faults, errors], [400, ['BODY_INCOMPLETE'], []]);
  });

  it('may write the error into wsgi.errors', async () => {
    const texts: string[] = [];
    class Own extends Apologising {
      override handleError(error: unknown): void | Promise<void> {
        this.logError(error);
        return super.handleError(error);
      }
    }
    const errors = { write: (text: string) => texts.push(text), writelines: () => undefined, flush: () => undefined };
    const server = { software: 'appserve/test', errors, multiprocess: false, handlerClass: Own };
    await run(toHandler(failing, server, 'gateway'), new MemoryExchange({ target: '/a' }));
    assert.match(texts.join(''), /^192\.0\.2\.7 "GET \/a HTTP\/1\.1" - 0: Error: my own fault\n {4}at .*\n$/s);
  });
});

const writingAndFiling: GatewayApp = async (environ, startResponse) => {
  const write = startResponse('200 OK', [['Content-Length', '5']]);
  await write(bytes('ab'));
  const texts = ['cd', 'e', ''];
  const read = async (buffer: Uint8Array): Promise<{ bytesRead: number }> => ({
    bytesRead: Buffer.from(buffer.buffer, buffer.byteOffset).write(texts.shift()!),
  });
  return environ['wsgi.file_wrapper']({ read, close: () => undefined });
};

describe('logRequest', TIMEOUT, () => {
  for (const [name, app, line] of [
    ['an array', hello, '200 5'],
    ['pieces', giving(() => new Set([bytes('hel'), bytes('lo')])), '200 5'],
    ['no content', giving(() => [], [], '204 No Content'), '204 0'],
    ['a promise', async (environ, startResponse) => hello(environ, startResponse), '200 5'],
    ['a failure', failing, '- 0'],
    ['a failure later', async () => failing(), '- 0'],
  ] satisfies [string, GatewayApp, string][]) {
    it(`is called once, with status and bytes: ${name}`, async () => {
      const { lines, Logging } = logging();
      await told(Logging, app, get('/a?b'));
      assert.deepEqual(lines, [`- "GET /a?b HTTP/1.1" ${line}`]);
    });
  }

  it('counts what write sends, and files', async () => {
    const { lines, Logging } = logging();
    assert.equal((await told(Logging, writingAndFiling)).answer?.body, 'abcde');
    assert.deepEqual(lines, ['- "GET / HTTP/1.1" 200 5']);
  });

  it('that fails does no harm to the answer, and is logged', async () => {
    class Failing extends GatewayHandler {
      override logRequest(): never {
        throw new Error('no space left');
      }
    }
    const { answer, errors } = await told(Failing);
    assert.deepEqual([answer?.body, errors], ['hello', ['GET /: the app failed after its answer: Error: no space left']]);
  });
});

describe('an app of another contract', () => {
  it('has no handler of its own: that is refused when it is loaded', () => {
    const server = { software: 'x', errors: { write: failing, writelines: failing, flush: failing }, multiprocess: false };
    assert.throws(() => toHandler(() => new Response(), { ...server, handlerClass: GatewayHandler }), { code: 'GATEWAY_ONLY' });
  });
});
