// requests.ts: the rules about what a client sends: how it is read, and what is refused.

import { chunked, GET, head, NEXT, post, refuses, says, type Checks } from './checks.ts';

/** A request whose field line is this one. */
function getWith(...lines: readonly string[]): string {
  return head('GET / HTTP/1.1', 'Host: a', ...lines);
}

function getOf(target: string): string {
  return head(`GET ${target} HTTP/1.1`, 'Host: a');
}

function hostOf(value: string): string {
  return head('GET / HTTP/1.1', `Host: ${value}`);
}

export const REQUESTS: Checks = {
  M01: {
    'obs-text in a value comes as the octets that it is': says({
      sent: getWith('X: caf\xc3\xa9 \x80\xff'),
      events: ['request GET / HTTP/1.1', 'field Host: a', 'field X: caf\\xc3\\xa9 \\x80\\xff', 'end'],
    }),
  },
  M02: {
    'a bare CR is refused: in a value, in a name, in front of one': refuses(
      400,
      'FIELD_INVALID',
      getWith('Foo: a\rBar: b'),
      getWith('Foo: a\r\rBar: b'),
      getWith('Fo\ro: a'),
      getWith('\rFoo: a'),
    ),
    'a bare CR is refused in the target': refuses(400, 'TARGET_INVALID', getOf('/a\rb')),
    'a bare CR is refused in a chunk line': refuses(400, 'CHUNK_INVALID', chunked('5\rX\r\nhello\r\n0\r\n\r\n')),
  },
  M03: {
    'an empty line in front of a request is passed over': says({
      sent: `\r\n${GET}`,
      events: ['request GET / HTTP/1.1', 'end'],
    }),
  },
  M04: {
    'white space in front of the first field is refused': refuses(
      400,
      'FIELD_INVALID',
      head('GET / HTTP/1.1', ' X: y', 'Host: a'),
      head('GET / HTTP/1.1', '\tX: y', 'Host: a'),
      head('GET / HTTP/1.1', ' ', 'Host: a'),
    ),
  },
  M05: {
    'a TLS greeting, random bytes and an SSH banner are told so': refuses(
      400,
      'REQUEST_LINE_INVALID',
      '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
      '\xde\xad\xbe\xef\x01\x02\x03\x04',
      'SSH-2.0-OpenSSH_9.6\r\n',
      '{"json": true}\r\n',
    ),
  },
  M06: {
    'a line that ends in LF alone is refused: a request has one reading': refuses(
      400,
      'REQUEST_LINE_INVALID',
      'GET / HTTP/1.1\nHost: a\n\n',
    ),
    'and so is a field line': refuses(400, 'FIELD_INVALID', 'GET / HTTP/1.1\r\nHost: a\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\n'),
  },
  M08: {
    'a method longer than any is refused before its end': refuses(400, 'REQUEST_LINE_INVALID', 'M'.repeat(4_096)),
  },
  M09: {
    'a target longer than the limit': refuses(414, 'REQUEST_LINE_TOO_LONG', getOf(`/${'a'.repeat(8_190)}`)),
  },
  M10: {
    'a request line of 8000 octets is read': says({
      sent: getOf(`/${'a'.repeat(8_000 - 'GET / HTTP/1.1'.length)}`),
      events: [`request GET /${'a'.repeat(7_986)} HTTP/1.1`, 'end'],
    }),
  },
  M11: {
    'a request line has single spaces': refuses(
      400,
      'REQUEST_LINE_INVALID',
      head('GET  / HTTP/1.1', 'Host: a'),
      head('GET /  HTTP/1.1', 'Host: a'),
      head('GET\t/ HTTP/1.1', 'Host: a'),
      head(' GET / HTTP/1.1', 'Host: a'),
      head('GET / HTTP/1.1 ', 'Host: a'),
    ),
    'and no other white space': refuses(
      400,
      'TARGET_INVALID',
      head('GET /\tHTTP/1.1', 'Host: a'),
      head('GET /\x0bHTTP/1.1', 'Host: a'),
      head('GET \t/ HTTP/1.1', 'Host: a'),
    ),
  },
  M12: {
    'a space in a target is not mended': refuses(400, 'REQUEST_LINE_INVALID', getOf('/a b'), getOf('/ HTTP/1.1'), getOf('')),
    'nor is a byte that no URI holds': refuses(400, 'TARGET_INVALID', getOf('/\xe9'), getOf('/a#b')),
  },
  M13: {
    'HTTP/1.1 without Host': refuses(400, 'HOST_MISSING', head('GET / HTTP/1.1'), head('GET http://a/ HTTP/1.1')),
  },
  M14: {
    'two Hosts, equal or not, in either version': refuses(
      400,
      'FIELD_REPEATED',
      head('GET / HTTP/1.1', 'Host: a', 'Host: b'),
      head('GET / HTTP/1.1', 'Host: a', 'host: a'),
      head('GET / HTTP/1.1', 'Host:', 'Host: a'),
      head('GET / HTTP/1.0', 'Host: a', 'Host: a'),
      head('GET http://c/ HTTP/1.1', 'Host: a', 'Host: b'),
    ),
  },
  M15: {
    'a Host that is none': refuses(
      400,
      'HOST_INVALID',
      ...['a b', 'a/b', '[::1', '::1', 'a:b', '{', '\xff', 'user@h', 'a, b', ':80', 'a:65536', 'http://a'].map(hostOf),
    ),
  },
  M16: {
    'an empty Host is one': says({ sent: hostOf(''), events: ['request GET / HTTP/1.1', 'field Host:', 'end'] }),
  },
  M17: {
    'a target may be absolute': says({
      sent: head('GET http://h/p?q HTTP/1.1', 'Host: h'),
      events: ['request GET http://h/p?q HTTP/1.1', 'path /p?q', 'end'],
    }),
  },
  M18: {
    'the authority of an absolute target takes the place of Host': says({
      sent: head('GET http://one:81/ HTTP/1.1', 'A: b', 'Host: two', 'C: d'),
      events: ['request GET http://one:81/ HTTP/1.1', 'field A: b', 'field Host: one:81', 'field C: d', 'end'],
    }),
  },
  M19: {
    'CONNECT to no port, or to none that there is': refuses(
      400,
      'TARGET_INVALID',
      ...['h', 'h:', 'h:x', 'h:65536', ':80', '/', '*', 'http://h:80'].map((target) =>
        head(`CONNECT ${target} HTTP/1.1`, 'Host: h'),
      ),
    ),
    'an authority is for CONNECT only': refuses(400, 'TARGET_INVALID', getOf('h:80'), getOf('[::1]:80')),
  },
  M20: {
    'an asterisk is for OPTIONS only': refuses(400, 'TARGET_INVALID', getOf('*'), head('POST * HTTP/1.1', 'Host: a')),
    'and stands alone': refuses(
      400,
      'TARGET_INVALID',
      head('OPTIONS ** HTTP/1.1', 'Host: a'),
      head('OPTIONS *?a HTTP/1.1', 'Host: a'),
    ),
    'OPTIONS * is read as it is': says({
      sent: head('OPTIONS * HTTP/1.1', 'Host: a'),
      events: ['request OPTIONS * HTTP/1.1', 'path *', 'end'],
    }),
  },
  M22: {
    'white space in front of a colon': refuses(
      400,
      'FIELD_INVALID',
      head('GET / HTTP/1.1', 'Host : a'),
      getWith('X\t: b'),
      post('Content-Length : 5') + 'hello',
    ),
  },
  M23: {
    'white space around a value is not part of it': says({
      sent: getWith('X: \t a \t', 'Y:b', 'Z:\t\t', 'W: a \t b'),
      events: ['request GET / HTTP/1.1', 'field Host: a', 'field X: a', 'field Y: b', 'field Z:', 'field W: a \\t b', 'end'],
    }),
    'but what is no OWS is': says({
      sent: getWith('X: \xa0a\x85'),
      events: ['request GET / HTTP/1.1', 'field Host: a', 'field X: \\xa0a\\x85', 'end'],
    }),
  },
  M24: {
    'a folded line': refuses(
      400,
      'FIELD_INVALID',
      getWith('X: a\r\n b'),
      getWith('X: a\r\n\tb'),
      getWith('X:\r\n b'),
      post('Transfer-Encoding:\r\n chunked'),
      chunked('0\r\nX: a\r\n b\r\n\r\n'),
    ),
  },
  M26: {
    'chunks of one byte each': says({
      sent: chunked('1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n') + NEXT,
      answers: ['200 OK\nbody ""'],
      events: ['request POST / HTTP/1.1', 'chunked', 'data "abc"', 'end', 'request GET /next HTTP/1.1', 'end'],
    }),
  },
  M29: {
    'a coding that is not understood': refuses(
      501,
      'CODING_UNKNOWN',
      post('Transfer-Encoding: gzip, chunked') + '0\r\n\r\n',
      post('Transfer-Encoding: blegh') + '0\r\n\r\n',
      post('Transfer-Encoding: xchunked') + '0\r\n\r\n',
    ),
  },
  M31: {
    'a length and chunked in one request, in either order': refuses(
      400,
      'LENGTH_AND_CODING',
      post('Transfer-Encoding: chunked', 'Content-Length: 5') + '0\r\n\r\n',
      post('Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      post('Content-Length: 0', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    ),
  },
  M32: {
    'HTTP/1.0 has no transfer codings': refuses(
      400,
      'CODING_INVALID',
      head('POST / HTTP/1.0', 'Transfer-Encoding: chunked', 'Connection: keep-alive') + '0\r\n\r\n',
    ),
  },
  M34: {
    'chunked is the last coding': refuses(
      400,
      'CODING_INVALID',
      ...['chunked, gzip', 'identity', 'gzip', 'chunked, chunked', 'chunked, identity'].map((codings) =>
        post(`Transfer-Encoding: ${codings}`),
      ),
      post('Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'),
    ),
  },
  M35: {
    'a length that is no number': refuses(
      400,
      'LENGTH_INVALID',
      ...['-1', '+1', '0x1', '1 1', '', '1,2', '1e1', '1_0', '99999999999999999999', '1.0', '5;', '"5"', '\xb2', ' 5 5 '].map(
        (value) => post(`Content-Length: ${value}`),
      ),
    ),
  },
  M36: {
    'equal lengths are refused like different ones': refuses(
      400,
      'LENGTH_INVALID',
      post('Content-Length: 5, 5') + 'hello',
      post('Content-Length: 5, 6') + 'hello',
      post('Content-Length: 5', 'Content-Length: 5') + 'hello',
      post('Content-Length: 5', 'Content-Length: 6') + 'hello',
    ),
  },
  M37: {
    'a POST without a length has no body': says({
      sent: post() + NEXT,
      answers: ['200 OK\nbody ""'],
      events: ['request POST / HTTP/1.1', 'length 0', 'end', 'request GET /next HTTP/1.1', 'end'],
    }),
  },
  M38: {
    'a body of which the client leaves out the end': says({
      sent: post('Content-Length: 10') + 'hello',
      endsSending: true,
      events: ['request POST / HTTP/1.1', 'length 10', 'data "hello"', 'fault BODY_INCOMPLETE 400'],
      wire: /\r\nConnection: close\r\n/,
    }),
    'and chunks without the last one': says({
      sent: chunked('5\r\nhello\r\n'),
      endsSending: true,
      events: ['request POST / HTTP/1.1', 'data "hello"', 'fault BODY_INCOMPLETE 400'],
    }),
    'and chunks whose end is not all there': says({
      sent: chunked('5\r\nhello\r\n0\r\n'),
      endsSending: true,
      events: ['request POST / HTTP/1.1', 'data "hello"', 'fault BODY_INCOMPLETE 400'],
    }),
  },
  M40: {
    'chunked in any case': says({
      sent: post('transfer-ENCODING: ChUnKeD') + '2\r\nhi\r\n0\r\n\r\n',
      events: ['request POST / HTTP/1.1', 'chunked', 'data "hi"', 'end'],
    }),
  },
  M41: {
    'a chunk size that no number holds': refuses(
      400,
      'CHUNK_INVALID',
      ...['1ffffffffffffffff', 'fffffffffffffffe', '20000000000000', '10000000000000005', '00000000000000005'].map((size) =>
        chunked(`${size}\r\nhello\r\n`),
      ),
    ),
    'a chunk that is larger than a body may be': refuses(
      413,
      'BODY_TOO_LARGE',
      chunked('80000000\r\nhello'),
      chunked('1fffffffffffff\r\n'),
    ),
    'chunks that are so together': refuses(413, 'BODY_TOO_LARGE', chunked('1\r\nx\r\n40000000\r\n')),
    'zeros in front of a size': says({
      sent: chunked('0000000000000005\r\nhello\r\n000\r\n\r\n'),
      events: ['request POST / HTTP/1.1', 'data "hello"', 'end'],
    }),
  },
  M42: {
    'something else than CRLF behind chunk data': refuses(
      400,
      'CHUNK_INVALID',
      ...[
        'hello0\r\n\r\n',
        'hello\n0\r\n\r\n',
        'hello\r0\r\n\r\n',
        'helloXX0\r\n\r\n',
        'hello \r\n0\r\n\r\n',
        'hello!\r\n0\r\n\r\n',
      ].map((data) => chunked(`5\r\n${data}`)),
    ),
  },
  M43: {
    'a parameter of chunked': refuses(501, 'CODING_UNKNOWN', post('Transfer-Encoding: chunked;a=b') + '0\r\n\r\n'),
  },
  M44: {
    'chunk extensions are passed over': says({
      sent: chunked('5;a=b;c="d;e\\"f"\r\nhello\r\n0;x\r\n\r\n'),
      events: ['request POST / HTTP/1.1', 'data "hello"', 'end'],
    }),
    'a line end in a quoted string is the end of no string': refuses(
      400,
      'CHUNK_INVALID',
      chunked('5;a="\r\nhello\r\n0\r\n\r\n"'),
      chunked('5;a="\n"\r\nhello\r\n0\r\n\r\n'),
    ),
  },
  M45: {
    'an extension that is too long': refuses(400, 'CHUNK_INVALID', chunked(`5;${'a'.repeat(4_096)}\r\nhello\r\n0\r\n\r\n`)),
    'extensions that are too long together': refuses(
      400,
      'CHUNK_INVALID',
      chunked(`1;${'a'.repeat(4_000)}\r\nx\r\n`.repeat(5) + '0\r\n\r\n'),
    ),
  },
  M46: {
    'trailers are kept apart from the head': says({
      sent: chunked('0\r\nAuthorization: x\r\nX: y\r\n\r\n'),
      events: [
        'request POST / HTTP/1.1',
        'field Host: a',
        'field Transfer-Encoding: chunked',
        'end',
        'trailer Authorization: x',
        'trailer X: y',
      ],
    }),
    'a trailer that would change where a message ends, or whose it is': refuses(
      400,
      'CHUNK_INVALID',
      chunked('0\r\nHost: b\r\n\r\n'),
      chunked('0\r\nContent-Length: 5\r\n\r\n'),
      chunked('0\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ),
  },
  M47: {
    'something else behind a chunk size': refuses(
      400,
      'CHUNK_INVALID',
      ...[
        '5 x',
        '5x',
        '0x5',
        '+5',
        '-5',
        '5\n',
        '5\r\r\n',
        '',
        ' 5',
        '5 ',
        ';',
        '5;',
        '5;;a',
        '5;a=',
        '5;=b',
        '5 \t',
        '5.0',
        '5_0',
        '\uff15',
      ].map((line) => chunked(`${line}\r\nhello\r\n0\r\n\r\n`)),
    ),
  },
  M54: {
    'nothing behind a request with close is processed': says({
      sent: head('GET / HTTP/1.1', 'Host: a', 'Connection: close') + NEXT,
      answers: ['200 OK\nbody "one"', '200 OK\nbody "two"'],
      events: ['request GET / HTTP/1.1', 'closes', 'end', 'closed'],
      wire: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\none',
    }),
  },
  M61: {
    'what has two readings is read by nobody': refuses(
      400,
      'LENGTH_AND_CODING',
      post('Content-Length: 35', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      post('Transfer-Encoding: chunked', 'Content-Length: 4') + '1e\r\n',
    ),
    'nor is a field that only looks like framing taken for it': says({
      sent: post('Content-Length: 5', 'Transfer_Encoding: chunked', 'Content_Length: 0', 'X-Content-Length: 9') + `hello${NEXT}`,
      answers: ['200 OK\nbody ""'],
      events: ['request POST / HTTP/1.1', 'length 5', 'data "hello"', 'end', 'request GET /next HTTP/1.1', 'end'],
    }),
  },
  S02: {
    'a later minor version is read as ours': says({
      sent: head('GET / HTTP/1.2', 'Host: a'),
      events: ['request GET / HTTP/1.2', 'persists', 'end'],
    }),
  },
  S03: {
    'another major version': refuses(
      505,
      'VERSION_UNSUPPORTED',
      ...['2.0', '3.0', '0.9'].map((version) => head(`GET / HTTP/${version}`, 'Host: a')),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ),
    'what is no version': refuses(
      400,
      'REQUEST_LINE_INVALID',
      ...[
        'HTTP/1.10',
        'HTTP/1',
        'HTTP/11',
        'HTTP/1.',
        'HTTP/1,1',
        'http/1.1',
        'HTTP 1.1',
        'HTTP/01.1',
        'HTTPS/1.1',
        'RTSP/1.0',
      ].map((version) => head(`GET / ${version}`, 'Host: a')),
    ),
  },
  S04: {
    'field names in any case': says({
      sent: head('POST / HTTP/1.1', 'hOsT: a', 'CONTENT-length: 5', 'cONNECTION: ClOsE') + 'hello',
      events: ['request POST / HTTP/1.1', 'length 5', 'closes', 'data "hello"', 'end'],
    }),
  },
  S05: {
    'fields that nobody knows': says({
      sent: getWith('X-Anything: 1', "!#$%&'*+-.^_`|~09: 2"),
      events: ['request GET / HTTP/1.1', 'field Host: a', 'field X-Anything: 1', "field !#$%&'*+-.^_`|~09: 2", 'end'],
    }),
  },
  S06: {
    'lines of one name keep their order': says({
      sent: getWith('X-A: 1', 'Y: 2', 'x-a: 3', 'X-A: 1'),
      events: ['request GET / HTTP/1.1', 'field Host: a', 'field X-A: 1', 'field Y: 2', 'field x-a: 3', 'field X-A: 1', 'end'],
    }),
  },
  S08: {
    'a head is no request before its last byte': says({ sent: GET.slice(0, -1), events: ['need-data'] }),
    'nor is one of which the client leaves out the end': says({
      sent: GET.slice(0, -1),
      endsSending: true,
      events: ['fault HEAD_INCOMPLETE 400'],
    }),
  },
  S09: {
    'a field that is too long': says({
      settings: { headBytesMax: 1_000 },
      sent: getWith(`X: ${'a'.repeat(1_000)}`),
      events: ['fault HEAD_TOO_LARGE 431'],
    }),
    'too many fields': refuses(431, 'FIELDS_TOO_MANY', getWith(...Array.from({ length: 40 }, (_, index) => `X-${index}: y`))),
  },
  S10: {
    'CR, LF and NUL in a value': refuses(400, 'FIELD_INVALID', getWith('X: a\0b'), getWith('X: a\rb'), getWith('X: a\nb')),
  },
  S11: {
    'any other control in a value': refuses(
      400,
      'FIELD_INVALID',
      ...['\x01', '\x07', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f'].map((control) => getWith(`X: a${control}b`)),
    ),
  },
  S12: {
    'empty elements of a list are ignored': says({
      sent: getWith('Connection: ,, close ,'),
      events: ['request GET / HTTP/1.1', 'closes', 'end'],
    }),
    'but not where they could hide a coding: docs/decisions/0006': refuses(
      400,
      'CODING_INVALID',
      post('Transfer-Encoding: , chunked') + '0\r\n\r\n',
      post('Transfer-Encoding: chunked,') + '0\r\n\r\n',
    ),
  },
  S13: {
    'a name that is no token': refuses(
      400,
      'FIELD_INVALID',
      getWith('Fo@o: x'),
      getWith('F\xf6o: x'),
      getWith(': x'),
      getWith('(X): y'),
    ),
    'a method that is none': refuses(
      400,
      'REQUEST_LINE_INVALID',
      head('G@T / HTTP/1.1', 'Host: a'),
      head('G\xc9T / HTTP/1.1', 'Host: a'),
      head('"GET" / HTTP/1.1', 'Host: a'),
    ),
  },
  S14: {
    'white space around the parts of a chunk extension': says({
      sent: chunked('5 ;a = b\t; c\t=\t"d"\r\nhello\r\n0\r\n\r\n'),
      events: ['request POST / HTTP/1.1', 'data "hello"', 'end'],
    }),
  },
  S19: {
    'a trailer says nothing of the message that it ends': says({
      sent: chunked('2\r\nhi\r\n0\r\nContent-Type: text/html\r\nConnection: close\r\nExpect: x\r\n\r\n') + NEXT,
      answers: ['200 OK\nbody ""'],
      events: [
        'request POST / HTTP/1.1',
        'field Host: a',
        'field Transfer-Encoding: chunked',
        'persists',
        'data "hi"',
        'end',
        'trailer Content-Type: text/html',
        'trailer Connection: close',
        'trailer Expect: x',
        'request GET /next HTTP/1.1',
        'end',
      ],
    }),
  },
  S22: {
    'a request for https in clear': refuses(421, 'MISDIRECTED', getOf('https://h/'), getOf('HTTPS://h')),
    'is read on a secure connection': says({
      settings: { isSecure: true },
      sent: getOf('https://h/'),
      events: ['request GET https://h/ HTTP/1.1', 'field Host: h', 'end'],
    }),
  },
  S27: {
    'path and query are left as they are': says({
      sent: getOf('/a%2Fb/../c;d?e=%20&f'),
      events: ['request GET /a%2Fb/../c;d?e=%20&f HTTP/1.1', 'path /a%2Fb/../c;d?e=%20&f', 'end'],
    }),
  },
  S38: {
    'a length that no number holds exactly': refuses(413, 'BODY_TOO_LARGE', post('Content-Length: 9007199254740993')),
    'and one of twenty digits': refuses(400, 'LENGTH_INVALID', post('Content-Length: 18446744073709551616')),
  },
  S45: {
    'get is not GET': says({ sent: head('get / HTTP/1.1', 'Host: a'), events: ['request get / HTTP/1.1', 'end'] }),
  },
  S51: {
    'HTTP/1.0 is told no 100': says({
      sent: head('POST / HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 5'),
      answers: ['200 OK\nbody ""'],
      events: ['request POST / HTTP/1.0', 'length 5', 'expects nothing', 'need-data'],
      wire: '',
    }),
  },
  S53: {
    'who waits is told to go on when the app reads': says({
      sent: post('Expect: 100-continue', 'Content-Length: 5'),
      answers: ['200 OK\nbody ""'],
      events: ['request POST / HTTP/1.1', 'expects 100', 'need-data'],
      wire: 'HTTP/1.1 100 Continue\r\n\r\n',
    }),
    'or gets his answer at once when it does not': says({
      sent: post('Expect: 100-continue', 'Content-Length: 5'),
      answers: ['at request\n403 Forbidden\nbody "no"'],
      events: ['request POST / HTTP/1.1', 'closed'],
      wire: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno',
    }),
  },
  S54: {
    'no 100 when the body is here': says({
      sent: post('Expect: 100-continue', 'Content-Length: 5') + 'hello',
      answers: ['200 OK\nbody ""'],
      wire: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    }),
    'nor when there is none': says({
      sent: getWith('Expect: 100-continue'),
      answers: ['200 OK\nbody ""'],
      wire: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    }),
  },
  S55: {
    'an answer before the body says close': says({
      settings: { bodyBytesMax: 4 },
      sent: post('Expect: 100-continue', 'Content-Length: 5'),
      events: ['fault BODY_TOO_LARGE 413'],
      wire: /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/,
    }),
    'or the body is read on': says({
      sent: `${post('Content-Length: 5')}hello${NEXT}`,
      answers: ['at request\n403 Forbidden\nbody "no"'],
      events: ['request POST / HTTP/1.1', 'request GET /next HTTP/1.1', 'end'],
      wire: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno',
    }),
  },
  S56: {
    'an expectation that we do not know': refuses(
      417,
      'EXPECTATION_UNKNOWN',
      ...['foo', '100-continue, foo', '100-continue=1', '"100-continue"'].map((value) =>
        post(`Expect: ${value}`, 'Content-Length: 5'),
      ),
    ),
  },
  S57: {
    'an expectation in any case': says({
      sent: post('Expect: 100-Continue', 'Content-Length: 5'),
      events: ['request POST / HTTP/1.1', 'expects 100', 'need-data'],
    }),
  },
  S85: {
    'a body over the limit closes the connection': says({
      settings: { bodyBytesMax: 4 },
      sent: post('Content-Length: 5') + 'hello',
      events: ['fault BODY_TOO_LARGE 413'],
      wire: /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/,
    }),
    'and so do chunks': says({
      settings: { bodyBytesMax: 4 },
      sent: chunked('3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'),
      events: ['request POST / HTTP/1.1', 'data "hel"', 'fault BODY_TOO_LARGE 413'],
      wire: /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/,
    }),
  },
  S87: {
    'a method has its limit while it is on its way': refuses(400, 'REQUEST_LINE_INVALID', 'M'.repeat(65)),
    'a line': refuses(414, 'REQUEST_LINE_TOO_LONG', `GET /${'a'.repeat(8_200)}`),
    'a name': says({
      settings: { headBytesMax: 1_000 },
      sent: `GET / HTTP/1.1\r\n${'n'.repeat(1_000)}`,
      events: ['fault HEAD_TOO_LARGE 431'],
    }),
    'a value': says({
      settings: { headBytesMax: 1_000 },
      sent: `GET / HTTP/1.1\r\nX: ${'v'.repeat(1_000)}`,
      events: ['fault HEAD_TOO_LARGE 431'],
    }),
    'a chunk line': refuses(400, 'CHUNK_INVALID', chunked(`5;${'a'.repeat(5_000)}`)),
    'a trailer section': refuses(431, 'HEAD_TOO_LARGE', chunked(`0\r\nX: ${'v'.repeat(9_000)}`)),
    'empty lines': refuses(400, 'REQUEST_LINE_INVALID', '\r\n'.repeat(100)),
  },
  S88: {
    'userinfo in a target': refuses(400, 'TARGET_INVALID', getOf('http://u:p@h/'), getOf('http://u@h'), getOf('http://@h/')),
  },
  S89: {
    'the host that a request is for is the one of its target': says({
      sent: head('GET http://effective/ HTTP/1.1', 'Host: other'),
      events: ['request GET http://effective/ HTTP/1.1', 'field Host: effective', 'end'],
    }),
  },
};
