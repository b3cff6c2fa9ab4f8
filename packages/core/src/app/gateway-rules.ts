// app/gateway-rules.ts: the contract of gateway apps, rule by rule. The page docs/reference/gateway.md is printed from it, each
// rule has a test that is called by its number, and the validator (lint/) names the rule that is broken.
//
// Law: a number keeps its meaning. A new rule takes the next number, wherever it stands.
// Source: PEP 3333 unless another one is named.

/** Who has to keep it. */
export type Keeper = 'server' | 'app';

export interface GatewayRule {
  readonly keeper: Keeper;
  readonly text: string;
}

function server(text: string): GatewayRule {
  return { keeper: 'server', text };
}

function app(text: string): GatewayRule {
  return { keeper: 'app', text };
}

const CALL = {
  G1: server('Calls the app once for each request, with exactly two arguments: environ and startResponse.'),
  G2: app('Returns an iterable or async iterable of Uint8Array, or a promise of one; an empty one where there is no content.'),
} as const;

const ENVIRON = {
  G3: server(
    'The environ belongs to one request, and its app may change it. It inherits nothing: `"constructor" in environ` is false.',
  ),
  G4: server(
    'REQUEST_METHOD, SERVER_NAME, SERVER_PORT and SERVER_PROTOCOL are there and not empty; SCRIPT_NAME, PATH_INFO and QUERY_STRING are there.',
  ),
  G5: server('Variables, which are the keys without a dot, are text. Each char is one byte: U+0000 to U+00FF.'),
  G6: server(
    'PATH_INFO is percent-decoded; a percent sign without two hexadecimal digits stays. QUERY_STRING and RAW_URI are as they were sent.',
  ),
  G7: server(
    'SCRIPT_NAME is empty or begins with a slash, and is not a slash alone. PATH_INFO is empty or begins with a slash, or is the asterisk of OPTIONS. One of the two is not empty, but with CONNECT.',
  ),
  G8: server(
    '`environ["wsgi.path_bytes"]()` gives the bytes of PATH_INFO as it is now; their `toString()` is the text in UTF-8.',
  ),
  G9: server(
    'CONTENT_TYPE and CONTENT_LENGTH stand without HTTP_, where the client has sent them; CONTENT_LENGTH is decimal digits. A chunked body has none.',
  ),
  G10: server(
    'Every other field is HTTP_ and its name in upper case, with underscores for dashes. Lines of one name are joined by a comma and a blank, those of Cookie by a semicolon and a blank (RFC 9110 §5.3, RFC 9113 §8.2.3).',
  ),
  G11: server('A field whose name has an underscore does not reach the environ, nor does Proxy (CVE-2016-5385).'),
  G12: server(
    'REMOTE_ADDR and REMOTE_PORT are those of the client. For a unix socket they are empty, and SERVER_NAME and SERVER_PORT are taken from Host.',
  ),
  G13: server('wsgi.url_scheme is http or https; HTTPS is `on` over TLS, and is not there otherwise.'),
  G14: server('wsgi.version is [1, 0], GATEWAY_INTERFACE is CGI/1.1, and SERVER_PROTOCOL is the version of the client.'),
  G15: server(
    'wsgi.multithread is false: one thread calls an app, though perhaps again before an earlier call is answered. wsgi.multiprocess says whether its like runs in other workers. wsgi.run_once is false.',
  ),
  G16: server(
    '`environ["wsgi.signal"]()` gives an AbortSignal: it aborts when the client has gone before the answer was complete, and not otherwise.',
  ),
} as const;

const INPUT = {
  G17: server(
    '`read(size)` of wsgi.input gives size bytes, fewer only at the end; without a size all that is left; at the end no bytes, as often as it is asked.',
  ),
  G18: server(
    '`readline(size)` gives a line with its LF, or size bytes of it; `readlines(hint)` lines until they are hint bytes together; iteration gives line after line.',
  ),
  G19: server(
    'The input ends where the body ends, whatever stands behind it on the connection; wsgi.input_terminated, which says so, is true.',
  ),
  G20: server('A body that is cut short or broken is an error of the read that meets it, and never looks complete.'),
  G21: server('The first read sends 100 Continue to a client that waits for it (RFC 9110 §10.1.1).'),
  G22: server('Reads are answered in the order in which they are asked.'),
  G23: app('A size or hint is a whole number.'),
  G24: server(
    'wsgi.errors has `write(text)`, `writelines(texts)` and `flush()`; what is written there stands in the log, whatever chars it has.',
  ),
} as const;

const HEAD = {
  G25: app('Calls startResponse before it gives its first bytes, and before its result is at its end.'),
  G26: app(
    'The status is text: three digits from 200 to 999, a blank and a reason, without control characters; or the 101 of G51.',
  ),
  G27: app(
    'The headers are an array of pairs of text, [name, value]. A name is a token; a value is latin1 without control characters, a Content-Length decimal digits.',
  ),
  G28: app('Transfer-Encoding, Keep-Alive, Proxy-Connection and TE are the business of the server (RFC 9110 §7.6.1).'),
  G29: server('What breaks G26, G27 or G28 is thrown by startResponse itself; the app may call it again with something better.'),
  G30: server('startResponse sends nothing: the head goes out with the first bytes, or at the end where there are none.'),
  G31: app('Calls startResponse a second time only with excInfo: what it has caught.'),
  G32: server(
    'With excInfo a second head takes the place of the first, as long as none was sent. Afterwards startResponse throws excInfo.',
  ),
  G33: server(
    'startResponse gives `write(bytes)`: it sends them at once, ahead of the result, and resolves when the client has kept up.',
  ),
  G34: app('`write` takes a Uint8Array, and is not called any more when the result is asked for its pieces.'),
  G35: app('An answer with content has a Content-Type; 204 and 304 have neither (wsgiref.validate).'),
  G36: app('No field is called Status, which is how CGI spells the status.'),
} as const;

const RESULT = {
  G37: app('Each piece of a result is a Uint8Array.'),
  G52: app('A piece is given away, also to `write`: its bytes are not changed any more, since they may wait for a slow client.'),
  G38: server('A piece with content is on its way to the client before the next one is asked for.'),
  G39: server('An empty piece sends nothing, not even the head.'),
  G40: server('While the client does not keep up, no further piece is asked for.'),
  G41: server(
    'An array is sent with its Content-Length. Where the length is not known the answer is chunked, or ends with its connection.',
  ),
  G42: app('A body is as long as its Content-Length says.'),
  G43: server('Behind Content-Length nothing is sent and nothing is asked for; with fewer bytes the connection is cut.'),
  G44: server('To HEAD, and with 204 and 304, no content is sent; the head is that of GET (RFC 9110 §9.3.2).'),
  G45: server(
    '`wsgi.file_wrapper`, called with a file and perhaps the size of its blocks, makes a result of it: from its position to its end or to Content-Length, and closes it.',
  ),
  G46: server('`wsgi.early_hints`, called with headers, sends 103 Early Hints ahead of the head (RFC 8297).'),
  G51: server(
    '`appserve.websocket` is there when the client asks for a WebSocket. Called with startResponse, hooks and perhaps options, it calls that with 101, or with what refuses the handshake, and gives a result without content: when that is asked for its first piece, the WebSocket is open.',
  ),
} as const;

const END = {
  G47: server(
    'close() of a result is called exactly once, and awaited: at its end, after an error, and at once when the client has gone. No piece is asked for afterwards. A server that stops waits for it.',
  ),
  G48: server('An app that fails before its head is out is answered with 500; the error is logged, once.'),
  G49: server(
    'An app that fails behind its head has its connection cut: what was sent does not look complete. The error is logged.',
  ),
  G50: server('When the client has gone, what the app still says is dropped, and neither that nor what comes of it is logged.'),
} as const;

/** As the page has them. */
export const GATEWAY_SECTIONS = {
  'The call': CALL,
  'The environ': ENVIRON,
  'The input': INPUT,
  'The head': HEAD,
  'The result': RESULT,
  'The end': END,
} as const;

export const GATEWAY_RULES = { ...CALL, ...ENVIRON, ...INPUT, ...HEAD, ...RESULT, ...END } as const;

/** `G26` */
export type RuleNumber = keyof typeof GATEWAY_RULES;
