// The validator, @appserve/core#lint: for each rule that it can check, one who breaks it is told so by the rule's number; and our
// own server breaks none.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import {
  GATEWAY_RULES,
  Input,
  lint,
  nodeApp,
  toGateway,
  toHandler,
  validator,
  type Environ,
  type FetchFunction,
  type GatewayApp,
  type GatewayResult,
  type HeaderList,
  type RuleNumber,
  type StartResponse,
} from '@appserve/core/app';
import { loadApp } from '@appserve/loader';
import { Deferred } from '../../support/deferred.ts';
import { eventually } from '../../support/eventually.ts';
import { bytes, errorsOf, get, post, serving } from '../../support/gateway-app.ts';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';
import type { RawClient } from '../../support/raw-client.ts';
import { folderWith } from '../../support/packages.ts';
import { linkPackages } from '../../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };
const TEXT: HeaderList = [['Content-Type', 'text/plain']];
const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

/** Any result at all. */
type Made = unknown;

function giving(result: Made, headers: unknown = TEXT, status: unknown = '200 OK'): GatewayApp {
  return (_environ, startResponse) => {
    startResponse(status as string, headers as HeaderList);
    return (typeof result === 'function' ? result() : result) as GatewayResult;
  };
}

/** What the validator says of an app behind our own server; nothing when all is well. */
async function saidOf(
  app: GatewayApp,
  request: ConstructorParameters<typeof MemoryExchange>[0] = {},
): Promise<string | undefined> {
  const exchange = new MemoryExchange(request);
  await run(toHandler(validator(app), SERVER), exchange);
  const { failure } = exchange;
  return failure === undefined ? undefined : (failure as Error).message;
}

const LENGTH_5: HeaderList = [...TEXT, ['Content-Length', '5']];

/** Apps that break a rule, and what is found. */
const APPS: readonly (readonly [rule: RuleNumber, app: GatewayApp, found: string])[] = [
  ['G2', giving(undefined), 'returned undefined'],
  ['G2', giving('hello'), 'returned a string'],
  ['G2', giving(bytes('hello')), 'returned an instance of Buffer'],
  ['G2', giving(Promise.resolve({})), 'returned an object'],
  ['G23', async (environ, _startResponse) => [await environ['wsgi.input'].read(Number.NaN)], 'called read(NaN) of wsgi.input'],
  ['G23', async (environ, _startResponse) => [await environ['wsgi.input'].readline(0.5)], 'called readline(0.5) of wsgi.input'],
  ['G23', async (environ, _startResponse) => environ['wsgi.input'].readlines('5' as never), 'called readlines(5) of wsgi.input'],
  ['G25', (_environ, _startResponse) => [bytes('hello')], 'gave bytes before it called startResponse'],
  ['G25', (_environ, _startResponse) => [], 'was at its end before it called startResponse'],
  ['G25', (_environ, _startResponse) => new Set([bytes('hello')]), 'gave bytes before it called startResponse'],
  ['G25', (_environ, _startResponse) => new Set<Buffer>(), 'was at its end before it called startResponse'],
  ['G26', giving([], TEXT, 'OK'), 'called startResponse wrongly: invalid response status "OK"'],
  ['G26', giving([], TEXT, '200'), 'gave a status without a reason: "200"'],
  ['G26', giving([], TEXT, 200), 'called startResponse wrongly: invalid response status "200"'],
  ['G27', giving([], { X: 'y' }), 'called startResponse wrongly: invalid response field "headers"'],
  ['G27', giving([], [['X', 'y\r\nz']]), 'called startResponse wrongly: invalid response field "X"'],
  ['G28', giving([], [['Transfer-Encoding', 'chunked']]), 'called startResponse wrongly: the app may not send Transfer-Encoding'],
  ['G31', twice, 'called startResponse again without excInfo'],
  ['G34', writing('text'), 'called write with a string'],
  ['G34', writingInside, 'called write while its result was asked for pieces'],
  ['G35', giving([bytes('hello')], []), 'gave content without a Content-Type'],
  ['G35', giving([], TEXT, '204 No Content'), 'sent a Content-Type with a status of 204'],
  ['G35', giving(new Set([bytes('hello')]), [], '304 Not Modified'), 'gave content with a status of 304'],
  ['G36', giving([], [['Status', '200 OK']]), 'sent a field called Status'],
  ['G37', giving(['hello']), 'gave a string as a piece of its body'],
  ['G37', giving(new Set([[104]])), 'gave an array as a piece of its body'],
  ['G52', givingAgain(), 'changed the bytes of a piece that it had given'],
  ['G42', giving([bytes('hell')], LENGTH_5), 'gave 4 of the 5 bytes that it announced'],
  ['G42', giving(new Set([bytes('hell')]), LENGTH_5), 'gave 4 of the 5 bytes that it announced'],
  ['G42', giving([bytes('hello!')], LENGTH_5), 'gave more than the 5 bytes that it announced'],
];

function twice(_environ: Environ, startResponse: StartResponse): GatewayResult {
  startResponse('200 OK', TEXT);
  startResponse('200 OK', TEXT);
  return [];
}

/** Yields one buffer again and again, with other bytes in it. */
function givingAgain(): GatewayApp {
  return giving(
    (function* () {
      const buffer = Buffer.alloc(5);
      for (const word of ['hello', 'world']) {
        buffer.write(word);
        yield buffer;
      }
    })(),
  );
}

function writing(what: unknown): GatewayApp {
  return async (_environ, startResponse) => {
    await startResponse('200 OK', TEXT)(what as Uint8Array);
    return [];
  };
}

function writingInside(_environ: Environ, startResponse: StartResponse): GatewayResult {
  const write = startResponse('200 OK', TEXT);
  return (async function* () {
    await write(bytes('late'));
    yield bytes('');
  })();
}

describe('an app behind the validator', TIMEOUT, () => {
  for (const [rule, app, found] of APPS) {
    it(`${rule}: ${found}`, async () => {
      const said = (await saidOf(app)) ?? 'nothing';
      assert.ok(said.startsWith(`${rule}: the app `), said);
      assert.ok(said.includes(found), said);
      assert.ok(said.endsWith(`(${GATEWAY_RULES[rule].text})`), said);
    });
  }

  it('is told of every rule that is an app to keep', () => {
    const ofApps = Object.entries(GATEWAY_RULES).flatMap(([rule, { keeper }]) => (keeper === 'app' ? [rule] : []));
    assert.deepEqual([...new Set(APPS.map(([rule]) => rule))], ofApps);
  });

  it('that keeps the rules is as it was', async () => {
    const exchange = new MemoryExchange();
    await run(toHandler(validator(giving([bytes('hel'), bytes('lo')])), SERVER), exchange);
    assert.deepEqual(exchange.heard, ['head 200 OK', 'Content-Type: text/plain', 'length 5', 'data hel', 'data lo', 'end']);
  });
});

const ENVIRON = new MemoryExchange({ pieces: ['hello'] });

/** The environ that our server makes, with something put wrong. */
async function environWith(changes: Readonly<Record<string, unknown>>): Promise<Environ> {
  let made: Environ | undefined;
  const app: GatewayApp = (environ, startResponse) => {
    made = environ;
    return giving([])(environ, startResponse);
  };
  await run(toHandler(app, SERVER), new MemoryExchange());
  for (const [key, value] of Object.entries(changes))
    if (value === undefined) Reflect.deleteProperty(made!, key);
    else made![key] = value;
  return made!;
}

const ENVIRONS: readonly (readonly [rule: RuleNumber, changes: Readonly<Record<string, unknown>>, found: string])[] = [
  ['G4', { SERVER_NAME: '' }, 'gave no SERVER_NAME'],
  ['G4', { REQUEST_METHOD: undefined }, 'gave no REQUEST_METHOD'],
  ['G4', { QUERY_STRING: undefined }, 'gave no QUERY_STRING'],
  ['G5', { SERVER_PORT: 80 }, 'gave a number for SERVER_PORT'],
  ['G5', { HTTP_X: '€' }, 'gave "€" for HTTP_X, in which a char is no byte'],
  ['G7', { SCRIPT_NAME: '/' }, 'gave "/" for SCRIPT_NAME'],
  ['G7', { SCRIPT_NAME: 'a' }, 'gave "a" for SCRIPT_NAME'],
  ['G7', { PATH_INFO: 'a' }, 'gave "a" for PATH_INFO'],
  ['G7', { PATH_INFO: '*' }, 'gave "*" for PATH_INFO'],
  ['G7', { PATH_INFO: '' }, 'gave neither SCRIPT_NAME nor PATH_INFO'],
  ['G9', { HTTP_CONTENT_TYPE: 'text/plain' }, 'gave HTTP_CONTENT_TYPE'],
  ['G9', { CONTENT_LENGTH: '-1' }, 'gave "-1" for CONTENT_LENGTH'],
  ['G9', { CONTENT_LENGTH: '' }, 'gave "" for CONTENT_LENGTH'],
  ['G13', { 'wsgi.url_scheme': 'ftp' }, 'gave "ftp" for wsgi.url_scheme'],
  ['G14', { 'wsgi.version': [1, 1] }, 'gave [1,1] for wsgi.version'],
  ['G15', { 'wsgi.multithread': 1 }, 'gave a number for wsgi.multithread'],
  ['G17', { 'wsgi.input': {} }, 'gave a wsgi.input without read()'],
  ['G18', { 'wsgi.input': { read: () => undefined } }, 'gave a wsgi.input without readline()'],
  ['G24', { 'wsgi.errors': { write: () => undefined } }, 'gave a wsgi.errors without writelines()'],
];

const start: StartResponse = () => async () => undefined;

function brokenBy(call: () => unknown): Fault {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error;
  }
  return assert.fail('nothing was said');
}

describe('a server in front of the validator', TIMEOUT, () => {
  const app = validator(giving([bytes('hello')])) as (...args: unknown[]) => GatewayResult;

  for (const [rule, changes, found] of ENVIRONS) {
    it(`${rule}: ${found}`, async () => {
      const environ = await environWith(changes);
      assert.ok(brokenBy(() => app(environ, start)).message.startsWith(`${rule}: the server ${found}`));
    });
  }

  it('G1: calls with too many arguments, or too few', async () => {
    const environ = await environWith({});
    assert.match(brokenBy(() => app(environ, start, 1)).message, /^G1: the server called the app with 3 arguments/);
    assert.match(brokenBy(() => app(environ)).message, /^G1: the server called the app without startResponse/);
  });

  it('G3: gives an environ that inherits', async () => {
    const environ = { ...(await environWith({})) };
    assert.match(brokenBy(() => app(environ, start)).message, /^G3: the server gave an environ that inherits constructor/);
    assert.match(brokenBy(() => app('environ', start)).message, /^G3: the server gave a string for an environ/);
  });

  for (const [rule, method, read, found] of [
    ['G17', 'read', async () => 'hello', 'read a string'],
    ['G17', 'read', async () => bytes('hello'), 'read 5 bytes where 3 were asked for'],
    ['G18', 'readline', async () => bytes('one\ntwo'), 'read a line that goes on behind its LF'],
    ['G18', 'readline', async () => bytes('hello'), 'read 5 bytes of a line where 3 were asked for'],
    ['G18', 'readlines', async () => bytes('hello'), 'read an instance of Buffer where lines were asked for'],
  ] as const) {
    it(`${rule}: ${method}: ${found}`, async () => {
      const input = Object.assign(new Input(ENVIRON.body), { [method]: read });
      const environ = await environWith({ 'wsgi.input': input });
      const asking = validator(async ({ 'wsgi.input': linted }: Environ, _startResponse: StartResponse) => [
        (await linted[method](3)) as Uint8Array,
      ]);
      await assert.rejects(async () => asking(environ, start), { message: new RegExp(`^${rule}: the server ${found}`) });
    });
  }

  it('G33: gives no write', async () => {
    const environ = await environWith({});
    const said = brokenBy(() => app(environ, () => undefined)).message;
    assert.match(said, /^G33: the server gave undefined for write/);
  });

  it('G47: asks for a piece behind close(), or closes again', async () => {
    const streamed = validator(giving(() => new Set([bytes('hello')])));
    const result = (await streamed(await environWith({}), start)) as AsyncIterable<Uint8Array> & { close(): Promise<void> };
    const pieces = result[Symbol.asyncIterator]();
    await pieces.next();
    await result.close();
    await assert.rejects(pieces.next(), { message: /^G47: the server asked for a piece behind close\(\)/ });
    await assert.rejects(result.close(), { message: /^G47: the server called close\(\) again/ });
  });
});

/** Does what an app may do, by its path. */
const everything: GatewayApp = async (environ, startResponse) => {
  const input = environ['wsgi.input'];
  switch (environ.PATH_INFO) {
    case '/read':
      startResponse('200 OK', TEXT);
      return [await input.read(2), await input.readline(), ...(await input.readlines())];
    case '/lines':
      startResponse('200 OK', TEXT);
      return input;
    case '/write': {
      const write = startResponse('200 OK', TEXT);
      await write(bytes('one'));
      return [bytes('two')];
    }
    case '/again':
      startResponse('200 OK', TEXT);
      startResponse('500 Sorry', TEXT, new Error('x'));
      return [];
    case '/nothing':
      startResponse('204 No Content', []);
      return [];
    case '/stream':
      startResponse('200 OK', LENGTH_5);
      return Object.assign(new Set([bytes('hel'), bytes(''), bytes('lo')]), { close: () => undefined });
    default:
      startResponse('200 OK', LENGTH_5);
      return [bytes('hello')];
  }
};

describe('a converted app behind the validator', TIMEOUT, () => {
  it('learns at once that the client has gone', async () => {
    let isAborted = false;
    const called = new Deferred();
    const app: FetchFunction = (request) => {
      request.signal.addEventListener('abort', () => (isAborted = true));
      called.resolve();
      return new Promise(() => undefined);
    };
    const leaving = async (client: RawClient): Promise<void> => {
      await client.send(get('/'));
      await called.promise;
      client.reset();
      await eventually('it is told', () => isAborted);
    };
    await serving(validator(toGateway({ fetch: app })), leaving, { listen: 'tcp' });
  });

  it('is given the pieces of a body as they come', async () => {
    await serving(validator(toGateway({ fetch: echo })), async (client) => {
      await client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n');
      await client.until((text) => text.includes('one'));
    });
  });

  it('sends early hints', async () => {
    const app = nodeApp((_request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end();
    });
    await serving(validator(toGateway(app)), async (client) => {
      await client.send(get('/'));
      await client.until((text) => text.includes(' 103 '));
    });
  });
});

const echo: FetchFunction = (request) => new Response(request.body, { headers: { 'Content-Type': 'text/plain' } });

describe('our own server in front of the validator', TIMEOUT, () => {
  for (const listen of ['unix', 'tcp', 'tls'] as const) {
    it(`breaks no rule over ${listen}`, async () => {
      const requests = [
        get('/caf%C3%A9?a=b', 'X: \xff\r\nCookie: a=1\r\nCookie: b=2\r\n'),
        get('/').replace('GET', 'HEAD'),
        get('/stream').replace('GET', 'HEAD'),
        'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
        'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
        ...['/read', '/lines'].map((path) => post('one\ntwo\nthree').replace('/', path)),
        'POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n',
        ...['/write', '/again', '/nothing', '/stream'].map((path) => get(path)),
      ];
      await serving(
        validator(everything),
        async (client, server) => {
          await client.send(requests.join('') + get('/', 'Connection: close\r\n'));
          const text = await client.untilEnd();
          assert.equal(text.match(/HTTP\/1\.1 [0-9]{3} /g)?.length, requests.length + 1);
          assert.deepEqual(errorsOf(server), []);
        },
        { listen },
      );
    });
  }

  it('breaks no rule when the client leaves', async () => {
    const closed: string[] = [];
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', TEXT);
      const pieces = (async function* () {
        yield bytes('hello');
        await new Promise(() => undefined);
      })();
      return Object.assign(pieces, { close: () => closed.push('closed') }) as unknown as GatewayResult;
    };
    await serving(
      validator(app),
      async (client, server) => {
        await client.send(get());
        await client.until((text) => text.includes('hello'));
        client.reset();
        await server.server.close();
        assert.deepEqual([closed, errorsOf(server)], [['closed'], []]);
      },
      { listen: 'tcp' },
    );
  });
});

/** Awaits nothing, and all of it fails. */
const careless: GatewayApp = (environ, startResponse) => {
  const input = environ['wsgi.input'];
  void input.read(Number.NaN);
  void input.readline();
  void input.readlines();
  void startResponse('200 OK', LENGTH_5)('text' as never);
  return [bytes('hello')];
};

describe('what the validator leaves as it is', TIMEOUT, () => {
  for (const [name, make] of [
    ['no bytes', () => ['text']],
    ['no iterable', () => ({})],
    ['an iterable of no bytes', () => new Set(['text'])],
  ] as const) {
    it(`is that a result is closed once, also where it is ${name}`, async () => {
      let closed = 0;
      const result = Object.assign(make(), { close: () => (closed += 1) });
      assert.match((await saidOf(giving(result))) ?? '', /^G(?:2|37): /);
      assert.equal(closed, 1);
    });
  }

  it('is that nobody has to await what he asked for', async () => {
    const broken = new MemoryExchange({ pieces: [] });
    await run(toHandler(validator(careless), SERVER), broken);
    // Rejections that nobody has heard are told in the next turn, and would fail this test.
    await new Promise(setImmediate);
    assert.equal(broken.heard.at(-1), 'end');
  });
});

describe('the filter lint', TIMEOUT, () => {
  it('stands in an ini as @appserve/core#lint', async () => {
    using folder = folderWith({
      'site.ini': '[app:main]\nuse = ./app.mjs\nfilter-with = lint\n[filter:lint]\nuse = @appserve/core#lint\n',
      'app.mjs': "export const main = () => (environ, startResponse) => { startResponse('200', []); return []; };",
    });
    linkPackages(folder);
    const app = (await loadApp('site.ini', { relativeTo: folder.path })) as GatewayApp;
    const environ = await environWith({});
    assert.match(brokenBy(() => app(environ, start)).message, /^G26: the app gave a status without a reason/);
  });

  it('has no settings', () => {
    assert.equal(brokenBy(() => lint({}, { strict: 'yes' })).code, 'OPTION_UNKNOWN');
  });

  it('is for gateway apps', () => {
    const { message } = brokenBy(() => validator({ fetch: () => new Response() }));
    assert.equal(message, '@appserve/core#lint is for gateway apps; this app keeps the contract fetch');
  });
});
