// node-scenes.ts: what apps for node:http do with their request and response, to be played by node:http and by us: both must say the same.

import { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';

export type Log = (...words: readonly unknown[]) => void;

export interface NodeScene {
  readonly name: string;
  readonly says?: string;
  readonly methods?: readonly string[];
  readonly app: (request: IncomingMessage, response: ServerResponse, log: Log) => unknown;
  /** The client leaves when the app has logged this. */
  readonly leavesAt?: string;
  /** The answer ends with its connection. */
  readonly untilEnd?: boolean;
  /** The scene is over when these are logged; 'response close' when left out. */
  readonly until?: readonly string[];
}

const RESPONSE_EVENTS = ['prefinish', 'finish', 'close', 'error', 'drain', 'timeout'];
const REQUEST_EVENTS = ['end', 'close', 'error', 'aborted', 'timeout'];

function watch(request: IncomingMessage, response: ServerResponse, log: Log): void {
  for (const event of RESPONSE_EVENTS) response.on(event, () => log('response', event));
  for (const event of REQUEST_EVENTS) request.on(event, () => log('request', event));
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function post(body: string, fields = ''): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

const CHUNKED =
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\nX-Trailer: t\r\n\r\n';

export const NODE_SCENES: readonly NodeScene[] = [
  {
    name: 'the events of a small answer',
    app: (request, response, log) => {
      watch(request, response, log);
      response.end('small');
      log('ended', response.writableEnded, response.finished, response.headersSent);
    },
  },
  {
    name: 'the events of a stream',
    app: (request, response, log) => {
      watch(request, response, log);
      response.write('one');
      setImmediate(() => response.end('two'));
    },
  },
  {
    name: 'the callbacks of write and end',
    app: (_request, response, log) => {
      response.on('finish', () => log('response finish', response.writableFinished));
      response.write('one', () => log('written'));
      response.end('two', () => log('ended'));
    },
  },
  { name: 'a callback that is null', app: (_request, response) => void response.end('null', null as never, null as never) },
  {
    name: 'encodings',
    app: (_request, response) => {
      response.write('6869', 'hex');
      response.write('\xe9', 'latin1');
      response.end('aGk=', 'base64');
    },
  },
  { name: 'any Uint8Array', app: (_request, response) => void response.end(new Uint8Array([104, 105])) },
  {
    name: 'a write behind the end',
    app: (_request, response, log) => {
      response.on('error', (error: NodeJS.ErrnoException) => log('error', error.code));
      response.end('done');
      log(response.write('more'));
    },
  },
  {
    name: 'an end behind the end',
    app: (_request, response, log) => {
      response.end('done');
      response.end();
      response.on('close', () => log('close'));
    },
  },
  {
    name: 'what is no chunk',
    app: (_request, response, log) => {
      log(
        codeOf(() => response.write(42)),
        codeOf(() => response.write(null)),
        codeOf(() => response.end({} as never)),
      );
      response.end('still there');
    },
  },
  {
    name: 'a second head',
    app: (_request, response, log) => {
      response.writeHead(201);
      log(
        codeOf(() => response.writeHead(200)),
        codeOf(() => response.setHeader('A', 'b')),
        response.headersSent,
      );
      response.end();
    },
  },
  {
    name: 'a status that is none',
    app: (_request, response, log) => {
      log(codeOf(() => response.writeHead(99)));
      response.end();
    },
  },
  {
    name: 'a field that is none',
    app: (_request, response, log) => {
      log(
        codeOf(() => response.setHeader('a b', 'c')),
        codeOf(() => response.setHeader('a', 'b\r\nc')),
      );
      response.end();
    },
  },
  {
    name: 'fields by setHeader',
    app: (_request, response, log) => {
      response.setHeader('X-Number', 42).setHeader('X-List', ['a', 'b']).setHeader('Set-Cookie', ['c=1', 'd=2']);
      response.appendHeader('X-List', 'c');
      response.removeHeader('X-Gone');
      log(response.getHeader('x-number'), response.getHeaderNames(), response.hasHeader('X-LIST'), { ...response.getHeaders() });
      response.end();
    },
  },
  {
    name: 'fields as an object',
    app: (_request, response) => void response.writeHead(200, 'Fine', { 'X-One': 1, 'Set-Cookie': ['a', 'b'] }).end(),
  },
  {
    name: 'fields as a list',
    app: (_request, response) => void response.writeHead(200, ['X-One', '1', 'X-Two', '2'] as never).end(),
  },
  {
    name: 'fields as pairs',
    app: (_request, response) =>
      void response
        .writeHead(200, [
          ['X-One', '1'],
          ['X-Two', '2'],
        ] as never)
        .end(),
  },
  {
    name: 'fields in both ways',
    app: (_request, response) => {
      response.setHeader('X-One', 'set');
      response.setHeader('X-Two', 'set');
      response.writeHead(200, { 'X-Two': 'head', 'X-Three': 'head' }).end();
    },
  },
  {
    name: 'a status and a reason',
    app: (_request, response) => {
      response.statusCode = 418;
      response.statusMessage = 'Short and Stout';
      response.end();
    },
  },
  {
    name: 'an app that closes',
    says: GET,
    untilEnd: true,
    app: (_request, response) => void response.setHeader('Connection', 'close').end('bye'),
  },
  {
    name: 'shouldKeepAlive',
    says: GET,
    untilEnd: true,
    app: (_request, response) => {
      response.shouldKeepAlive = false;
      response.end('bye');
    },
  },
  {
    name: 'flushHeaders',
    app: (_request, response, log) => {
      response.flushHeaders();
      log(response.headersSent);
      setImmediate(() => response.end('late'));
    },
  },
  {
    name: 'trailers',
    app: (_request, response) => {
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('body');
      response.addTrailers({ 'X-Sum': '4', 'X-Many': ['a', 'b'] as never });
      response.end();
    },
  },
  {
    name: 'cork and uncork',
    app: (_request, response) => {
      response.cork();
      response.write('a');
      response.write('b');
      setImmediate(() => {
        response.uncork();
        response.end('c');
      });
    },
  },
  {
    name: 'cork and uncork of nothing',
    app: (_request, response, log) => {
      response.cork();
      response.uncork();
      log(response.headersSent);
      setImmediate(() => response.end('after'));
    },
  },
  {
    name: 'an empty write',
    app: (_request, response, log) => {
      response.write('', () => log('written', response.headersSent));
      setImmediate(() => response.end('after'));
    },
  },
  {
    name: 'a body for HEAD',
    says: 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    methods: ['HEAD'],
    app: (_request, response, log) => {
      response.setHeader('Content-Length', 5);
      log(response.write('hello', () => log('written')));
      response.end();
    },
  },
  {
    name: 'a body for 204',
    app: (_request, response) => {
      response.statusCode = 204;
      response.write('x');
      response.end('y');
    },
  },
  {
    name: 'a pipeline',
    app: async (_request, response, log) => {
      await pipeline(Readable.from(['a', 'b', 'c']), response);
      log('piped', response.writableFinished);
    },
  },
  {
    name: 'stream.finished',
    app: async (_request, response, log) => {
      setImmediate(() => response.end('x'));
      await finished(response);
      log('finished');
    },
  },
  {
    name: 'more than the socket holds, with drain',
    app: async (_request, response, log) => {
      let waits = 0;
      for (let count = 0; count < 100; count += 1) {
        if (response.write(Buffer.alloc(65_536, 'x'))) continue;
        waits += 1;
        await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
      log(waits > 0, response.writableNeedDrain);
    },
  },

  // The request.
  {
    name: 'what a request is',
    says: 'GET /a%20b?c=d HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nx-two: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n',
    app: (request, response, log) => {
      log(request.method, request.url, request.httpVersion, request.httpVersionMajor, request.httpVersionMinor);
      log(request.headers, request.rawHeaders, { ...request.headersDistinct });
      log(request.aborted, request.destroyed);
      response.end();
    },
  },
  {
    name: 'an absolute target',
    says: 'GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n',
    app: (request, response, log) => {
      log(request.url, request.headers.host);
      response.end();
    },
  },
  {
    name: 'OPTIONS *',
    says: 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
    methods: ['OPTIONS'],
    app: (request, response, log) => {
      log(request.url);
      response.end();
    },
  },
  {
    name: 'HTTP/1.0',
    says: 'GET / HTTP/1.0\r\n\r\n',
    untilEnd: true,
    app: (request, response, log) => {
      log(request.httpVersion, request.headers);
      response.end('old');
    },
  },
  {
    name: 'the facts of its socket',
    app: (request, response, log) => {
      const { socket } = request;
      log(
        socket.remoteAddress,
        typeof socket.remotePort,
        socket.localAddress,
        typeof socket.localPort,
        'encrypted' in socket,
        socket.destroyed,
      );
      log(response.socket === socket, request.connection === socket, socket.readable, socket.writable);
      response.end();
    },
  },
  {
    name: 'one socket for two requests',
    says: GET + GET,
    methods: ['GET', 'GET'],
    until: ['seen 2'],
    app: (request, response, log) => {
      const socket = request.socket as unknown as { seen?: number };
      socket.seen = (socket.seen ?? 0) + 1;
      log('seen', socket.seen);
      response.end();
    },
  },
  {
    name: 'a body by events',
    says: post('hello body'),
    app: (request, response, log) => {
      watch(request, response, log);
      let body = '';
      request.setEncoding('utf8').on('data', (text) => (body += text));
      request.on('end', () => {
        log(body, request.complete);
        response.end(body);
      });
    },
  },
  {
    name: 'a body by iteration, with trailers',
    says: CHUNKED,
    methods: ['POST'],
    app: async (request, response, log) => {
      const pieces: string[] = [];
      for await (const piece of request) pieces.push(String(piece));
      log(pieces.join(''), request.complete, request.trailers, request.rawTrailers);
      response.end();
    },
  },
  {
    name: 'a body by pipe',
    says: post('piped back'),
    methods: ['POST'],
    app: (request, response) => void request.pipe(response),
  },
  {
    name: 'a body by read',
    says: post('read me'),
    methods: ['POST'],
    app: (request, response, log) => {
      request.on('readable', () => {
        for (let piece = request.read() as Buffer | null; piece !== null; piece = request.read() as Buffer | null)
          log(piece.toString());
      });
      request.on('end', () => response.end());
    },
  },
  {
    name: 'a body that is left',
    says: post('left') + GET,
    methods: ['POST', 'GET'],
    until: ['GET'],
    app: (request, response, log) => {
      log(request.method);
      response.end('not read');
    },
  },
  {
    name: 'no body, awaited',
    app: async (request, response, log) => {
      for await (const piece of request) log(piece);
      log(request.complete, request.readableEnded);
      response.end();
    },
  },
  {
    name: 'complete without a body',
    app: (request, response, log) => {
      response.on('close', () => log('complete', request.complete));
      response.end();
    },
  },
  {
    name: 'what is set on a request',
    app: (request, response, log) => {
      request.url = '/changed';
      request.headers['x-set'] = 'set';
      request.rawHeaders.push('X-Raw', 'raw');
      log(request.url, request.headers);
      response.end();
    },
  },
  {
    name: 'the prototypes of Express',
    app: (request, response, log) => {
      Object.setPrototypeOf(request, Object.create(IncomingMessage.prototype) as object);
      Object.setPrototypeOf(response, Object.create(ServerResponse.prototype) as object);
      watch(request, response, log);
      response.end('express');
    },
  },

  // Informational answers.
  {
    name: 'early hints and processing',
    app: (_request, response, log) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: ['</a>; rel=preload', '</b>; rel=preload'], 'x-hint': 'h' }, () => log('hinted'));
      response.end('after');
    },
  },
  {
    name: 'hints that are none',
    app: (_request, response, log) => {
      log(codeOf(() => response.writeEarlyHints({ link: 'nonsense' })));
      response.end();
    },
  },
  {
    name: 'a client that waits for 100',
    says: 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody',
    methods: ['POST'],
    app: async (request, response, log) => {
      let body = '';
      for await (const piece of request) body += String(piece);
      log(body);
      response.end();
    },
  },

  // Ends before the end.
  {
    name: 'a client that leaves',
    leavesAt: 'begun',
    until: ['response close', 'request close'],
    app: (request, response, log) => {
      watch(request, response, log);
      request.on('error', (error: NodeJS.ErrnoException) => log(error.code, error.message));
      response.write('begun', () => log('begun'));
      response.on('close', () => log('is', response.destroyed, response.writableFinished, request.aborted));
    },
  },
  {
    name: 'a client that leaves within its body',
    says: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
    methods: ['POST'],
    leavesAt: 'half',
    until: ['request close'],
    app: (request, _response, log) => {
      request.on('aborted', () => log('aborted', request.complete));
      request.on('error', (error: NodeJS.ErrnoException) => log('error', error.code));
      request.on('close', () => log('request close'));
      request.on('data', (piece) => log(String(piece)));
    },
  },
  {
    name: 'a response that is destroyed',
    untilEnd: true,
    until: ['response close'],
    app: (_request, response, log) => {
      response.on('close', () => log('response close', response.destroyed, response.writableFinished));
      response.destroy();
    },
  },
  {
    name: 'a response that is destroyed half way',
    untilEnd: true,
    until: ['response close'],
    app: (_request, response, log) => {
      response.on('close', () => log('response close'));
      response.write('half', () => response.destroy(new Error('enough')));
    },
  },
  {
    name: 'a request that is destroyed',
    untilEnd: true,
    until: ['response close'],
    app: (request, response, log) => {
      response.on('close', () => log('response close'));
      request.destroy();
    },
  },
  {
    name: 'a timeout that is heard',
    app: (_request, response, log) => {
      response.setTimeout(20, () => {
        log('timeout');
        response.end('timed out');
      });
    },
  },
  {
    name: 'a timeout of the request that nobody hears',
    untilEnd: true,
    until: ['response close'],
    app: (request, response, log) => {
      response.on('close', () => log('response close'));
      request.setTimeout(20);
    },
  },
];
