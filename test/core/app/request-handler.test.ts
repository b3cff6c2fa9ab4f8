// Request handlers: gevent-fastcgi's IRequestHandler, over FastCGI and over HTTP.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHandler, type HandlerRequest } from '@appserve/core/app';
import { MemoryExchange, run, type MadeUp } from '../../support/memory-exchange.ts';

const complaints: string[] = [];
const SERVER = {
  software: 'appserve/test',
  errors: {
    write: (text: string) => void complaints.push(text),
    writelines: () => undefined,
    flush: () => undefined,
  },
  multiprocess: false,
};

/** What the exchange heard of a handler's answer. */
async function answered(cgi: (request: HandlerRequest) => unknown, made: MadeUp = {}): Promise<readonly string[]> {
  const exchange = new MemoryExchange(made);
  await run(toHandler({ cgi }, SERVER), exchange);
  return exchange.heard;
}

describe('a request handler', () => {
  it('writes fields, an empty line and a body', async () => {
    const heard = await answered(async ({ stdout }) => {
      await stdout.write('Status: 201 Created\r\nContent-Type: text/plain\r\n\r\nhé');
      await stdout.write(Buffer.from('llo'));
    });
    assert.deepEqual(heard, ['head 201 Created', 'Content-Type: text/plain', 'data hÃ©', 'data llo', 'end']);
  });

  it('may write its head in any pieces', async () => {
    const text = 'Status: 200 OK\r\nA: b\r\n\r\nbody';
    for (let at = 1; at < text.length; at += 1) {
      const heard = await answered(async ({ stdout }) => stdout.writelines([text.slice(0, at), text.slice(at)]));
      assert.deepEqual(
        [
          heard.slice(0, 2),
          heard
            .filter((line) => line.startsWith('data'))
            .join('')
            .replaceAll('data ', ''),
        ],
        [['head 200 OK', 'A: b'], 'body'],
      );
    }
  });

  it('may have no body', async () => {
    assert.deepEqual(await answered(({ stdout }) => void stdout.write('Location: /x\n\n')), [
      'head 302 Found',
      'Location: /x',
      'end',
    ]);
  });

  it('reads its body and its variables', async () => {
    const made = { method: 'POST', target: '/a%20b?c', flat: ['Host', 'h', 'X-Y', 'z'], pieces: ['one\n', 'two'] };
    const seen: unknown[] = [];
    await answered(async ({ environ, stdin, data, role, stdout }) => {
      seen.push(role, environ['PATH_INFO'], environ['QUERY_STRING'], environ['HTTP_X_Y'], 'wsgi.input' in environ);
      seen.push(Buffer.from(await stdin.read()).toString(), (await data.read()).length);
      await stdout.write('A: b\n\n');
    }, made);
    assert.deepEqual(seen, ['responder', '/a b', 'c', 'z', false, 'one\ntwo', 0]);
  });

  it('complains where the log is', async () => {
    complaints.length = 0;
    await answered(({ stderr, stdout }) => {
      stderr.write('oh');
      void stdout.write('A: b\n\n');
    });
    assert.deepEqual(complaints, ['oh']);
  });

  it('may end its answer before it is done itself', async () => {
    const heard = await answered(async ({ stdout }) => {
      await stdout.write('A: b\n\n');
      stdout.close();
      await assert.rejects(stdout.write('late'), { code: 'RESPONSE_OUT_OF_TURN' });
    });
    assert.deepEqual(heard, ['head 200 OK', 'A: b', 'end']);
  });

  it('waits for a client that is slow', async () => {
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    let isTaken = false;
    const running = run(
      toHandler(
        {
          cgi: async ({ stdout }: HandlerRequest) => {
            await stdout.write('A: b\n\nbody');
            isTaken = true;
          },
        },
        SERVER,
      ),
      exchange,
    );
    await Promise.resolve();
    assert.equal(isTaken, false);
    exchange.keepUp();
    await running;
    assert.equal(isTaken, true);
  });

  const mistakes: readonly (readonly [string, (request: HandlerRequest) => unknown, string])[] = [
    ['writes nothing', () => undefined, 'CGI_OUTPUT_INVALID'],
    ['writes half a head', ({ stdout }) => void stdout.write('A: b\r\n'), 'CGI_OUTPUT_INVALID'],
    ['writes a head without end', async ({ stdout }) => stdout.write(`A: ${'b'.repeat(70_000)}`), 'CGI_OUTPUT_INVALID'],
    ['writes what is no field', async ({ stdout }) => stdout.write('hello\n\n'), 'CGI_OUTPUT_INVALID'],
    ['writes a number', async ({ stdout }) => stdout.write(1 as never), 'BODY_NOT_BYTES'],
    [
      'throws',
      () => {
        throw new TypeError('oh');
      },
      'TypeError: oh',
    ],
  ];
  for (const [what, cgi, said] of mistakes) {
    it(`that ${what} fails`, async () => assert.deepEqual(await answered(cgi), [`fail ${said}`]));
  }
});
