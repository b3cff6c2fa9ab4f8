// answers.ts: the rules about what we send: status line, fields, body and what becomes of the connection.

import assert from 'node:assert/strict';
import { ResponseHead } from '@appserve/core/message';
import { answerOf } from '../support/scenes.ts';
import { Wire } from '../support/wire.ts';
import { GET, head, NEXT, post, says, type Checks } from './checks.ts';

const HEAD_REQUEST = head('HEAD / HTTP/1.1', 'Host: a');
const GET_1_0 = head('GET / HTTP/1.0', 'Host: a');
const CLOSES = head('GET / HTTP/1.1', 'Host: a', 'Connection: close');

/** What comes back, line by line; the last one without its CRLF. */
function lines(...text: readonly string[]): string {
  return text.join('\r\n');
}

export const ANSWERS: Checks = {
  M21: {
    'a space stands behind the status, also where no reason does': says({
      sent: GET,
      answers: ['299\nbody ""'],
      wire: lines('HTTP/1.1 299 ', 'Content-Length: 0', '', ''),
    }),
  },
  M27: {
    '204 has no coding, though its body comes in pieces': says({
      sent: GET,
      answers: ['204 No Content\npiece "a"\npiece "b"\nend'],
      wire: lines('HTTP/1.1 204 No Content', '', ''),
    }),
    '103 has none': says({
      sent: GET,
      answers: ['inform 103 Link: </a.css>\n200 OK\npiece "a"\nend'],
      wire: lines(
        'HTTP/1.1 103 Early Hints',
        'Link: </a.css>',
        '',
        'HTTP/1.1 200 OK',
        'Transfer-Encoding: chunked',
        '',
        '1',
        'a',
        '0',
        '',
        '',
      ),
    }),
  },
  M28: {
    'CONNECT gets no 2xx here': says({
      sent: head('CONNECT h:80 HTTP/1.1', 'Host: h:80'),
      events: ['fault METHOD_REFUSED 405'],
      wire: /^HTTP\/1\.1 405 Method Not Allowed\r\n/,
    }),
  },
  M30: {
    'HTTP/1.0 gets no chunks: the answer ends with its connection': says({
      sent: GET_1_0,
      answers: ['200 OK\npiece "a"\npiece "b"\nend'],
      wire: lines('HTTP/1.1 200 OK', 'Connection: close', '', 'ab'),
    }),
  },
  M33: {
    'an app that names a length and gives pieces gets no coding': says({
      sent: GET,
      answers: ['200 OK\nContent-Length: 2\npiece "a"\npiece "b"\nend'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 2', '', 'ab'),
    }),
    'an app cannot name a coding': () => {
      const both = ['Content-Length', '2', 'Transfer-Encoding', 'chunked'];
      assert.throws(() => ResponseHead.of(200, both), { code: 'RESPONSE_FIELD_FORBIDDEN' });
    },
  },
  M39: {
    'a body whose length nobody knows comes in chunks': says({
      sent: GET,
      answers: ['200 OK\npiece "hello"\npiece ""\npiece "world!"\nend'],
      wire: lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '5', 'hello', '6', 'world!', '0', '', ''),
    }),
  },
  M48: {
    'a further request waits for the answer to the one before': says({
      sent: GET + NEXT,
      answers: [],
      events: ['request GET / HTTP/1.1', 'end', 'paused'],
      wire: '',
    }),
  },
  M49: {
    'HTTP/1.1 persists': says({
      sent: GET + NEXT,
      answers: ['200 OK\nbody "1"', '200 OK\nbody "2"'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 1', '', '1HTTP/1.1 200 OK', 'Content-Length: 1', '', '2'),
    }),
    'HTTP/1.1 does not when it says close': says({
      sent: CLOSES + NEXT,
      answers: ['200 OK\nbody "1"', '200 OK\nbody "2"'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 1', 'Connection: close', '', '1'),
    }),
    'HTTP/1.0 does not': says({
      sent: GET_1_0 + NEXT,
      answers: ['200 OK\nbody "1"', '200 OK\nbody "2"'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 1', 'Connection: close', '', '1'),
    }),
    'HTTP/1.0 does when it says keep-alive': says({
      sent: head('GET / HTTP/1.0', 'Connection: Keep-Alive') + NEXT,
      answers: ['200 OK\nbody "1"', '200 OK\nbody "2"'],
      wire: lines(
        'HTTP/1.1 200 OK',
        'Content-Length: 1',
        'Connection: keep-alive',
        '',
        '1HTTP/1.1 200 OK',
        'Content-Length: 1',
        '',
        '2',
      ),
    }),
    'HTTP/1.0 does not when nobody knows where the answer ends': says({
      sent: head('GET / HTTP/1.0', 'Connection: keep-alive') + NEXT,
      answers: ['200 OK\npiece "1"\nend', '200 OK\nbody "2"'],
      events: ['request GET / HTTP/1.0', 'persists', 'end', 'closed'],
      wire: lines('HTTP/1.1 200 OK', 'Connection: close', '', '1'),
    }),
  },
  M50: {
    'a body that nobody read is read past': says({
      sent: `${post('Content-Length: 5')}hello${NEXT}`,
      answers: ['at request\n200 OK\nbody ""', '200 OK\nbody ""'],
      events: ['request POST / HTTP/1.1', 'request GET /next HTTP/1.1', 'end', 'idle'],
    }),
    'a long one closes the connection': says({
      sent: `${post('Content-Length: 70000')}${'x'.repeat(70_000)}${NEXT}`,
      answers: ['at request\n200 OK\nbody ""'],
      events: ['request POST / HTTP/1.1', 'closed'],
    }),
  },
  M51: {
    'the last answer that a connection may carry says close': says({
      settings: { requestsMax: 2 },
      sent: GET + NEXT + NEXT,
      answers: ['200 OK\nbody ""', '200 OK\nbody ""', '200 OK\nbody ""'],
      events: ['request GET / HTTP/1.1', 'end', 'request GET /next HTTP/1.1', 'end', 'closed'],
      wire: lines(
        'HTTP/1.1 200 OK',
        'Content-Length: 0',
        '',
        'HTTP/1.1 200 OK',
        'Content-Length: 0',
        'Connection: close',
        '',
        '',
      ),
    }),
    'and so does one behind which the server stops': says({
      sent: GET,
      answers: ['last\n200 OK\nbody ""'],
      events: ['request GET / HTTP/1.1', 'end', 'closed'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', ''),
    }),
  },
  M52: {
    'twenty requests in one write are answered in their order': says({
      sent: Array.from({ length: 20 }, (_, index) => head(`GET /${index} HTTP/1.1`, 'Host: a')).join(''),
      answers: Array.from({ length: 20 }, (_, index) => `200 OK\nbody "${index}"`),
      wire: Array.from({ length: 20 }, (_, index) =>
        lines('HTTP/1.1 200 OK', `Content-Length: ${String(index).length}`, '', String(index)),
      ).join(''),
    }),
  },
  M55: {
    'close is answered with close': says({
      sent: CLOSES,
      answers: ['200 OK\nbody ""'],
      events: ['request GET / HTTP/1.1', 'closes', 'end', 'closed'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', ''),
    }),
  },
  M56: {
    'behind a close of ours nothing is processed': says({
      sent: GET + NEXT,
      answers: ['200 OK\nConnection: close\nbody ""', '200 OK\nbody ""'],
      events: ['request GET / HTTP/1.1', 'end', 'closed'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', ''),
    }),
  },
  M60: {
    'CR, LF and NUL in a field, or a char that would be cut to one, is an error of the app': () => {
      for (const value of ['a\r\nX: y', 'a\rb', 'a\nb', 'a\0b', 'aĊX: y', 'a嘍嘊X: y'])
        assert.throws(() => ResponseHead.of(200, ['X', value]), { code: 'RESPONSE_FIELD_INVALID' }, JSON.stringify(value));
    },
    'and so it is in a name or a reason': () => {
      assert.throws(() => ResponseHead.of(200, ['X\r\nY', 'z']), { code: 'RESPONSE_FIELD_INVALID' });
      assert.throws(() => ResponseHead.fromStatusText('200 OK\r\nX: y', []), { code: 'RESPONSE_STATUS_INVALID' });
    },
  },
  S01: {
    'our version is HTTP/1.1, whatever the client speaks': says({
      sent: head('GET / HTTP/1.2', 'Host: a') + GET_1_0,
      answers: ['200 OK\nbody "1"', '200 OK\nbody "2"'],
      wire: lines(
        'HTTP/1.1 200 OK',
        'Content-Length: 1',
        '',
        '1HTTP/1.1 200 OK',
        'Content-Length: 1',
        'Connection: close',
        '',
        '2',
      ),
    }),
  },
  S07: {
    'two cookies are two lines': says({
      sent: GET,
      answers: ['200 OK\nSet-Cookie: a=1\nSet-Cookie: b=2\nbody ""'],
      wire: lines('HTTP/1.1 200 OK', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 0', '', ''),
    }),
  },
  S18: {
    'HEAD, 204 and 304 have no content': says({
      sent: HEAD_REQUEST + GET + GET + NEXT,
      answers: ['200 OK\nbody "one"', '204 No Content\nbody "two"', '304 Not Modified\nbody "three"', '200 OK\nbody "4"'],
      wire: lines(
        'HTTP/1.1 200 OK',
        'Content-Length: 3',
        '',
        'HTTP/1.1 204 No Content',
        '',
        'HTTP/1.1 304 Not Modified',
        '',
        'HTTP/1.1 200 OK',
        'Content-Length: 1',
        '',
        '4',
      ),
    }),
    'nor has 103': says({
      sent: GET,
      answers: ['inform 103 X: y\n200 OK\nbody ""'],
      wire: lines('HTTP/1.1 103 Early Hints', 'X: y', '', 'HTTP/1.1 200 OK', 'Content-Length: 0', '', ''),
    }),
  },
  S28: {
    '101 is no answer of an app': () => {
      assert.throws(() => ResponseHead.of(101, ['Upgrade', 'h2c']), { code: 'RESPONSE_STATUS_INVALID' });
    },
    'an offer that nobody takes is answered like any request': says({
      sent:
        head('GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk') +
        NEXT,
      answers: ['200 OK\nbody ""'],
      events: ['request GET / HTTP/1.1', 'persists', 'end', 'request GET /next HTTP/1.1', 'end'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 0', '', ''),
    }),
  },
  S29: {
    'an Upgrade of HTTP/1.0 is ignored': says({
      sent: head('GET / HTTP/1.0', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'),
      answers: ['200 OK\nbody ""'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', ''),
    }),
  },
  S33: {
    'our own errors say what their text is': says({
      sent: 'nonsense\r\n\r\n',
      wire: /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: [0-9]+\r\n/,
    }),
  },
  S34: {
    '204 has no length, though the app gave one': says({
      sent: GET,
      answers: ['204 No Content\nContent-Length: 4\nX: y\nbody "body"'],
      wire: lines('HTTP/1.1 204 No Content', 'X: y', '', ''),
    }),
    '100 has none': says({
      sent: post('Expect: 100-continue', 'Content-Length: 1'),
      answers: ['200 OK\nbody ""'],
      wire: lines('HTTP/1.1 100 Continue', '', ''),
    }),
  },
  S35: {
    'HEAD has the length of GET, whoever counted': says({
      sent: GET + HEAD_REQUEST + GET + HEAD_REQUEST,
      answers: [
        '200 OK\nbody "hello"',
        '200 OK\nbody "hello"',
        '200 OK\nContent-Length: 5\nbody "hello"',
        '200 OK\nContent-Length: 5\nbody ""',
      ],
      wire: lines(
        'HTTP/1.1 200 OK',
        'Content-Length: 5',
        '',
        'helloHTTP/1.1 200 OK',
        'Content-Length: 5',
        '',
        'HTTP/1.1 200 OK',
        'Content-Length: 5',
        '',
        'helloHTTP/1.1 200 OK',
        'Content-Length: 5',
        '',
        '',
      ),
    }),
    'HEAD says nothing of a length that nobody knows': says({
      sent: HEAD_REQUEST + HEAD_REQUEST,
      answers: ['200 OK\npiece "hello"\nend', '200 OK\nbody ""'],
      wire: lines('HTTP/1.1 200 OK', '', 'HTTP/1.1 200 OK', '', ''),
    }),
  },
  S36: {
    'the length of a 304 is that of the 200, or is not there': says({
      sent: GET + GET,
      answers: ['304 Not Modified\nContent-Length: 1000\nbody ""', '304 Not Modified\nbody ""'],
      wire: lines('HTTP/1.1 304 Not Modified', 'Content-Length: 1000', '', 'HTTP/1.1 304 Not Modified', '', ''),
    }),
  },
  S37: {
    'a body that is here as a whole has its length': says({
      sent: GET,
      answers: ['200 OK\nbody "hello"'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'),
    }),
  },
  S39: {
    'what is more than its length is dropped, and the connection closes': says({
      sent: GET + NEXT,
      answers: ['200 OK\nContent-Length: 5\nbody "hello world"'],
      events: ['request GET / HTTP/1.1', 'end', 'app-fault RESPONSE_TOO_LONG', 'closed'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 5', '', 'hello'),
    }),
    'what is less closes it': says({
      sent: GET + NEXT,
      answers: ['200 OK\nContent-Length: 10\nbody "hello"'],
      events: ['request GET / HTTP/1.1', 'end', 'app-fault RESPONSE_TOO_SHORT', 'closed'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 10', '', 'hello'),
    }),
  },
  S43: {
    'GET and HEAD are for every app': says({
      sent: GET + HEAD_REQUEST,
      answers: ['200 OK\nbody "hello"', '200 OK\nbody "hello"'],
      events: ['request GET / HTTP/1.1', 'end', 'request HEAD / HTTP/1.1', 'end', 'idle'],
    }),
  },
  S46: {
    'HEAD has no content, whatever the app writes': says({
      sent: HEAD_REQUEST + NEXT,
      answers: ['200 OK\npiece "hello"\npiece "world"\nend', '200 OK\nbody "next"'],
      wire: lines('HTTP/1.1 200 OK', '', 'HTTP/1.1 200 OK', 'Content-Length: 4', '', 'next'),
    }),
    'nor has the refusal of one': says({
      sent: HEAD_REQUEST,
      answers: ['fail'],
      wire: /^HTTP\/1\.1 500 Internal Server Error\r\n[^]*\r\nContent-Length: [1-9][^]*\r\n\r\n$/,
    }),
    'also of one that cannot be read': says({
      sent: NEXT + head('HEAD / HTTP/1.1', 'Host: a b'),
      answers: ['200 OK\nbody ""'],
      events: ['request GET /next HTTP/1.1', 'end', 'fault HOST_INVALID 400'],
      wire: /\r\n\r\nHTTP\/1\.1 400 Bad Request\r\n[^]*\r\nContent-Length: [1-9][^]*\r\n\r\n$/,
    }),
    'but that of another method has': says({
      sent: head('HEADS / HTTP/1.1', 'Host: a b'),
      wire: /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n400 Bad Request\n/,
    }),
  },
  S47: {
    'HEAD has the fields of GET': says({
      sent: HEAD_REQUEST,
      answers: ['200 OK\nContent-Type: text/html\nETag: "x"\nVary: Accept\nbody "hello"'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Type: text/html', 'ETag: "x"', 'Vary: Accept', 'Content-Length: 5', '', ''),
    }),
  },
  S48: {
    'an origin server opens no tunnel': says({
      sent: head('CONNECT h:80 HTTP/1.1', 'Host: h:80'),
      wire: /^HTTP\/1\.1 405 Method Not Allowed\r\n/,
    }),
    'where tunnels are opened, no answer of an app is taken for one': () => {
      const wire = new Wire({ allowsConnect: true }, [answerOf('200 OK\nbody ""')]);
      assert.throws(() => wire.receive(Buffer.from(head('CONNECT h:80 HTTP/1.1', 'Host: h:80'))), {
        code: 'CONNECT_NOT_TAKEN',
      });
    },
  },
  S52: {
    'HTTP/1.0 gets no early hints': says({
      sent: GET_1_0,
      answers: ['inform 103 Link: </a.css>\n200 OK\nbody ""'],
      wire: lines('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close', '', ''),
    }),
  },
  S58: {
    'our 405 says what is allowed': says({
      sent: head('CONNECT h:80 HTTP/1.1', 'Host: h:80'),
      wire: /\r\nAllow: (?:[A-Z]+, )+[A-Z]+\r\n/,
    }),
  },
  S83: {
    '205 has no content': says({
      sent: GET + GET,
      answers: ['205 Reset Content\nContent-Length: 4\nbody "text"', '205 Reset Content\npiece "text"\nend'],
      wire: lines(
        'HTTP/1.1 205 Reset Content',
        'Content-Length: 0',
        '',
        'HTTP/1.1 205 Reset Content',
        'Content-Length: 0',
        '',
        '',
      ),
    }),
  },
};
