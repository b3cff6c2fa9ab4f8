// Requests as attackers, old clients and the tests of other parsers send them, each with the verdict that RFC 9110 and RFC 9112 give.
//
// A verdict is what the engine hears: `GET /path` of each request, `at` its host where that is not a, its body as JSON, `closes` where an
// HTTP/1.1 client does not let the connection be used again, `keeps` where an HTTP/1.0 client does; `...` where more of it is waited
// for; `400 CODE` of a fault. Requests are answered with 200 at their end, so that what comes behind them is read.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSameHoweverCut, play } from '../../support/conversation.ts';
import type { Answer, Wire } from '../../support/wire.ts';

type Row = readonly [what: string, sent: string, verdict: string];

/** Lines, each with its CRLF, and the empty one behind them. */
function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function get(target: string, ...lines: readonly string[]): string {
  return head(`GET ${target} HTTP/1.1`, 'Host: a', ...lines);
}

function post(...lines: readonly string[]): string {
  return head('POST / HTTP/1.1', 'Host: a', ...lines);
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked') + body;
}

const NEXT = get('/next');
/** What attackers want to be a request. */
const SMUGGLED = get('/smuggled');

const CLIENTS: readonly Row[] = [
  [
    'curl',
    head(
      'GET /test HTTP/1.1',
      'User-Agent: curl/7.18.0 (i486-pc-linux-gnu) libcurl/7.18.0 OpenSSL/0.9.8g zlib/1.2.3.3 libidn/1.1',
      'Host: 0.0.0.0:5000',
      'Accept: */*',
    ),
    'GET /test at 0.0.0.0:5000',
  ],
  [
    'a Host with a typing error that is a name all the same',
    head('GET /test HTTP/1.1', 'Host: 0.0.0.0=5000'),
    'GET /test at 0.0.0.0=5000',
  ],
  [
    'Firefox of old',
    get(
      '/favicon.ico',
      'User-Agent: Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.9) Gecko/2008061015 Firefox/3.0',
      'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7',
      'Keep-Alive: 300',
      'Connection: keep-alive',
    ),
    'GET /favicon.ico',
  ],
  ['ab', head('GET /test HTTP/1.0', 'Host: 0.0.0.0:5000', 'User-Agent: ApacheBench/2.3'), 'GET /test at 0.0.0.0:5000'],
  ['ab -k', head('GET /test HTTP/1.0', 'Connection: Keep-Alive', 'Host: 0.0.0.0:5000'), 'GET /test at 0.0.0.0:5000 keeps'],
  ['telnet', 'GET / HTTP/1.0\r\n\r\n', 'GET /'],
  ['a line of plus signs', get('/silly', 'aaaaaaaaaaaaa:++++++++++'), 'GET /silly'],
  ['quotes in a target', get('/with_"stupid"_quotes?foo="bar"'), 'GET /with_"stupid"_quotes?foo="bar"'],
  ['a query with a second question mark', get('/test.cgi?foo=bar?baz'), 'GET /test.cgi?foo=bar?baz'],
  ['a path of dots', get('/../../etc/passwd'), 'GET /../../etc/passwd'],
  [
    'a target like those of Outlook',
    get("/exchange/a/b.EML/1_multipart_xF8FF_2_a.pdf/C58EA28C?x='y'"),
    "GET /exchange/a/b.EML/1_multipart_xF8FF_2_a.pdf/C58EA28C?x='y'",
  ],
  ['brackets in a query, as PHP has them', get('/?a[]=1&a[]=2'), 'GET /?a[]=1&a[]=2'],
  ['a path with parameters', get('/a;v=1.1;b,c/d@e:f'), 'GET /a;v=1.1;b,c/d@e:f'],
  ['a cookie with odd bytes', get('/', 'Cookie: a="b; c\\"; d={"e":1}; f=\xe9'), 'GET /'],
  ['an empty cookie', get('/', 'Cookie:', 'Origin: http://example.org'), 'GET /'],
  [
    'a WebSocket of 2010, with eight bytes that no length announces',
    get('/demo', 'Connection: Upgrade', 'Upgrade: WebSocket', 'Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5') + '^n:ds[4U',
    'GET /demo · 400 REQUEST_LINE_INVALID',
  ],
  [
    'a WebSocket of today',
    get(
      '/chat',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ),
    'GET /chat',
  ],
  [
    'an Upgrade with a body',
    post('Connection: Upgrade', 'Upgrade: HTTP/2.0', 'Content-Length: 15') + 'sweet post body' + NEXT,
    'POST / "sweet post body" · GET /next',
  ],
];

const METHODS: readonly Row[] = [
  ...[
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'REPORT',
    'MKACTIVITY',
    'PURGE',
    'LINK',
    'QUERY',
    'M-SEARCH',
    'BASELINE-CONTROL',
  ].map((method): Row => [`${method} is a method like any other`, head(`${method} /x HTTP/1.1`, 'Host: a'), `${method} /x`]),
  ['every tchar', head("!#$%&'*+-.^_`|~09AZaz / HTTP/1.1", 'Host: a'), "!#$%&'*+-.^_`|~09AZaz /"],
  ['a method of one letter', head('X / HTTP/1.1', 'Host: a'), 'X /'],
  ['the methods of another case', head('Get / HTTP/1.1', 'Host: a'), 'Get /'],
  ['a colon', head('bla:rgh / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a comma', head('GET,POST / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a slash', head('GET/ / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a byte above ASCII', head('G\xcbT / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['NUL', head('GE\0T / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['quotation marks', head('"GET" / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a byte order mark in front', `\xef\xbb\xbf${get('/')}`, '400 REQUEST_LINE_INVALID'],
  ['a colon in front, as HTTP/2 has it', head(':method: GET', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['no method', head(' / HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a request of SSDP', head('M-SEARCH * HTTP/1.1', 'HOST: 239.255.255.250:1900', 'MAN: "ssdp:discover"'), '400 TARGET_INVALID'],
  ['a response', head('HTTP/1.1 200 OK', 'Host: a'), '400 REQUEST_LINE_INVALID'],
];

const REQUEST_LINES: readonly Row[] = [
  ['HTTP/0.9', 'GET /\r\n', '400 TARGET_INVALID'],
  ['HTTP/0.9 without a path', 'GET\r\n\r\n', '400 REQUEST_LINE_INVALID'],
  ['no target', head('GET HTTP/1.1', 'Host: a'), '400 TARGET_INVALID'],
  ['another protocol', head('GET / ICE/1.0', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['another protocol that ends in HTTP/1.1', head('GET / XHTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a version too long', head('GET / HTTP/1.1111', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a minor version of two digits', head('GET / HTTP/1.10', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a digit that is one to isdigit()', head('GET / HTTP/1.\xb9', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a sign in the version', head('GET / HTTP/+1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a comma in the version', head('GET / HTTP/1,1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['no slash in the version', head('GET / HTTP1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['mixed case in the version', head('GET / Http/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['HTTP/2.0', head('GET / HTTP/2.0', 'Host: a'), '505 VERSION_UNSUPPORTED'],
  ['HTTP/5.6', head('GET / HTTP/5.6', 'Host: a'), '505 VERSION_UNSUPPORTED'],
  ['HTTP/0.9 by name', head('GET / HTTP/0.9', 'Host: a'), '505 VERSION_UNSUPPORTED'],
  ['HTTP/2', head('GET / HTTP/2', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505 VERSION_UNSUPPORTED'],
  ['the preface of HTTP/2 with another version', 'PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n', '400 TARGET_INVALID'],
  ['HTTP/1.9', head('GET / HTTP/1.9', 'Host: a'), 'GET /'],
  ['HTTP/1.9 without Host', head('GET / HTTP/1.9'), '400 HOST_MISSING'],
  ['two versions', head('GET / HTTP/1.1 HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a second request line as target', head('GET /a HTTP/1.1 /b HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a space behind the version', head('GET / HTTP/1.1 ', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a vertical tab as space', head('GET\x0b/ HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a form feed as space', head('GET /\x0cHTTP/1.1', 'Host: a'), '400 TARGET_INVALID'],
  ['0xA0 as space', head('GET\xa0/ HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a bare CR as space', head('GET\r/ HTTP/1.1', 'Host: a'), '400 REQUEST_LINE_INVALID'],
  ['a bare CR in front of CRLF', 'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n', '400 REQUEST_LINE_INVALID'],
  ['LF and CR the wrong way round', 'GET / HTTP/1.1\n\rHost: a\n\r\n\r', '400 REQUEST_LINE_INVALID'],
  ['LF alone', 'GET / HTTP/1.1\nHost: a\r\n\r\n', '400 REQUEST_LINE_INVALID'],
  ['a line separator of Unicode', 'GET / HTTP/1.1\xe2\x80\xa8Host: a\r\n\r\n', '400 REQUEST_LINE_INVALID'],
  ['NEL', 'GET / HTTP/1.1\x85Host: a\r\n\r\n', '400 REQUEST_LINE_INVALID'],
  ['an empty line in front', `\r\n${get('/')}`, 'GET /'],
  ['an LF in front', `\n${get('/')}`, '400 REQUEST_LINE_INVALID'],
  ['a CR in front', `\r${get('/')}`, '400 REQUEST_LINE_INVALID'],
  ['an empty line with a space', ` \r\n${get('/')}`, '400 REQUEST_LINE_INVALID'],
  ['an empty line between two requests', `${get('/1')}\r\n${get('/2')}`, 'GET /1 · GET /2'],
  [
    'an empty line behind a body, as old browsers send it',
    `${post('Content-Length: 2')}hi\r\n${NEXT}`,
    'POST / "hi" · GET /next',
  ],
  ['empty lines, three in front of each request', `\r\n\r\n\r\n${get('/1')}\r\n\r\n\r\n${get('/2')}`, 'GET /1 · GET /2'],
  ['a PROXY line', `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${get('/')}`, '400 REQUEST_LINE_INVALID'],
  ['a greeting of SMTP', 'EHLO example.org\r\n', '400 TARGET_INVALID'],
  ['JSON', '{"jsonrpc":"2.0"}\r\n', '400 REQUEST_LINE_INVALID'],
  ['the greeting of RDP', '\x03\0\0\x13\x0e\xe0\0\0', '400 REQUEST_LINE_INVALID'],
  ['nothing', '', ''],
];

const TARGETS: readonly Row[] = [
  ['a fragment', get('/forums/1/topics/2375?page=1#posts-17408'), '400 TARGET_INVALID'],
  ['UTF-8', get('/\xce\xb4\xc2\xb6/\xce\xb4t/pope?q=1'), '400 TARGET_INVALID'],
  ['a control', get('/\x1b[31m'), '400 TARGET_INVALID'],
  ['a tab', get('/a\tb'), '400 TARGET_INVALID'],
  ['a space in the query', get('/?a b'), '400 REQUEST_LINE_INVALID'],
  ['an encoded line end', get('/%0d%0aX:%20y'), 'GET /%0d%0aX:%20y'],
  ['an encoded NUL', get('/%00'), 'GET /%00'],
  ['a percent sign without digits', get('/100%'), 'GET /100%'],
  ['two slashes in front', get('//evil/a'), 'GET //evil/a'],
  ['a backslash', get('/\\evil'), 'GET /\\evil'],
  ['a URL behind a slash', get('/http://evil/'), 'GET /http://evil/'],
  ['only a query', get('?a'), '400 TARGET_INVALID'],
  ['no slash', get('a/b'), '400 TARGET_INVALID'],
  ['a dot', get('.'), '400 TARGET_INVALID'],
  ['a star and more', get('*a'), '400 TARGET_INVALID'],
  ['OPTIONS *', head('OPTIONS * HTTP/1.1', 'Host: a'), 'OPTIONS *'],
  ['OPTIONS * from HTTP/1.0', head('OPTIONS * HTTP/1.0'), 'OPTIONS *'],
  ['options *', head('options * HTTP/1.1', 'Host: a'), '400 TARGET_INVALID'],
  ['OPTIONS /*', head('OPTIONS /* HTTP/1.1', 'Host: a'), 'OPTIONS /*'],
  ['absolute', get('http://a/b'), 'GET /b'],
  ['absolute and another Host: the target wins', get('http://b/c'), 'GET /c at b'],
  ['absolute and another port: the target wins', get('http://a:81/'), 'GET / at a:81'],
  ['absolute without a path', get('http://a'), 'GET /'],
  ['absolute with a query only', get('http://hypnotoad.org?hail=all'), 'GET /?hail=all at hypnotoad.org'],
  ['absolute with a port and a query only', get('http://hypnotoad.org:1234?hail=all'), 'GET /?hail=all at hypnotoad.org:1234'],
  ['absolute with an empty query', get('http://a?'), 'GET /?'],
  ['absolute with an underscore', get('http://hypnotoad_mv.com/'), 'GET / at hypnotoad_mv.com'],
  ['absolute with an IPv6 address', get('http://[2001:db8::1]:8080/'), 'GET / at [2001:db8::1]:8080'],
  ['absolute with an empty port', get('http://a:/'), 'GET / at a:'],
  ['absolute with a zone', get('http://[fe80::1%25eth0]/'), '400 HOST_INVALID'],
  ['absolute with a list of ports', get('http://a:80:81/'), '400 HOST_INVALID'],
  ['absolute with a port that there is not', get('http://a:65536/'), '400 HOST_INVALID'],
  ['absolute with userinfo', get('http://a%12:b!&*$@hypnotoad.org:1234/toto'), '400 TARGET_INVALID'],
  ['absolute with an encoded at sign', get('http://a%40b/'), '400 HOST_INVALID'],
  ['absolute with a backslash that browsers take for a slash', get('http://a\\@b/'), '400 TARGET_INVALID'],
  ['absolute with three slashes', get('http:///a'), '400 HOST_INVALID'],
  ['absolute with one slash', get('http:/a'), '400 TARGET_INVALID'],
  ['absolute with a port alone', get('http://:80/'), '400 HOST_INVALID'],
  ['absolute with a fragment', get('http://a/#b'), '400 TARGET_INVALID'],
  ['absolute and https in clear', get('https://a/'), '421 MISDIRECTED'],
  ['absolute and ws', get('ws://a/'), '400 TARGET_INVALID'],
  ['absolute and ftp', get('ftp://a/'), '400 TARGET_INVALID'],
  ['absolute and javascript', get('javascript:alert(1)'), '400 TARGET_INVALID'],
  ['absolute in other case', get('HTTP://A/'), 'GET / at A'],
  ['absolute from HTTP/1.0 without Host', head('GET http://b/ HTTP/1.0'), 'GET / at b'],
  ['absolute without Host', head('GET http://b/ HTTP/1.1'), '400 HOST_MISSING'],
  ['absolute and a Host that is none', head('GET http://b/ HTTP/1.1', 'Host: a b'), '400 HOST_INVALID'],
  ['absolute and an empty Host', head('GET http://b/ HTTP/1.1', 'Host:'), 'GET / at b'],
  ['CONNECT', head('CONNECT home.netscape.com:443 HTTP/1.0', 'User-agent: Mozilla/1.1N') + 'some data', '405 METHOD_REFUSED'],
  ['CONNECT to an address', head('CONNECT [::1]:443 HTTP/1.1', 'Host: [::1]:443'), '405 METHOD_REFUSED'],
  ['CONNECT without a port', head('CONNECT home.netscape.com HTTP/1.0'), '400 TARGET_INVALID'],
  ['CONNECT to a URL', head('CONNECT http://a:443 HTTP/1.1', 'Host: a'), '400 TARGET_INVALID'],
  ['CONNECT as somebody', head('CONNECT b@a:443 HTTP/1.1', 'Host: a'), '400 TARGET_INVALID'],
  ['CONNECT with a path', head('CONNECT a:443/b HTTP/1.1', 'Host: a'), '400 TARGET_INVALID'],
];

function host(value: string): string {
  return head('GET / HTTP/1.1', `Host: ${value}`);
}

const HOSTS: readonly Row[] = [
  ...[
    'a',
    'A.Example.',
    'a:80',
    'a:',
    'a:0',
    'a:65535',
    '127.0.0.1',
    '1.2.3.4.5',
    '[::1]',
    '[::]:1',
    '[::ffff:1.2.3.4]',
    '[v7.a:b]',
    'under_score',
    'xn--nxasmq6b',
  ].map((value): Row => [value, host(value), value === 'a' ? 'GET /' : `GET / at ${value}`]),
  ['nothing', host(''), 'GET / at nobody'],
  ['white space around it', host('\t a \t'), 'GET /'],
  ...[
    'a b',
    'a\tb',
    'a,b c',
    'a/',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'a\\b',
    'a"b',
    '<a>',
    'a|b',
    'a^b',
    'a`b',
    '{a}',
    'http://a',
    'a:b',
    'a:80b',
    'a:0x50',
    'a:-1',
    'a:+80',
    'a: 80',
    'a:80:81',
    'a:65536',
    ':80',
    ':',
    '::1',
    '[::1',
    '[::1]a',
    '[]',
    '[:]',
    '[1:2]',
    '[::g]',
    '[::1%25lo]',
    '[1.2.3.4]',
    '[v.a]',
    'a[::1]',
    'caf\xe9',
    'caf\xc3\xa9',
    '\xff',
    'a%',
    'a%2',
    'a%2f',
    'a%00',
    'a%0d%0ab',
  ].map((value): Row => [`not ${JSON.stringify(value)}`, host(value), '400 HOST_INVALID']),
  ['none', head('GET / HTTP/1.1'), '400 HOST_MISSING'],
  ['none from HTTP/1.0', head('GET / HTTP/1.0'), 'GET /'],
  ['none but one with an underscore', head('GET / HTTP/1.1', 'Ho_st: a'), '400 HOST_MISSING'],
  ['two', head('GET / HTTP/1.1', 'Host: a', 'X: y', 'Host: b'), '400 FIELD_REPEATED'],
  ['two from HTTP/1.0', head('GET / HTTP/1.0', 'Host: a', 'Host: a'), '400 FIELD_REPEATED'],
  ['two in other case', head('GET / HTTP/1.1', 'Host: a', 'hoST: a'), '400 FIELD_REPEATED'],
  ['another one for each request of a connection', host('a') + host('b'), 'GET / · GET / at b'],
  ['one that is folded', head('GET / HTTP/1.1', 'Host:', ' a'), '400 FIELD_INVALID'],
];

const FIELDS: readonly Row[] = [
  ['the name of a pseudo field of HTTP/2', get('/', ':path: /admin'), '400 FIELD_INVALID'],
  ['a name with a colon', get('/', 'X:Y: z'), 'GET /'],
  ['a name in brackets', get('/', 'X[Y]: z'), '400 FIELD_INVALID'],
  ['a name with a slash', get('/', 'X/Y: z'), '400 FIELD_INVALID'],
  ['a name with NUL', get('/', 'Content-Length\0: 5'), '400 FIELD_INVALID'],
  ['a name above ASCII', get('/', 'B\xc3\x84D: x'), '400 FIELD_INVALID'],
  ['the Kelvin sign, which is k in lower case', get('/', 'Transfer-Encoding\xe2\x84\xaa: chunked'), '400 FIELD_INVALID'],
  ['a name that begins with a dash', get('/', '-X: 1'), 'GET /'],
  ['the names of objects', get('/', '__proto__: x', 'constructor: y', 'toString: z'), 'GET /'],
  ['white space in front of a name', get('/', ' X: y'), '400 FIELD_INVALID'],
  ['a vertical tab in front of a name', get('/', '\x0bX: y'), '400 FIELD_INVALID'],
  ['white space in a name', get('/', 'Hello World: x'), '400 FIELD_INVALID'],
  ['a tab in front of a colon', get('/', 'X\t: y'), '400 FIELD_INVALID'],
  ['no colon', get('/', 'Hello World'), '400 FIELD_INVALID'],
  ['only a colon', get('/', ':'), '400 FIELD_INVALID'],
  ['a line of white space', get('/', ' \t '), '400 FIELD_INVALID'],
  ['no space behind the colon', get('/', 'X:y'), 'GET /'],
  ['no value', get('/', 'X:'), 'GET /'],
  ['a value of white space', get('/', 'X: \t \t'), 'GET /'],
  ['NUL in a value', get('/', 'X: \0'), '400 FIELD_INVALID'],
  ['a backspace in a value', get('/', 'X: a\b'), '400 FIELD_INVALID'],
  ['an escape in a value', get('/', 'X: \x1b[0m'), '400 FIELD_INVALID'],
  ['DEL in a value', get('/', 'X: \x7f'), '400 FIELD_INVALID'],
  ['UTF-8 in a value', get('/', 'X: \xe2\x82\xac'), 'GET /'],
  ['a bare CR in a value', get('/', 'Dummy: x\rContent-Length: 23'), '400 FIELD_INVALID'],
  ['a bare LF in a value', get('/', 'Dummy: x\nContent-Length: 23'), '400 FIELD_INVALID'],
  ['CR CR LF', 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n', '400 FIELD_INVALID'],
  ['LF LF at the end', 'GET / HTTP/1.1\r\nHost: a\n\n', '400 FIELD_INVALID'],
  ['LF CR LF at the end', 'GET / HTTP/1.1\r\nHost: a\n\r\n', '400 FIELD_INVALID'],
  ['CRLF LF at the end', 'GET / HTTP/1.1\r\nHost: a\r\n\n', '400 FIELD_INVALID'],
  ['CRLF CR at the end', `GET / HTTP/1.1\r\nHost: a\r\n\r${SMUGGLED}`, '400 FIELD_INVALID'],
  ['a folded line', get('/', 'X: a', ' b'), '400 FIELD_INVALID'],
  ['a folded line with a tab', get('/', 'X: a', '\tb'), '400 FIELD_INVALID'],
  ['a fold that holds a field', get('/', 'Foo: bar', ' Transfer-Encoding: chunked'), '400 FIELD_INVALID'],
  ['a fold in front of the end', get('/', 'X: a', ' '), '400 FIELD_INVALID'],
  ['a field many times', get('/', 'X: 1', 'X: 2', 'X: 1'), 'GET /'],
  ['32 fields', get('/', ...Array.from({ length: 31 }, () => 'X: y')), 'GET /'],
  ['33 fields', get('/', ...Array.from({ length: 32 }, () => 'X: y')), '431 FIELDS_TOO_MANY'],
];

const LENGTHS: readonly Row[] = [
  ['five', `${post('Content-Length: 5')}hello${NEXT}`, 'POST / "hello" · GET /next'],
  ['another case', `${post('conTENT-Length: 5')}HELLO`, 'POST / "HELLO"'],
  ['none of it yet', post('Content-Length: 5'), 'POST / ...'],
  ['some of it', `${post('Content-Length: 5')}hel`, 'POST / "hel" ...'],
  ['zero', post('Content-Length: 0') + NEXT, 'POST / · GET /next'],
  ['zeros in front', `${post('Content-Length: 0005')}hello${NEXT}`, 'POST / "hello" · GET /next'],
  ['white space around it', `${post('Content-Length: \t 5 \t')}hello`, 'POST / "hello"'],
  ['no white space in front of it', `${post('Content-Length:5')}hello`, 'POST / "hello"'],
  ['with GET', `${get('/', 'Content-Length: 5')}hello${NEXT}`, 'GET / "hello" · GET /next'],
  ['with HEAD', `${head('HEAD / HTTP/1.1', 'Host: a', 'Content-Length: 5')}hello${NEXT}`, 'HEAD / "hello" · GET /next'],
  ['with DELETE', `${head('DELETE / HTTP/1.1', 'Host: a', 'Content-Length: 5')}hello${NEXT}`, 'DELETE / "hello" · GET /next'],
  [
    'with OPTIONS *',
    `${head('OPTIONS * HTTP/1.1', 'Host: a', 'Content-Length: 5')}hello${NEXT}`,
    'OPTIONS * "hello" · GET /next',
  ],
  [
    'with HTTP/1.0',
    `${head('PUT /x HTTP/1.0', 'Content-length: 14')}{"nom": "nom"}`,
    `PUT /x ${JSON.stringify('{"nom": "nom"}')}`,
  ],
  [
    'a request in a body',
    `${post(`Content-Length: ${SMUGGLED.length}`)}${SMUGGLED}${NEXT}`,
    `POST / ${JSON.stringify(SMUGGLED)} · GET /next`,
  ],
  ['a request behind a GET that has none', get('/') + SMUGGLED, 'GET / · GET /smuggled'],
  ['none with POST: what follows is a request', post() + NEXT, 'POST / · GET /next'],
  ['none with POST: what follows is no request', `${post()}hello`, 'POST / · ...'],
  ['none with POST of HTTP/1.0', head('POST / HTTP/1.0'), 'POST /'],
  [
    'named as option of the connection',
    `${post('Connection: Content-Length', 'Content-Length: 5')}hello${NEXT}`,
    'POST / "hello" · GET /next',
  ],
  ['in a field with an underscore', post('Content_Length: 5') + NEXT, 'POST / · GET /next'],
  ['in a field with a longer name', post('X-Content-Length: 5', 'Content-Length-X: 5') + NEXT, 'POST / · GET /next'],
  ...[
    '',
    '-1',
    '+5',
    '-0',
    '5 5',
    '42 43',
    '13 37',
    '5;q=1',
    '5.0',
    '5,',
    ',5',
    '5, 5',
    '5,5',
    '5 , 5',
    '4, 5',
    '0x5',
    '0b1',
    '0o5',
    '5e0',
    '1_0',
    '3_0',
    '_5',
    '5L',
    "'5'",
    '"5"',
    '\xb2',
    '\xa05',
    '5\xa0',
    '\xd9\xa5',
    'five',
    'NaN',
    'Infinity',
    '99999999999999999999',
    '1844674407370955161600',
  ].map((value): Row => [`not ${JSON.stringify(value)}`, `${post(`Content-Length: ${value}`)}hello`, '400 LENGTH_INVALID']),
  ['with a vertical tab', post('Content-Length: 5\x0b'), '400 FIELD_INVALID'],
  ['with NUL in front', post('Content-Length:\x005'), '400 FIELD_INVALID'],
  ['with a space in front of the colon', post('Content-Length : 5'), '400 FIELD_INVALID'],
  ['folded', post('Content-Length:', ' 5'), '400 FIELD_INVALID'],
  ['twice', `${post('Content-Length: 5', 'Content-Length: 5')}hello`, '400 LENGTH_INVALID'],
  ['twice and different', `${post('Content-Length: 1', 'Content-Length: 5')}hello`, '400 LENGTH_INVALID'],
  ['twice in other case', `${post('Content-Length: 5', 'CONTENT-LENGTH: 5')}hello`, '400 LENGTH_INVALID'],
  ['twice, once empty', `${post('Content-Length:', 'Content-Length: 5')}hello`, '400 LENGTH_INVALID'],
  ['twice with HTTP/1.0', `${head('POST / HTTP/1.0', 'Content-Length: 5', 'Content-Length: 5')}hello`, '400 LENGTH_INVALID'],
  ['more than a number can tell apart', post('Content-Length: 9007199254740993'), '413 BODY_TOO_LARGE'],
  ['more than is taken', post('Content-Length: 1073741825'), '413 BODY_TOO_LARGE'],
];

function coded(...values: readonly string[]): string {
  return `${post(...values.map((value) => `Transfer-Encoding: ${value}`))}5\r\nhello\r\n0\r\n\r\n${NEXT}`;
}

const CODINGS: readonly Row[] = [
  ...['chunked', 'Chunked', 'CHUNKED', ' chunked', '\tchunked', 'chunked \t '].map((value): Row => [
    JSON.stringify(value),
    coded(value),
    'POST / "hello" · GET /next',
  ]),
  ['with GET', `${get('/', 'Transfer-Encoding: chunked')}1\r\nx\r\n0\r\n\r\n${NEXT}`, 'GET / "x" · GET /next'],
  [
    'with HEAD',
    `${head('HEAD / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}1\r\nx\r\n0\r\n\r\n${NEXT}`,
    'HEAD / "x" · GET /next',
  ],
  [
    'with OPTIONS, whose body some proxies forget',
    `${head('OPTIONS / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')}0\r\n\r\n${NEXT}`,
    'OPTIONS / · GET /next',
  ],
  [
    'named as option of the connection',
    `${post('Connection: Transfer-Encoding', 'Transfer-Encoding: chunked')}0\r\n\r\n${NEXT}`,
    'POST / · GET /next',
  ],
  ['TE says nothing of the request', post('TE: chunked, trailers', 'Connection: TE') + NEXT, 'POST / · GET /next'],
  ...[
    'gzip, chunked',
    'deflate, chunked',
    'identity, chunked',
    'cow, chunked',
    'xchunked',
    'chunkedd',
    'chunkedchunked',
    'chunk',
    'pigeons',
    'chunked, cow',
    "'chunked'",
    '"chunked"',
    'chunked;q=1',

    'x\\chunked',
  ].map((value): Row => [`not ${value}`, coded(value), '501 CODING_UNKNOWN']),
  ...[
    'gzip',
    'identity',
    'deflate',
    'chunked, gzip',
    'chunked, identity',
    'chunked, deflate',
    'chunked, chunked',
    '',
    ',',
    ',chunked',
    'chunked,',
    'chunked, , ',
    '\xa0chunked',
    'chunked\x85',
    '\xffchunked\xff',
    'chunk ed',
    'chunked gzip',
    'chunked; a',
  ].map((value): Row => [`not ${JSON.stringify(value)}`, coded(value), '400 CODING_INVALID']),
  ...['\0chunked', 'chunked\x0b', '\x0cchunked', 'chunked\r', '\nchunked', 'chunked\n'].map((value): Row => [
    `not ${JSON.stringify(value)}`,
    coded(value),
    '400 FIELD_INVALID',
  ]),
  ['on two lines', coded('chunked', 'chunked'), '400 CODING_INVALID'],
  ['on two lines, once identity', coded('identity', 'chunked'), '501 CODING_UNKNOWN'],
  ['on two lines, the last one empty', coded('chunked', ''), '400 CODING_INVALID'],
  ['on two lines, the last one unknown', coded('chunked', 'x'), '501 CODING_UNKNOWN'],
  ['with a length', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${SMUGGLED}`, '400 LENGTH_AND_CODING'],
  [
    'with a length behind it',
    `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${SMUGGLED}`,
    '400 LENGTH_AND_CODING',
  ],
  ['with a length of zero', `${post('Content-Length: 0', 'Transfer-Encoding: chunked')}0\r\n\r\n`, '400 LENGTH_AND_CODING'],
  ['with a length that is none', `${post('Content-Length: x', 'Transfer-Encoding: chunked')}0\r\n\r\n`, '400 LENGTH_AND_CODING'],
  ['identity with a length', `${post('Content-Length: 5', 'Transfer-Encoding: identity')}hello`, '400 LENGTH_AND_CODING'],
  ['unknown with a length', `${post('Content-Length: 5', 'Transfer-Encoding: x')}hello`, '501 CODING_UNKNOWN'],
  ['of HTTP/1.0', `${head('POST / HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n`, '400 CODING_INVALID'],
  [
    'of HTTP/1.0 that persists',
    `${head('POST / HTTP/1.0', 'Connection: keep-alive', 'Transfer-Encoding: chunked')}0\r\n\r\n${SMUGGLED}`,
    '400 CODING_INVALID',
  ],
  ['of HTTP/1.2', `${head('POST / HTTP/1.2', 'Host: a', 'Transfer-Encoding: chunked')}1\r\nx\r\n0\r\n\r\n`, 'POST / "x"'],
  [
    'in a field with an underscore',
    `${post('Transfer_Encoding: chunked', 'Content-Length: 3')}0\r\n${NEXT}`,
    'POST / "0\\r\\n" · GET /next',
  ],
  ['with a space in front of the colon', post('Transfer-Encoding : chunked'), '400 FIELD_INVALID'],
  ['with a space in front of the name', post('X: y', ' Transfer-Encoding: chunked'), '400 FIELD_INVALID'],
  ['behind an LF', post('X: X\nTransfer-Encoding: chunked'), '400 FIELD_INVALID'],
  ['with an LF in its name', post('Transfer-Encoding\n: chunked'), '400 FIELD_INVALID'],
  ['with NUL in its name', post('Transfer-Encoding\0: chunked'), '400 FIELD_INVALID'],
  ['with 0xFF in front of its name', post('\xffTransfer-Encoding: chunked'), '400 FIELD_INVALID'],
  ['folded', post('Transfer-Encoding:', ' chunked'), '400 FIELD_INVALID'],
];

const LAST = `0\r\n\r\n${NEXT}`;

const CHUNKS: readonly Row[] = [
  ['one', chunked(`1e\r\nall your base are belong to us\r\n${LAST}`), 'POST / "all your base are belong to us" · GET /next'],
  ['two and many zeros', chunked(`5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n${NEXT}`), 'POST / "hello world" · GET /next'],
  ['none', chunked(LAST), 'POST / · GET /next'],
  ['a size in capitals', chunked(`A\r\n0123456789\r\n${LAST}`), 'POST / "0123456789" · GET /next'],
  ['zeros in front of a size', chunked(`0000000000000005\r\nhello\r\n${LAST}`), 'POST / "hello" · GET /next'],
  ['data that looks like chunks', chunked(`7\r\n0\r\n\r\nGE\r\n${LAST}`), 'POST / "0\\r\\n\\r\\nGE" · GET /next'],
  ['a size that is not all here', chunked('5'), 'POST / ...'],
  ['data that is not all here', chunked('5\r\nhel'), 'POST / "hel" ...'],
  ['no empty line at the end', chunked('0\r\n'), 'POST / ...'],
  [
    'extensions',
    chunked(`5;ilovew3;somuchlove=aretheseparametersfor;another=withvalue\r\nhello\r\n0;blah\r\n\r\n${NEXT}`),
    'POST / "hello" · GET /next',
  ],
  [
    'extensions with spaces',
    chunked(`5; ihatew3;whatthefuck=aretheseparametersfor\r\nhello\r\n6; blahblah; blah\r\n world\r\n${LAST}`),
    'POST / "hello world" · GET /next',
  ],
  [
    'an extension in quotes',
    chunked(`5;ilovew3="I \\"love\\"; \\\\extensions";somuchlove="a";blah;foo=bar\r\nhello\r\n${LAST}`),
    'POST / "hello" · GET /next',
  ],
  ['an empty string in quotes', chunked(`5;a=""\r\nhello\r\n${LAST}`), 'POST / "hello" · GET /next'],
  ['bytes above ASCII in quotes', chunked(`5;a="\xe9"\r\nhello\r\n${LAST}`), 'POST / "hello" · GET /next'],
  ['white space around the equals sign', chunked(`5 ; a = b \t; c\r\nhello\r\n${LAST}`), 'POST / "hello" · GET /next'],
  ...[
    ['nonsense behind a size', '2 erfrferferf\r\naa'],
    ['a space behind a size', '5 \r\nhello'],
    ['a tab behind a size', '5\t\r\nhello'],
    ['a space in front of a size', ' 5\r\nhello'],
    ['an empty line in front of a size', '\r\n5\r\nhello'],
    ['a prefix', '0x5\r\nhello'],
    ['a sign', '+5\r\nhello'],
    ['a minus', '-5\r\nhello'],
    ['minus zero', '-0\r\n'],
    ['an underscore', '0_5\r\nhello'],
    ['a suffix', '5h\r\nhello'],
    ['a point', '5.0\r\nhello'],
    ['no size', '\r\nhello'],
    ['no size but an extension', ';a\r\nhello'],
    ['an Arabic digit', '\xd9\xa5\r\nhello'],
    ['a vertical tab behind a size', '5\x0b\r\nhello'],
    ['NUL behind a size', '5\0\r\nhello'],
    ['LF behind a size', '5\nhello'],
    ['CR behind a size', '5\rhello'],
    ['CR and something behind a size', '5\rX\r\nhello'],
    ['LF in an extension', '5;a\nhello'],
    ['CR in an extension', '5;a\rb\r\nhello'],
    ['LF in quotes', '5;a="\nb"\r\nhello'],
    ['CRLF in quotes', '5;a="\r\nb"\r\nhello'],
    ['quotes that are not closed', '5;a="b\r\nhello'],
    ['something behind quotes', '5;a="b"c\r\nhello'],
    ['an escape at the end of quotes', '5;a="b\\"\r\nhello'],
    ['a semicolon and nothing', '5;\r\nhello'],
    ['two semicolons', '5;;a\r\nhello'],
    ['an equals sign and nothing', '5;a=\r\nhello'],
    ['an equals sign and no name', '5;=a\r\nhello'],
    ['a name in quotes', '5;"a"\r\nhello'],
    ['a space at the end of extensions', '5;a \r\nhello'],
    ['a comma between extensions', '5;a,b\r\nhello'],
    ['NUL in an extension', '5;a\0\r\nhello'],
    ['17 digits', '00000000000000005\r\nhello'],
    ['more than 64 bits', '10000000000000005\r\nhello'],
    ['64 bits', 'ffffffffffffffff\r\nhello'],
    ['63 bits', '8000000000000000\r\nhello'],
    ['54 bits', '20000000000000\r\nhello'],
  ].map(([what, body]): Row => [what!, chunked(`${body}\r\n${LAST}`), 'POST / ... · 400 CHUNK_INVALID']),
  ...[
    ['no line end behind data', '5\r\nhello0\r\n\r\n'],
    ['LF behind data', '5\r\nhello\n0\r\n\r\n'],
    ['CR behind data', '5\r\nhello\r0\r\n\r\n'],
    ['data longer than its size', '5\r\nhello world\r\n0\r\n\r\n'],
    ['two bytes instead of a line end', '5\r\nhelloXX2\r\n45\r\n0\r\n\r\n'],
    ['a space behind data', '5\r\nhello \r\n0\r\n\r\n'],
    ['a broken size behind data', '5\r\nhello\r\nx\r\n0\r\n\r\n'],
  ].map(([what, body]): Row => [what!, chunked(body!), 'POST / "hello" ... · 400 CHUNK_INVALID']),
  ['data shorter than its size', chunked('8\r\nhello\r\n0\r\n\r\n'), 'POST / "hello\\r\\n0" ... · 400 CHUNK_INVALID'],
  ['LF instead of the empty line', chunked('0\r\n\n'), 'POST / ... · 400 FIELD_INVALID'],
  ['a size beyond the limit', chunked('40000001\r\n'), 'POST / ... · 413 BODY_TOO_LARGE'],
  ['sizes beyond the limit together', chunked('1\r\nx\r\n40000000\r\n'), 'POST / "x" ... · 413 BODY_TOO_LARGE'],
  ['an extension that is too long', chunked(`0;${'a'.repeat(4_096)}\r\n`), 'POST / ... · 400 CHUNK_INVALID'],
  [
    'extensions that are too long together',
    chunked(`1;${'a'.repeat(4_000)}\r\nx\r\n`.repeat(5)),
    'POST / "xxxx" ... · 400 CHUNK_INVALID',
  ],
];

function trailed(...lines: readonly string[]): string {
  return chunked(`0\r\n${head(...lines)}${NEXT}`);
}

const REFUSED_TRAILER = 'POST / ... · 400 FIELD_INVALID';

const TRAILERS: readonly Row[] = [
  ['one', trailed('Vary: *'), 'POST / · GET /next'],
  ['some', trailed('Vary: *', 'Content-Type: text/plain', 'X:'), 'POST / · GET /next'],
  ['one that nobody announced', trailed('Digest: x'), 'POST / · GET /next'],
  ['one that would be somebody', trailed('Authorization: x', 'Cookie: y'), 'POST / · GET /next'],
  ['one that is not all here', chunked('0\r\nX: y\r\n'), 'POST / ...'],
  ['one with a space in front of its colon', trailed('X : y'), REFUSED_TRAILER],
  ['one without a colon', trailed('X'), REFUSED_TRAILER],
  ['one with a name that is no token', trailed('X(): y'), REFUSED_TRAILER],
  ['one that ends in LF', chunked(`0\r\nX: y\n\r\n${SMUGGLED}`), REFUSED_TRAILER],
  ['one with NUL', trailed('X: \0'), REFUSED_TRAILER],
  ['one that is folded', trailed('X: y', ' z'), REFUSED_TRAILER],
  ['a request line', trailed('GET /smuggled HTTP/1.1', 'X: y'), REFUSED_TRAILER],
  ...['Content-Length: 5', 'content-length: 0', 'Transfer-Encoding: chunked', 'Host: b'].map((line): Row => [
    line,
    trailed(line),
    'POST / ... · 400 CHUNK_INVALID',
  ]),
  ['32', trailed(...Array.from({ length: 32 }, () => 'X: y')), 'POST / · GET /next'],
  ['33', trailed(...Array.from({ length: 33 }, () => 'X: y')), 'POST / ... · 431 FIELDS_TOO_MANY'],
];

/** A request with this field, and one behind it. */
function connected(version: string, ...lines: readonly string[]): string {
  return head(`GET / HTTP/${version}`, 'Host: a', ...lines) + NEXT;
}

const CONNECTIONS: readonly Row[] = [
  ['HTTP/1.1', connected('1.1'), 'GET / · GET /next'],
  ...['keep-alive', 'upgrade', 'closed', 'clo se', '"close"', 'close;q=1', 'x-close', '\xa0close', '', ',', 'TE, X'].map(
    (value): Row => [`HTTP/1.1 and ${JSON.stringify(value)}`, connected('1.1', `Connection: ${value}`), 'GET / · GET /next'],
  ),
  ...[
    'close',
    'Close',
    'CLOSE',
    ' close\t',
    'close, x',
    'x,close',
    ', ,close,',
    'keep-alive, close',
    'close, keep-alive',
    'x\t,\tclose',
  ].map((value): Row => [`HTTP/1.1 and ${JSON.stringify(value)}`, connected('1.1', `Connection: ${value}`), 'GET / closes']),
  ['HTTP/1.1 and close on a line of its own', connected('1.1', 'Connection: keep-alive', 'Connection: close'), 'GET / closes'],
  ['HTTP/1.1 and close on the first line', connected('1.1', 'Connection: close', 'Connection: keep-alive'), 'GET / closes'],
  ['HTTP/1.1 and close with a vertical tab', connected('1.1', 'Connection: close\x0b'), '400 FIELD_INVALID'],
  ['HTTP/1.1 and a field of proxies', connected('1.1', 'Proxy-Connection: close'), 'GET / · GET /next'],
  ['HTTP/1.1 that would have its Host dropped', connected('1.1', 'Connection: Host'), 'GET / · GET /next'],
  ['HTTP/1.0', connected('1.0'), 'GET /'],
  ...['keep-alive', 'Keep-Alive', 'x, keep-alive', ',keep-alive,'].map((value): Row => [
    `HTTP/1.0 and ${JSON.stringify(value)}`,
    connected('1.0', `Connection: ${value}`),
    'GET / keeps · GET /next',
  ]),
  ...['close', 'keep-alive, close', 'close, keep-alive', 'keepalive', 'keep alive', 'upgrade', ''].map((value): Row => [
    `HTTP/1.0 and ${JSON.stringify(value)}`,
    connected('1.0', `Connection: ${value}`),
    'GET /',
  ]),
  ['HTTP/1.0 and Keep-Alive alone', connected('1.0', 'Keep-Alive: 300'), 'GET /'],
  ['HTTP/1.0 and a field of proxies', connected('1.0', 'Proxy-Connection: keep-alive'), 'GET /'],
  ['HTTP/1.0 and an Upgrade', connected('1.0', 'Connection: Upgrade', 'Upgrade: websocket'), 'GET /'],
  ['HTTP/1.2 and keep-alive', connected('1.2', 'Connection: keep-alive'), 'GET / · GET /next'],
  ['HTTP/1.2 and close', connected('1.2', 'Connection: close'), 'GET / closes'],
];

function expecting(...values: readonly string[]): string {
  return post(...values.map((value) => `Expect: ${value}`), 'Content-Length: 5');
}

const EXPECTATIONS: readonly Row[] = [
  ...[
    '100-continue',
    '100-Continue',
    '100-CONTINUE',
    '\t100-continue ',
    '100-continue,',
    ', 100-continue',
    '100-continue, 100-continue',
    '',
  ].map((value): Row => [JSON.stringify(value), `${expecting(value)}hello${NEXT}`, 'POST / "hello" · GET /next']),
  ['before the body', expecting('100-continue'), 'POST / ...'],
  ['on two lines', `${expecting('100-continue', '100-continue')}hello`, 'POST / "hello"'],
  ['without a body', get('/', 'Expect: 100-continue') + NEXT, 'GET / · GET /next'],
  ['with a length of nothing', post('Expect: 100-continue', 'Content-Length: 0') + NEXT, 'POST / · GET /next'],
  ['with chunks', `${post('Expect: 100-continue', 'Transfer-Encoding: chunked')}${LAST}`, 'POST / · GET /next'],
  ...[
    'x',
    '100-continue, x',
    'x, 100-continue',
    'y 100-continue',
    '100-continue x',
    '100-continue;q=1',
    '100-continue=1',
    '"100-continue"',
    '100',
    '200-ok',
    '\xa0100-continue',
    'a="b,100-continue"',
  ].map((value): Row => [`not ${JSON.stringify(value)}`, `${expecting(value)}hello`, '417 EXPECTATION_UNKNOWN']),
  ['on two lines, one unknown', `${expecting('100-continue', 'x')}hello`, '417 EXPECTATION_UNKNOWN'],
  ['with a vertical tab', expecting('\x0b100-continue'), '400 FIELD_INVALID'],
  ['folded', post('Expect:', ' 100-continue', 'Content-Length: 5'), '400 FIELD_INVALID'],
  ['of HTTP/1.0', `${head('POST / HTTP/1.0', 'Expect: 100-continue', 'Content-Length: 5')}hello`, 'POST / "hello"'],
  ['of HTTP/1.0 and unknown', `${head('POST / HTTP/1.0', 'Expect: x', 'Content-Length: 5')}hello`, 'POST / "hello"'],
];

const CONVERSATIONS: readonly Row[] = [
  ['a broken request behind a good one', `${get('/1')}GET /2\r\n\r\n`, 'GET /1 · 400 TARGET_INVALID'],
  ['a good request behind a broken one', `GET /1\r\n\r\n${get('/2')}`, '400 TARGET_INVALID'],
  [
    'a request that begins in the body of one',
    `${post('Content-Length: 6')}0\r\n\r\nX${NEXT}`,
    'POST / "0\\r\\n\\r\\nX" · GET /next',
  ],
  [
    'chunks behind a length',
    `${post('Content-Length: 3')}8\r\nSMUGGLED\r\n0\r\n\r\n`,
    'POST / "8\\r\\n" · 400 REQUEST_LINE_INVALID',
  ],
  [
    'a request in chunks',
    chunked(`${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n${LAST}`),
    `POST / ${JSON.stringify(SMUGGLED)} · GET /next`,
  ],
  ['the last chunk in the middle', chunked(`0\r\n\r\n5\r\nhello\r\n${LAST}`), 'POST / · 400 REQUEST_LINE_INVALID'],
  [
    'a length that reaches into the next request',
    `${post(`Content-Length: ${NEXT.length + 1}`)}${NEXT}`,
    `POST / ${JSON.stringify(NEXT)} ...`,
  ],
  [
    'bodies of all kinds, one behind the other',
    `${post('Content-Length: 1')}a${chunked('1\r\nb\r\n0\r\n\r\n')}${get('/')}${post('Content-Length: 1')}c`,
    'POST / "a" · POST / "b" · GET / · POST / "c"',
  ],
  ['HTTP/1.0 in the middle', get('/1') + head('GET /2 HTTP/1.0') + SMUGGLED, 'GET /1 · GET /2'],
  ['a line end that comes late', 'GET / HTTP/1.1\r\nHost: a\r\n\r', '...'],
  ['half a request behind one', `${get('/')}GET /2 HT`, 'GET / · ...'],
];

const HOST_OF_ALL = 'a';
const OK: Answer = { at: 'end', steps: [{ type: 'head', status: '200 OK', flat: [] }] };
const ANSWERS = Array.from({ length: 10 }, () => OK);

function verdictOf(wire: Wire): string {
  const parts: string[] = [];
  let isEnded = true;
  const waits = (): void => {
    if (!isEnded) parts[parts.length - 1] += ' ...';
  };
  for (const event of wire.heard) {
    switch (event.type) {
      case 'request': {
        const { method, pathAndQuery, version, keepAlive, fields } = event.head;
        const whose = fields.get('Host') ?? HOST_OF_ALL;
        const named = whose === HOST_OF_ALL ? '' : ` at ${whose === '' ? 'nobody' : whose}`;
        const usual = version !== 'HTTP/1.0';
        parts.push(`${method} ${pathAndQuery}${named}${keepAlive === usual ? '' : keepAlive ? ' keeps' : ' closes'}`);
        isEnded = false;
        break;
      }
      case 'data':
        parts[parts.length - 1] += ` ${JSON.stringify(Buffer.from(event.bytes).toString('latin1'))}`;
        break;
      case 'end':
        isEnded = true;
        break;
      case 'fault':
        waits();
        return [...parts, `${event.fault.status} ${event.fault.code}`].join(' · ');
      case 'app-fault':
        throw event.fault;
    }
  }
  waits();
  if (isEnded && wire.rest === 'need-data') parts.push('...');
  return parts.join(' · ');
}

function conversationOf(sent: string): { sent: Buffer; answers: Answer[] } {
  return { sent: Buffer.from(sent, 'latin1'), answers: ANSWERS };
}

function heardOf(sent: string): string {
  const conversation = conversationOf(sent);
  return verdictOf(play(conversation, [conversation.sent]));
}

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  'a client': CLIENTS,
  'a method': METHODS,
  'a request line': REQUEST_LINES,
  'a target': TARGETS,
  'a Host': HOSTS,
  'a field': FIELDS,
  'a length': LENGTHS,
  'a coding': CODINGS,
  'a chunk': CHUNKS,
  'a trailer': TRAILERS,
  'a connection': CONNECTIONS,
  'an expectation': EXPECTATIONS,
  'a conversation': CONVERSATIONS,
};

for (const [subject, rows] of Object.entries(TABLES)) {
  describe(`${subject}, ${rows.length} times`, () => {
    for (const [what, sent, verdict] of rows) {
      it(`${what}: ${verdict}`, () => {
        assert.equal(heardOf(sent), verdict);
        assertSameHoweverCut(conversationOf(sent));
        if (/[45][0-9]{2} [A-Z_]+$/.test(verdict)) assert.equal(heardOf(sent + SMUGGLED), verdict, 'nothing behind it is read');
      });
    }
  });
}
