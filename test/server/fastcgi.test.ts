// A web server speaks to the real server: every contract, what it must not see of others, and how connections end.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { Environ, GatewayApp, HandlerRequest } from '@appserve/core/app';
import { echoApp, ok, pathApp } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { FastCgiClient, requestRecords, variablesOf } from '../support/fastcgi-client.ts';
import { startFastcgiServer, type TestFastcgiServer } from '../support/fastcgi-server.ts';
import { beginRequest, pairs, record, ROLE, stream, TYPE } from '../support/fastcgi-wire.ts';

const TIMEOUT = { timeout: 120_000 };

function errors({ log }: TestFastcgiServer): string[] {
  return log.filter(({ level }) => level === 'error').map(({ message }) => message);
}

const tellingApp = {
  fetch: async (request: Request, { remoteAddress }: { readonly remoteAddress: string }) =>
    new Response(`${request.method} ${request.url} ${request.headers.get('x-y')} ${remoteAddress} ${await request.text()}`),
};

const nodeApp = (request: IncomingMessage, response: ServerResponse): void => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => (body += part));
  request.on('end', () => {
    response.writeHead(201, { 'X-A': 'b' });
    response.end(`${request.method} ${request.url} ${request.headers['x-y'] as string} ${body}`);
  });
};

const teapot = async ({ stdin, stdout, stderr, role }: HandlerRequest): Promise<number> => {
  stderr.write('oh\n');
  await stdout.write(`Status: 418 Teapot\n\n${role} ${Buffer.from(await stdin.read()).toString()}`);
  return 7;
};

const authorizer: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [['Variable-AUTH_USER', 'ada']]);
  return [];
};

const shouting = async ({ stdin, data, stdout, role }: HandlerRequest): Promise<void> => {
  const [body, file] = [Buffer.from(await stdin.read()).toString(), Buffer.from(await data.read()).toString()];
  await stdout.write(`Content-Type: text/plain\n\n${role} ${body} ${file.toUpperCase()}`);
};

const mountApp: GatewayApp = (environ, startResponse) => ok(startResponse, `${environ.SCRIPT_NAME} ${environ.PATH_INFO}`);

const hintingApp: GatewayApp = (environ, startResponse) => {
  environ['wsgi.early_hints']([['Link', '</a>']]);
  return ok(startResponse, 'hello');
};

const breakingApp: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return (async function* () {
    yield Buffer.from('begun');
    await turns(1);
    throw new Error('oh');
  })();
};

const splittingApp: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', [
    ['X', environ.QUERY_STRING === 'split' ? 'a\r\nSet-Cookie: b' : 'a'],
    ['Status', '500'],
  ]);
  return [];
};

describe('an app behind a web server', TIMEOUT, () => {
  it('of the gateway contract has the variables as they are sent', async () => {
    let seen: Environ | undefined;
    const app: GatewayApp = (environ, startResponse) => {
      seen = environ;
      return ok(startResponse, 'hello');
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    const params = {
      ...variablesOf('/app/a%20b?c=d'),
      SCRIPT_NAME: '/app',
      PATH_INFO: '/a b',
      HTTPS: 'on',
      HTTP_COOKIE: 'x',
      HTTP_PROXY: 'evil',
      DOCUMENT_ROOT: '/srv',
    };
    const answer = await client.ask({ params });
    assert.deepEqual(answer.head, ['Status: 200 OK', 'Content-Type: text/plain', 'Content-Length: 5']);
    assert.deepEqual([answer.body, answer.appStatus, answer.protocolStatus], ['hello', 0, 'REQUEST_COMPLETE']);
    const { SCRIPT_NAME, PATH_INFO, QUERY_STRING, RAW_URI, HTTPS, HTTP_COOKIE, DOCUMENT_ROOT, REMOTE_ADDR } = seen!;
    assert.deepEqual(
      [SCRIPT_NAME, PATH_INFO, QUERY_STRING, RAW_URI, HTTPS, HTTP_COOKIE, DOCUMENT_ROOT, REMOTE_ADDR],
      ['/app', '/a b', 'c=d', '/app/a%20b?c=d', 'on', 'x', '/srv', '192.0.2.7'],
    );
    assert.equal(seen!['wsgi.url_scheme'], 'https');
    assert.deepEqual(['HTTP_PROXY' in seen!, 'constructor' in seen!], [false, false]);
    assert.deepEqual([seen!['wsgi.run_once'], seen!['wsgi.multithread'], seen!['wsgi.multiprocess']], [false, false, false]);
  });

  it('of the fetch contract has a Request of the client', async () => {
    await using server = await startFastcgiServer(tellingApp);
    await using client = await server.client();
    const params = { ...variablesOf('/a?b', 'POST'), HTTP_X_Y: 'z', HTTPS: 'on' };
    const { body } = await client.ask({ params, stdin: 'body' });
    assert.equal(body, 'POST https://site.example/a?b z 192.0.2.7 body');
  });

  it('of the node contract has a request and a response', async () => {
    await using server = await startFastcgiServer(nodeApp as never, { interface: 'node' });
    await using client = await server.client();
    const { head, body } = await client.ask({ params: { ...variablesOf('/a?b', 'POST'), HTTP_X_Y: 'z' }, stdin: 'body' });
    assert.deepEqual([head[0], body], ['Status: 201 Created', 'POST /a?b z body']);
    assert.ok(head.includes('X-A: b'), head.join());
  });

  it('that is a request handler has the streams of a CGI program, and its status', async () => {
    await using server = await startFastcgiServer({ cgi: teapot });
    await using client = await server.client();
    const { head, body, stderr, appStatus } = await client.ask({ stdin: 'in' });
    assert.deepEqual([head, body, stderr, appStatus], [['Status: 418 Teapot'], 'responder in', 'oh\n', 7]);
  });

  it('that is an authorizer says Variable-*, and needs no body', async () => {
    await using server = await startFastcgiServer(authorizer, { role: 'authorizer' });
    await using client = await server.client();
    client.expect(1);
    // As Apache does: no STDIN at all.
    await client.send(
      Buffer.concat([beginRequest(1, ROLE.authorizer), stream(TYPE.params, 1, pairs({ REQUEST_METHOD: 'GET' }))]),
    );
    assert.deepEqual((await client.answer(1)).head, ['Status: 200 OK', 'Variable-AUTH_USER: ada', 'Content-Length: 0']);
  });

  it('that is a filter has its file', async () => {
    await using server = await startFastcgiServer({ cgi: shouting }, { role: 'filter' });
    await using client = await server.client();
    const asked = { role: 'filter', stdin: 'in', data: 'file', params: { FCGI_DATA_LENGTH: '4' } } as const;
    assert.equal((await client.ask(asked)).body, 'filter in FILE');
    const short = { ...asked, params: { FCGI_DATA_LENGTH: '5' } };
    assert.equal((await client.ask(short)).head[0], 'Status: 400 Bad Request');
  });

  it('is mounted where script_name says', async () => {
    await using server = await startFastcgiServer(mountApp, { scriptName: '/app/' });
    await using client = await server.client();
    assert.equal((await client.ask({ params: { SCRIPT_NAME: '/app/a', PATH_INFO: '' } })).body, '/app /a');
  });

  it('writes its complaints into the log of the web server, and too late ones into ours', async () => {
    let complain!: (text: string) => void;
    const app: GatewayApp = (environ, startResponse) => {
      complain = (text) => environ['wsgi.errors'].write(text);
      complain('early é\n');
      return ok(startResponse, '');
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    assert.equal((await client.ask()).stderr, Buffer.from('early é\n').toString('latin1'));
    complain('late\n');
    assert.deepEqual(errors(server), ['late']);
  });

  it('sends no hints, no trailers and no body to HEAD', async () => {
    await using server = await startFastcgiServer(hintingApp);
    await using client = await server.client();
    const { head, body } = await client.ask({ params: variablesOf('/', 'HEAD') });
    assert.deepEqual([head.at(-1), body], ['Content-Length: 5', '']);
  });
});

describe('an app that fails', TIMEOUT, () => {
  it('is a 500 for the client, exit status 1, and a line in the log', async () => {
    await using server = await startFastcgiServer(() => {
      throw new Error('oh');
    });
    await using client = await server.client();
    const { head, body, appStatus } = await client.ask();
    assert.deepEqual([head[0], body, appStatus], ['Status: 500 Internal Server Error', '500 Internal Server Error\n', 1]);
    assert.match(errors(server)[0]!, /^GET \/: the app failed: Error: oh/);
    assert.equal((await client.ask()).appStatus, 1, 'the connection is kept');
  });

  it('in the midst of its answer breaks off: no end of a request that is not whole', async () => {
    await using server = await startFastcgiServer(breakingApp);
    await using client = await server.client();
    await client.begin(1);
    await assert.rejects(client.answer(1), /the connection ended before request 1 did/);
  });

  it('in the midst of its answer ends with status 1 where others stand on the connection', async () => {
    const gate = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      if (environ.PATH_INFO === '/other') await gate.promise;
      startResponse('200 OK', environ.PATH_INFO === '/other' ? [] : [['Content-Length', '9']]);
      return [Buffer.from('hello')];
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    await client.begin(2, { params: variablesOf('/other') });
    const answer = await client.ask();
    assert.deepEqual([answer.body, answer.appStatus], ['hello', 1]);
    gate.resolve();
    assert.equal((await client.answer(2)).body, 'hello');
  });

  it('cannot split its answer, nor say another status', async () => {
    await using server = await startFastcgiServer(splittingApp);
    await using client = await server.client();
    assert.equal((await client.ask({ params: { QUERY_STRING: 'split' } })).head[0], 'Status: 500 Internal Server Error');
    assert.deepEqual((await client.ask()).head, ['Status: 200 OK', 'X: a', 'Content-Length: 0']);
  });
});

describe('bodies', TIMEOUT, () => {
  it('go through whole, in both directions', async () => {
    const body = Buffer.alloc(3_000_000, 'abc');
    await using server = await startFastcgiServer(echoApp);
    await using client = await server.client();
    const answer = await client.ask({ params: variablesOf('/', 'POST'), stdin: body });
    assert.equal(Buffer.from(answer.body, 'latin1').equals(body), true);
  });

  it('make the web server wait while the app does not read', async () => {
    const gate = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      await gate.promise;
      return ok(startResponse, String((await environ['wsgi.input'].read()).length));
    };
    await using server = await startFastcgiServer(app, { bufferSizeBytes: 10_000 });
    await using client = await server.client();
    const bytes = 20_000_000;
    client.expect(1);
    let isSent = false;
    const sending = client.send(requestRecords(1, { stdin: Buffer.alloc(bytes) })).then(() => (isSent = true));
    await turns(200);
    assert.equal(isSent, false, 'what is not read stays with the web server');
    gate.resolve();
    assert.equal((await client.answer(1)).body, String(bytes));
    await sending;
  });

  it('of unknown length end where their stream ends', async () => {
    await using server = await startFastcgiServer(echoApp);
    await using client = await server.client();
    const params = { CONTENT_LENGTH: '', HTTP_TRANSFER_ENCODING: 'chunked', HTTP_CONTENT_LENGTH: '3' };
    assert.equal((await client.ask({ params, stdin: 'hello' })).body, 'hello');
  });

  it('that are cut off are no whole ones for the app', async () => {
    const seen = new Deferred<string>();
    const app: GatewayApp = async (environ, _startResponse) => {
      try {
        await environ['wsgi.input'].read();
        throw new Error('not reached');
      } catch (error) {
        seen.resolve((error as { readonly code: string }).code);
        throw error;
      }
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    await client.send(
      Buffer.concat([beginRequest(1), stream(TYPE.params, 1, pairs({ REQUEST_METHOD: 'POST' })), record(TYPE.stdin, 1, 'x')]),
    );
    client.endSending();
    assert.equal(await seen.promise, 'BODY_INCOMPLETE');
    assert.deepEqual(errors(server), [], 'whatever fails because the web server has gone is no failure');
  });

  it('that the app leaves alone do not disturb the next request', async () => {
    await using server = await startFastcgiServer(pathApp);
    await using client = await server.client();
    const stdin = Buffer.alloc(500_000);
    for (const path of ['/1', '/2', '/3'])
      assert.equal((await client.ask({ params: variablesOf(path, 'POST'), stdin })).body, path);
  });

  it('make the app wait while the web server does not read', async () => {
    let given = 0;
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      return (async function* () {
        for (; given < 500; given += 1) yield Buffer.alloc(100_000);
      })();
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    client.pause();
    await client.begin(1);
    await turns(500);
    assert.ok(given < 100, `${given} pieces were given`);
    client.resume();
    assert.equal((await client.answer(1)).body.length, 50_000_000);
  });
});

describe('requests of one connection', TIMEOUT, () => {
  it('are answered when they are done, and not in their order', async () => {
    const gates = new Map([1, 2, 3].map((id) => [`/${id}`, new Deferred()]));
    const app: GatewayApp = async (environ, startResponse) => {
      await gates.get(environ.PATH_INFO)!.promise;
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    for (const id of [1, 2, 3]) await client.begin(id, { params: variablesOf(`/${id}`) });
    for (const id of [3, 1, 2]) {
      gates.get(`/${id}`)!.resolve();
      assert.equal((await client.answer(id)).body, `/${id}`);
    }
  });

  it('are a thousand, and a slow one holds up none of them', async () => {
    const gate = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      if (environ.PATH_INFO === '/slow') await gate.promise;
      else await turns(1);
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    await client.begin(1, { params: variablesOf('/slow') });
    const ids = Array.from({ length: 1_000 }, (_, index) => index + 2);
    for (const id of ids) client.expect(id);
    await client.send(Buffer.concat(ids.map((id) => requestRecords(id, { params: variablesOf(`/${id}`) }))));
    for (const id of ids) assert.equal((await client.answer(id)).body, `/${id}`);
    gate.resolve();
    assert.equal((await client.answer(1)).body, '/slow');
  });

  it('are refused beyond max_reqs, with 503 and OVERLOADED', async () => {
    const gate = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      await gate.promise;
      return ok(startResponse, 'ok');
    };
    await using server = await startFastcgiServer(app, { maxReqs: 2 });
    await using client = await server.client();
    await client.begin(1);
    await client.begin(2);
    const refused = await client.ask({}, 3);
    assert.deepEqual([refused.head[0], refused.protocolStatus], ['Status: 503 Service Unavailable', 'OVERLOADED']);
    gate.resolve();
    await client.answer(1);
    assert.equal((await client.ask({}, 4)).body, 'ok', 'a place is free again');
  });

  it('are refused where the queue is full', async () => {
    const gate = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      await gate.promise;
      return ok(startResponse, 'ok');
    };
    await using server = await startFastcgiServer(app, { concurrency: 1, queueLimit: 1 });
    await using client = await server.client();
    await client.begin(1);
    await client.begin(2);
    assert.equal((await client.ask({}, 3)).protocolStatus, 'OVERLOADED');
    gate.resolve();
    assert.deepEqual([(await client.answer(1)).body, (await client.answer(2)).body], ['ok', 'ok']);
  });

  it('tell their limits when they are asked', async () => {
    await using server = await startFastcgiServer(pathApp, { maxConns: 50, maxReqs: 500, mpxsConns: false });
    await using client = await server.client();
    const values = await client.getValues(['FCGI_MAX_CONNS', 'FCGI_MAX_REQS', 'FCGI_MPXS_CONNS', 'NO']);
    assert.deepEqual(values, { FCGI_MAX_CONNS: '50', FCGI_MAX_REQS: '500', FCGI_MPXS_CONNS: '0' });
  });
});

describe('a web server that leaves', TIMEOUT, () => {
  it('aborts a request: its signal says so, the answer ends at once, the connection goes on', async () => {
    const left = new Deferred();
    const begun = new Deferred();
    const cgi = async ({ environ, signal, stdout }: HandlerRequest): Promise<void> => {
      if (environ['PATH_INFO'] === '/') {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        left.resolve();
      }
      await stdout.write('A: b\n\nanswered');
    };
    await using server = await startFastcgiServer({ cgi });
    await using client = await server.client();
    await client.begin(1);
    await begun.promise;
    await client.abort(1);
    const { stdout, appStatus, protocolStatus } = await client.answer(1);
    assert.deepEqual([stdout, appStatus, protocolStatus], ['', 1, 'REQUEST_COMPLETE']);
    await left.promise;
    assert.equal((await client.ask({ params: variablesOf('/next') })).body, 'answered');
  });

  it('aborts a request that waits for its turn', async () => {
    const gate = new Deferred();
    const called: string[] = [];
    const app: GatewayApp = async (environ, startResponse) => {
      called.push(environ.PATH_INFO);
      await gate.promise;
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startFastcgiServer(app, { concurrency: 1 });
    await using client = await server.client();
    for (const id of [1, 2, 3]) await client.begin(id, { params: variablesOf(`/${id}`) });
    await client.abort(2);
    await client.answer(2);
    gate.resolve();
    await client.answer(3);
    assert.deepEqual(called, ['/1', '/3']);
  });

  it('by closing the connection aborts all that stand on it', async () => {
    let left = 0;
    let begun = 0;
    const cgi = async ({ signal }: HandlerRequest): Promise<void> => {
      begun += 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      left += 1;
    };
    await using server = await startFastcgiServer({ cgi });
    {
      await using client = await server.client();
      for (const id of [1, 2, 3]) await client.begin(id);
      await eventually('three calls', () => begun === 3);
    }
    await eventually('three aborts', () => left === 3);
    await eventually('no connection', () => server.server.connections === 0);
    assert.deepEqual(errors(server), []);
  });

  it('by closing its side only is heard as one that has gone', async () => {
    const left = new Deferred();
    const cgi = async ({ signal }: HandlerRequest): Promise<void> => {
      signal.addEventListener('abort', () => left.resolve());
      await left.promise;
    };
    await using server = await startFastcgiServer({ cgi });
    await using client = await server.client();
    await client.begin(1);
    client.endSending();
    await left.promise;
    await client.untilEnd();
  });
});

/** Says a piece again and again until the server closes. */
async function dribble(client: FastCgiClient, piece: Uint8Array): Promise<void> {
  // What is sent when the server has closed already has nowhere to go.
  const dribbling = setInterval(() => void client.send(piece).catch(() => undefined), 20);
  try {
    await client.untilEnd().catch((error: NodeJS.ErrnoException) => {
      // What was on its way when the server closed is answered by a reset: it is closed all the same.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error;
    });
  } finally {
    clearInterval(dribbling);
  }
}

describe('head_timeout', TIMEOUT, () => {
  const begun = record(TYPE.stdin, 7, 'x'.repeat(60_000)).subarray(0, 8);
  const dribbles: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ['says nothing', Buffer.alloc(0), Buffer.alloc(0)],
    ['sends a record of no request, byte by byte', begun, Buffer.from('x')],
    ['asks for values', Buffer.alloc(0), record(TYPE.getValues, 0, pairs({ FCGI_MAX_REQS: '' }))],
  ];
  for (const [what, first, piece] of dribbles) {
    it(`closes a connection without a request that ${what}`, async () => {
      await using server = await startFastcgiServer(pathApp, { headTimeoutMs: 300 });
      await using client = await server.client();
      await client.send(first);
      await dribble(client, piece);
    });
  }

  it('closes a connection whose record is not whole, behind an answer too', async () => {
    await using server = await startFastcgiServer(pathApp, { headTimeoutMs: 300 });
    for (const rest of [begun, begun.subarray(0, 3)]) {
      await using client = await server.client();
      await client.ask();
      await client.send(rest);
      await client.untilEnd();
    }
    await using client = await server.client();
    await client.ask();
    await client.send(begun);
    await dribble(client, Buffer.from('x'));
  });
});

describe('connections', TIMEOUT, () => {
  it('are closed behind their answer without FCGI_KEEP_CONN, also where the body is not read', async () => {
    await using server = await startFastcgiServer(pathApp);
    await using client = await server.client();
    const answer = await client.ask({ keepConn: false, stdin: Buffer.alloc(300_000), params: variablesOf('/a', 'POST') });
    assert.equal(answer.body, '/a');
    await client.untilEnd();
  });

  it('end on what is no record, and the others go on', async () => {
    await using server = await startFastcgiServer(pathApp);
    await using other = await server.client();
    for (const bytes of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x01\x01\0\0\0\x08\0\0\0\x01\0\0\0\0\0\0']) {
      await using client = await server.client();
      await client.send(Buffer.from(bytes, 'latin1'));
      await client.untilEnd();
    }
    assert.equal((await other.ask()).body, '/');
  });

  it('take a management record of any length', async () => {
    await using server = await startFastcgiServer(pathApp);
    await using client = await server.client();
    const asked = record(TYPE.getValues, 0, pairs({ ['X'.repeat(65_514)]: '', FCGI_MAX_CONNS: '' }));
    assert.equal(asked.length, 8 + 65_535);
    await client.send(asked.subarray(0, -3));
    await turns(20);
    await client.send(asked.subarray(-3));
    assert.equal((await client.management()).type, TYPE.getValuesResult);
  });

  it('are of those that are let in only', async () => {
    await using server = await startFastcgiServer(pathApp, { listen: 'tcp', fastcgiAllow: ['192.0.2.1'] });
    await using client = await server.client();
    await client.untilEnd();
    await using open = await startFastcgiServer(pathApp, { listen: 'tcp', fastcgiAllow: ['192.0.2.1', '127.0.0.1'] });
    await using friend = await open.client();
    assert.equal((await friend.ask()).body, '/');
    await using unix = await startFastcgiServer(pathApp, { fastcgiAllow: ['127.0.0.1'] });
    await using stranger = await FastCgiClient.connect(unix.at);
    await stranger.untilEnd();
  });

  it('wait for their requests when the server stops, and those that are idle close', async () => {
    const gate = new Deferred();
    const begun = new Deferred();
    const app: GatewayApp = async (_environ, startResponse) => {
      begun.resolve();
      await gate.promise;
      return ok(startResponse, 'ok');
    };
    await using server = await startFastcgiServer(app);
    await using idle = await server.client();
    await using busy = await server.client();
    await busy.begin(1);
    await begun.promise;
    const closing = server.server.close();
    await idle.untilEnd();
    gate.resolve();
    assert.equal((await busy.answer(1)).body, 'ok');
    await busy.untilEnd();
    assert.equal(await closing, 0);
  });
});

describe('TLS', TIMEOUT, () => {
  it('is not for FastCGI: asking for it is refused, and nobody listens', async () => {
    await using server = await startFastcgiServer(pathApp);
    const path = `${String(server.at)}.tls`;
    await assert.rejects(server.server.listen(path, { tls: {} }), { code: 'TLS_NOT_SPOKEN' });
    assert.equal(existsSync(path), false);
  });
});

describe('a server that hands over to fresh workers', TIMEOUT, () => {
  it('answers what still comes, and closes in a moment of quiet', async () => {
    await using server = await startFastcgiServer(pathApp);
    await using client = await server.client();
    await client.ask();
    const closing = server.server.close(60_000, true);
    assert.equal((await client.ask({ params: variablesOf('/late') })).body, '/late');
    await client.untilEnd();
    assert.equal(await closing, 0);
  });

  it('closes a connection that is never quiet behind an answer', async () => {
    await using server = await startFastcgiServer(pathApp);
    await using client = await server.client();
    const closing = server.server.close(60_000, true);
    const ask = async (): Promise<boolean> =>
      client.ask().then(
        () => true,
        () => false,
      );
    while (await ask());
    assert.equal(await closing, 0);
  });
});

describe('a web server that is slow', TIMEOUT, () => {
  it('with its variables gets 408 for that request', async () => {
    await using server = await startFastcgiServer(pathApp, { headTimeoutMs: 200 });
    await using client = await server.client();
    client.expect(1);
    await client.send(Buffer.concat([beginRequest(1), record(TYPE.params, 1, '\x01\x01a')]));
    assert.equal((await client.answer(1)).head[0], 'Status: 408 Request Timeout');
    assert.equal((await client.ask({}, 2)).body, '/');
  });

  it('with a body that the app waits for gets 408 for that request', async () => {
    await using server = await startFastcgiServer(echoApp, { bodyTimeoutMs: 200 });
    await using client = await server.client();
    client.expect(1);
    await client.send(requestRecords(1, { stdin: 'hello' }).subarray(0, -8));
    assert.equal((await client.answer(1)).head[0], 'Status: 408 Request Timeout');
    assert.equal((await client.ask({}, 2)).body, '');
  });

  it('with a record, or says nothing at all, is closed', async () => {
    await using server = await startFastcgiServer(pathApp, { headTimeoutMs: 200 });
    await using silent = await server.client();
    await using half = await server.client();
    await half.send(Buffer.from([1, 1, 0]));
    await Promise.all([silent.untilEnd(), half.untilEnd()]);
  });

  it('between two requests is closed where keepalive_timeout says so', async () => {
    await using server = await startFastcgiServer(pathApp, { keepaliveTimeoutMs: 200 });
    await using client = await server.client();
    await client.ask();
    await client.untilEnd();
  });
});
