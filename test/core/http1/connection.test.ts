// The engine between its conversations: what may be said when, what it is doing, whose bytes are whose.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import { HTTP1_LIMITS, Http1Connection, OUR_MOVES, PEER_MOVES, type Http1Event, type Http1Limits } from '@appserve/core/http1';
import { Fields, ResponseHead } from '@appserve/core/message';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n';
const EXPECT = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n';
const STYLE = { dateLine: '', viaLine: '', serverLine: '', chunkedTransfer: true };
const OK = ResponseHead.of(200, []);

/** A connection that has received `text`. */
function connection(text = '', limits: Partial<Http1Limits> = {}): Http1Connection {
  const engine = new Http1Connection({ ...HTTP1_LIMITS, ...limits }, STYLE);
  if (text !== '') engine.receive(bytesOf(text));
  return engine;
}

/** A connection that has heard its events up to the first of this type. */
function after(type: Http1Event['type'], text: string, limits?: Partial<Http1Limits>): Http1Connection {
  const engine = connection(text, limits);
  while (engine.next().type !== type);
  return engine;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** What the engine says next, in a word. */
function heard(engine: Http1Connection): string {
  const event = engine.next();
  switch (event.type) {
    case 'request':
      return `request ${event.head.target}`;
    case 'data':
      return `data ${Buffer.from(event.bytes).toString('latin1')}`;
    case 'fault':
      return event.fault.code;
    case 'end':
    case 'need-data':
    case 'paused':
    case 'closed':
      return event.type;
  }
}

/** Everything that is to be sent, as latin1. */
function sent(engine: Http1Connection): string {
  const output = engine.output.take();
  const pieces = typeof output === 'string' || output instanceof Uint8Array ? [output] : output;
  return pieces.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1'))).join('');
}

function answer(engine: Http1Connection): void {
  engine.sendHead(OK, 0);
  engine.sendEnd();
}

describe('lent bytes', () => {
  it('may be overwritten after keep: what waits is a copy', () => {
    const engine = connection();
    const lent = bytesOf(`${GET}GET /second HTTP/1.1\r\nHost: a\r\n\r\n`);
    engine.receive(lent);
    engine.next();
    engine.keep();
    lent.fill('X');
    assert.equal(heard(engine), 'end');
    answer(engine);
    assert.equal(heard(engine), 'request /second');
  });

  it('may be longer than what was received', () => {
    const engine = connection();
    engine.receive(bytesOf(`${GET}GET /stale HTTP/1.1\r\nHost: a\r\n\r\n`), GET.length);
    engine.next();
    assert.equal(heard(engine), 'end');
    answer(engine);
    assert.equal(heard(engine), 'need-data');
  });

  it('may come several times before keep', () => {
    const engine = connection();
    for (const char of GET) engine.receive(bytesOf(char));
    assert.equal(heard(engine), 'request /');
  });

  it('are given on as data, without a copy', () => {
    const lent = bytesOf(`${POST}hello`);
    const engine = connection();
    engine.receive(lent);
    engine.next();
    const data = engine.next();
    assert.ok(data.type === 'data' && data.bytes.buffer === lent.buffer);
  });

  it('pile up while a request waits for its answer, and are read in order', () => {
    const engine = after('end', GET);
    for (let count = 0; count < 100; count += 1) {
      const lent = bytesOf(`GET /${count} HTTP/1.1\r\nHost: a\r\n\r\n`);
      engine.receive(lent);
      assert.equal(heard(engine), 'paused');
      engine.keep();
      lent.fill('X');
    }
    for (let count = 0; count < 100; count += 1) {
      answer(engine);
      assert.equal(heard(engine), `request /${count}`);
      assert.equal(heard(engine), 'end');
    }
  });

  it('are not kept behind a fault', () => {
    const engine = after('fault', 'nonsense\r\n\r\n');
    engine.receive(bytesOf(GET));
    assert.equal(engine.unreadBytes, 0);
    assert.equal(heard(engine), 'closed');
  });
});

describe('what may be said when', () => {
  const outOfTurn = { code: 'RESPONSE_OUT_OF_TURN', blame: 'app' };

  it('is no head before a request', () => {
    assert.throws(() => connection().sendHead(OK, 0), outOfTurn);
  });

  it('is no second head', () => {
    const engine = after('request', GET);
    engine.sendHead(OK, -1);
    assert.throws(() => engine.sendHead(OK, -1), outOfTurn);
  });

  it('is no body before its head', () => {
    const engine = after('request', GET);
    assert.throws(() => engine.sendData(bytesOf('hello')), outOfTurn);
    assert.throws(() => engine.sendEnd(), outOfTurn);
  });

  it('is nothing after the end', () => {
    const engine = after('request', GET);
    answer(engine);
    assert.throws(() => engine.sendData(bytesOf('hello')), outOfTurn);
    assert.throws(() => engine.sendEnd(), outOfTurn);
    assert.throws(() => engine.sendHead(OK, 0), outOfTurn);
  });

  it('is no hint after the head', () => {
    const engine = after('request', GET);
    engine.sendHead(OK, -1);
    assert.throws(() => engine.sendInformational(103, []), outOfTurn);
  });

  it('is nothing after a refusal', () => {
    const engine = after('request', GET);
    engine.refuse(new Fault('APP_FAILED', { message: 'x' }));
    assert.throws(() => engine.sendHead(OK, 0), outOfTurn);
  });

  it('is an answer as long as one is owed, though the body broke', () => {
    const engine = after('fault', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n');
    engine.sendHead(OK, 2);
    engine.sendData(bytesOf('ok'));
    engine.sendEnd();
    assert.equal(sent(engine), 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });

  for (const status of [200, 404, 101, 99]) {
    it(`is no hint of status ${status}`, () => {
      const engine = after('request', GET);
      assert.throws(() => engine.sendInformational(status, []), { name: 'Fault', blame: 'app' });
      assert.equal(engine.output.isEmpty, true);
    });
  }
});

describe('CONNECT where tunnels are opened', () => {
  const CONNECT = 'CONNECT one:443 HTTP/1.1\r\nHost: one:443\r\n\r\n';

  function connecting(): Http1Connection {
    const engine = new Http1Connection(HTTP1_LIMITS, STYLE, { isSecure: false, allowsConnect: true });
    engine.receive(bytesOf(`${CONNECT}GET /tunnelled HTTP/1.1\r\n`));
    assert.equal(heard(engine), 'request one:443');
    return engine;
  }

  it('is not answered with success: behind that the client speaks another protocol', () => {
    for (const status of [200, 204, 299]) {
      const engine = connecting();
      assert.throws(() => engine.sendHead(ResponseHead.of(status, []), -1), { code: 'CONNECT_NOT_TAKEN', blame: 'app' });
      engine.refuse(new Fault('APP_FAILED', { message: 'x' }));
      assert.match(sent(engine), /^HTTP\/1\.1 500 /);
    }
  });

  it('is answered like any request when it fails', () => {
    const engine = connecting();
    engine.sendHead(ResponseHead.of(403, []), 0);
    assert.equal(sent(engine), 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });

  it('is handed over with what the client has sent already', () => {
    assert.deepEqual(Buffer.from(connecting().handOver()), bytesOf('GET /tunnelled HTTP/1.1\r\n'));
  });
});

describe('a long head', () => {
  it('takes no quadratic time when it comes byte by byte', () => {
    const engine = connection('', { headBytesMax: 256 * 1_024, requestLineBytesMax: 256 * 1_024 });
    const head = Buffer.from(`GET /${'x'.repeat(250 * 1_024)} HTTP/1.1\r\nHost: test\r\n\r\n`);
    const before = process.cpuUsage();
    for (const byte of head) {
      engine.receive(Uint8Array.of(byte));
      if (engine.next().type === 'request') break;
      engine.keep();
    }
    const { user } = process.cpuUsage(before);
    assert.equal(engine.phase, 'body');
    // Linear it takes 0.1 s, quadratic half a minute.
    assert.ok(user < 5_000_000, `${user} us`);
  });
});

describe('100 Continue', () => {
  it('is for a client that waits', () => {
    const engine = after('need-data', EXPECT);
    assert.equal(engine.sendContinue(), true);
    assert.equal(sent(engine), 'HTTP/1.1 100 Continue\r\n\r\n');
  });

  it('is not for a client that does not', () => {
    assert.equal(after('need-data', POST).sendContinue(), false);
  });

  it('is not said when a part of the body is here', () => {
    assert.equal(after('request', `${EXPECT}he`).sendContinue(), false);
  });

  it('is not said behind the head of the answer', () => {
    const engine = after('need-data', EXPECT);
    engine.sendHead(OK, -1);
    assert.equal(engine.sendContinue(), false);
  });

  it('is not said between two requests', () => {
    const engine = after('end', `${EXPECT}hello`);
    answer(engine);
    engine.next();
    assert.equal(engine.sendContinue(), false);
  });

  it('is said once', () => {
    const engine = after('need-data', EXPECT);
    assert.equal(engine.sendContinue(), true);
    engine.receive(bytesOf('he'));
    while (engine.next().type !== 'need-data');
    assert.equal(engine.sendContinue(), false);
  });

  it('that was said keeps the connection, for then the body comes', () => {
    const engine = after('need-data', EXPECT);
    engine.sendContinue();
    answer(engine);
    engine.receive(bytesOf('helloGET /next HTTP/1.1\r\nHost: a\r\n\r\n'));
    assert.equal(heard(engine), 'request /next');
  });

  it('that was not said keeps it when the body has begun to come', () => {
    const engine = after('request', `${EXPECT}helloGET /next HTTP/1.1\r\nHost: a\r\n\r\n`);
    answer(engine);
    assert.equal(heard(engine), 'request /next');
  });

  for (const [name, head] of [
    ['a length', EXPECT],
    ['chunks', EXPECT.replace('Content-Length: 5', 'Transfer-Encoding: chunked')],
  ] as const) {
    it(`that was not said closes it when a body of ${name} has not`, () => {
      const engine = after('request', head);
      answer(engine);
      engine.receive(bytesOf(GET));
      assert.equal(heard(engine), 'closed');
    });
  }
});

describe('trailers of a response', () => {
  const trailers = new Fields(['Digest', 'x', 'digest', 'y']);

  it('go out behind a chunked body', () => {
    const engine = after('request', GET);
    engine.sendHead(OK, -1);
    sent(engine);
    engine.sendEnd(trailers);
    assert.equal(sent(engine), '0\r\nDigest: x\r\ndigest: y\r\n\r\n');
  });

  it('go out behind no other', () => {
    const engine = after('request', GET);
    engine.sendHead(OK, 0);
    engine.sendEnd(trailers);
    assert.equal(sent(engine), 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('a refusal', () => {
  const late = new Fault('HEAD_TIMEOUT', { limitMs: 30_000 });

  it('answers a head that does not come', () => {
    const engine = after('need-data', 'GET / HT');
    engine.refuse(late);
    assert.match(sent(engine), /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.equal(heard(engine), 'closed');
  });

  it('has no content for HEAD, though its head never came as a whole', () => {
    const engine = after('need-data', 'HEAD / HT');
    engine.refuse(late);
    assert.match(sent(engine), /^HTTP\/1\.1 408 Request Timeout\r\n[^]*\r\n\r\n$/);
  });

  it('answers a request that is owed one', () => {
    const engine = after('request', GET);
    engine.refuse(new Fault('QUEUE_FULL', { limit: 1 }));
    assert.match(sent(engine), /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*\r\nRetry-After: 1\r\n/);
  });

  it('breaks off an answer that has begun, and says so', () => {
    const engine = after('request', GET);
    engine.sendHead(OK, -1);
    sent(engine);
    engine.refuse(late);
    assert.equal(sent(engine), '');
    assert.equal(engine.isTruncated, true);
  });

  it('has nothing to add to a complete answer', () => {
    const engine = after('request', POST);
    answer(engine);
    sent(engine);
    engine.refuse(new Fault('BODY_TIMEOUT', { limitMs: 1 }));
    assert.equal(sent(engine), '');
    assert.equal(engine.isTruncated, false);
    assert.equal(heard(engine), 'closed');
  });

  it('comes once', () => {
    const engine = after('request', GET);
    engine.refuse(late);
    sent(engine);
    engine.refuse(late);
    assert.equal(sent(engine), '');
  });

  it('tells the client nothing of what went wrong in the app', () => {
    const engine = after('request', GET);
    engine.refuse(new Fault('APP_FAILED', { message: 'secret' }));
    assert.doesNotMatch(sent(engine), /secret/);
  });
});

function upload(length: number): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`;
}

describe('a body that nobody reads', () => {
  it('is read past for the next request', () => {
    const engine = after('request', `${upload(64 * 1_024)}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`);
    answer(engine);
    assert.equal(heard(engine), 'request /next');
  });

  it('closes the connection when it is longer than 64 KiB', () => {
    const engine = after('request', `${upload(64 * 1_024 + 1)}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`);
    answer(engine);
    assert.equal(heard(engine), 'closed');
    assert.equal(engine.mayStillReceive, true);
  });

  it('counts anew for each request', () => {
    const engine = connection(upload(40_000).repeat(3));
    for (let count = 0; count < 3; count += 1) {
      assert.equal(heard(engine), 'request /');
      answer(engine);
    }
    assert.equal(heard(engine), 'need-data');
  });

  it('is waited for', () => {
    const engine = after('request', `${POST}he`);
    answer(engine);
    assert.equal(heard(engine), 'need-data');
    engine.receive(bytesOf('lloGET /next HTTP/1.1\r\nHost: a\r\n\r\n'));
    assert.equal(heard(engine), 'request /next');
  });

  it('is not read when the connection closes anyway', () => {
    const engine = after('request', POST);
    engine.lastRequest();
    answer(engine);
    assert.equal(heard(engine), 'closed');
  });
});

/** Whether a GET or HEAD that is answered with this status gets a body. */
function takesMore(method: string, status: number): boolean {
  const engine = after('request', GET.replace('GET', method));
  engine.sendHead(ResponseHead.of(status, []), -1);
  return engine.takesMore;
}

describe('what the connection is doing', () => {
  it('is idle, head, body, answer and idle again', () => {
    const engine = connection();
    const phases = [engine.phase];
    for (const piece of ['POST / ', POST.slice('POST / '.length), 'he', 'llo']) {
      engine.receive(bytesOf(piece));
      while (!['need-data', 'paused'].includes(heard(engine)));
      phases.push(engine.phase);
    }
    answer(engine);
    engine.next();
    assert.deepEqual([...phases, engine.phase], ['idle', 'head', 'body', 'body', 'answer', 'idle']);
  });

  it('is closing behind a fault', () => {
    assert.equal(after('fault', 'nonsense\r\n').phase, 'closing');
  });

  it('is closing behind an answer that was broken off', () => {
    const engine = after('request', GET);
    engine.abort();
    assert.equal(engine.phase, 'closing');
  });

  it('is still receiving when it refuses a body in the middle', () => {
    assert.equal(after('fault', POST.replace('5', '5x')).mayStillReceive, true);
  });

  it('is not receiving when the client has closed its side', () => {
    const engine = after('need-data', POST);
    engine.receive(null);
    engine.next();
    assert.equal(engine.mayStillReceive, false);
  });

  it('sends no body to HEAD, nor with a status that has none', () => {
    assert.deepEqual(
      [takesMore('GET', 200), takesMore('HEAD', 200), takesMore('GET', 204), takesMore('GET', 205), takesMore('GET', 304)],
      [true, false, false, false, false],
    );
  });
});

describe('the last request', () => {
  it('is the next one, when the connection is idle', () => {
    const engine = connection();
    engine.lastRequest();
    engine.receive(bytesOf(GET));
    assert.equal(heard(engine), 'request /');
    engine.next();
    answer(engine);
    assert.match(sent(engine), /\r\nConnection: close\r\n/);
    assert.equal(heard(engine), 'closed');
  });
});

describe('an Upgrade', () => {
  it('is named as an option of the connection', () => {
    const engine = after('request', GET);
    engine.sendHead(ResponseHead.of(426, ['Upgrade', 'HTTP/3.0']), 0);
    assert.match(sent(engine), /\r\nConnection: (?:[^\r]*, )?upgrade(?:,[^\r]*)?\r\n/i);
  });

  it('takes nothing from an HTTP/1.0 client that is told that its connection stays', () => {
    const engine = after('request', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    engine.sendHead(ResponseHead.of(200, ['Upgrade', 'HTTP/3.0']), 0);
    assert.match(sent(engine), /\r\nConnection: keep-alive, upgrade\r\n/);
  });
});

describe('the output', () => {
  it('is one text where a response is small', () => {
    const engine = after('request', GET);
    engine.sendHead(OK, 5);
    engine.sendData(bytesOf('hello'));
    engine.sendEnd();
    assert.equal(engine.output.take(), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    assert.equal(engine.output.isEmpty, true);
  });

  it('leaves large bytes alone, in their place', () => {
    const large = Buffer.alloc(8 * 1_024 + 1, 'x');
    const engine = after('request', GET);
    engine.sendHead(OK, -1);
    engine.sendData(bytesOf('a'));
    engine.sendData(large);
    engine.sendEnd();
    assert.deepEqual(engine.output.take(), [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2001\r\n',
      large,
      '\r\n0\r\n\r\n',
    ]);
  });

  it('gives back every byte as it was', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const engine = after('request', GET);
    engine.sendHead(ResponseHead.of(200, ['Content-Length', '256']), -1);
    engine.sendData(all);
    assert.deepEqual(bytesOf(sent(engine)).subarray(-256), all);
  });
});

describe('a connection that is handed over', () => {
  const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

  it('gives what the client has sent of the new protocol', () => {
    const engine = after('request', `${UPGRADE}\x81\x00GET`);
    assert.deepEqual(Buffer.from(engine.handOver()), bytesOf('\x81\x00GET'));
  });

  it('gives a copy, which outlives the loan', () => {
    const engine = connection();
    const lent = bytesOf(`${UPGRADE}hello`);
    engine.receive(lent);
    engine.next();
    const unread = engine.handOver();
    engine.keep();
    lent.fill('X');
    assert.deepEqual(Buffer.from(unread), bytesOf('hello'));
  });

  it('gives nothing where nothing has come', () => {
    assert.equal(after('end', UPGRADE).handOver().length, 0);
  });

  it('has nothing more to say of HTTP', () => {
    const engine = after('request', UPGRADE);
    engine.handOver();
    engine.receive(bytesOf(GET));
    assert.equal(heard(engine), 'closed');
    assert.equal(engine.output.isEmpty, true);
    assert.throws(() => engine.sendHead(OK, 0), { code: 'RESPONSE_OUT_OF_TURN' });
  });

  for (const [name, engine] of [
    ['before a request', connection()],
    ['while a body is still to come', after('request', `${POST}he`)],
    ['behind a fault', after('fault', 'nonsense\r\n')],
  ] as const) {
    it(`is none ${name}`, () => {
      assert.throws(() => engine.handOver(), { code: 'RESPONSE_OUT_OF_TURN' });
    });
  }

  it('is none once the answer has begun', () => {
    const engine = after('end', UPGRADE);
    engine.sendHead(OK, -1);
    assert.throws(() => engine.handOver(), { code: 'RESPONSE_OUT_OF_TURN' });
  });

  it('may be one whose body is read to its end', () => {
    const engine = after('end', `${POST}hello`);
    assert.equal(engine.handOver().length, 0);
  });
});

describe('the table of moves', () => {
  const tables: Record<string, Record<string, Partial<Record<string, string>>>> = { peer: PEER_MOVES, ours: OUR_MOVES };
  for (const [side, moves] of Object.entries(tables)) {
    it(`of ${side} leads only to states that it has`, () => {
      const states = Object.keys(moves);
      assert.deepEqual(
        Object.values(moves).flatMap((row) => Object.values(row).filter((state) => !states.includes(state ?? ''))),
        [],
      );
    });

    it(`of ${side} has no way back from closed`, () => {
      assert.deepEqual([...new Set(Object.values(moves['closed'] ?? {}))], ['closed']);
    });
  }
});
