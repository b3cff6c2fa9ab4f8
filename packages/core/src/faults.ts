// faults.ts: every error that crosses a room's wall: its code, whose fault it is, its words, the next step.
//
// Law: a code is for programs and never changes; a message is for people and is never compared.
// docs/reference/faults.md is printed from this table.

import { nearest, orList, someOf } from './nearest.ts';
import type { Place } from './place.ts';

/**
 * Who can mend it, which decides what becomes of it.
 * peer: answered with `status`. app: 500, logged. config: exit 2. start: exit 1.
 */
export type Blame = 'peer' | 'app' | 'config' | 'start';

interface Row<D> {
  readonly blame: Blame;
  /** The status of the answer; 500 for what no client has caused. */
  readonly status: number;
  /** One or two sentences for the reference page: when it happens and what to do about it. */
  readonly means: string;
  readonly says: (details: D) => string;
  /** The next step, where the details allow a better one than `means`. */
  readonly hint?: (details: D) => string | undefined;
}

function peer<D>(status: number, means: string, says: (details: D) => string): Row<D> {
  return { blame: 'peer', status, means, says };
}

function ours(blame: 'app' | 'config' | 'start') {
  return <D>(means: string, says: (details: D) => string, hint?: (details: D) => string | undefined): Row<D> =>
    hint === undefined ? { blame, status: 500, means, says } : { blame, status: 500, means, says, hint };
}

const app = ours('app');
const config = ours('config');
const start = ours('start');

const didYouMean = (name: string | undefined): string | undefined => (name === undefined ? undefined : `did you mean ${name}?`);

/** Of a section that is almost of a kind: the one of that kind which is most like it. */
function meantBy(misspelt: string, sections: readonly string[]): string {
  return nearest(misspelt.trim(), sections) ?? sections[0]!;
}

/** How `use` names a file: a configuration by config:, a module by its path. */
function addressOfFile(path: string, name: string): string {
  return /\.(?:ini|cfg|conf|json|ya?ml)$/.test(path) ? `config:${path}#${name}` : `./${path}#${name}`;
}

/** A dotted name with the part of it that is not there put right. */
function withNearest(name: string, right: string, has: readonly string[]): string {
  const parts = name.split('.');
  const wrong = parts.findIndex((part) => !has.includes(part) && nearest(part, has) === right);
  return parts.map((part, index) => (index === wrong ? right : part)).join('.');
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function noComments(value: unknown): string | undefined {
  return /(?:^|\s)(?:;|#(?:\s|$))/.test(String(value))
    ? 'there are no comments behind a value: put it in a line of its own'
    : undefined;
}

/** `a class`, `an object`, and `undefined`. */
function aOrAn(noun: string): string {
  if (noun === 'undefined' || noun === 'null') return noun;
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** What an export must be, by the group of entry points that it stands in. */
const FACTORY_HINTS: Readonly<Record<string, string>> = {
  app_factory: 'export a function (globalConf, settings) that returns the app',
  composite_factory: 'export a function (loader, globalConf, settings) that returns the app',
  composit_factory: 'export a function (loader, globalConf, settings) that returns the app',
  filter_factory: 'export a function (globalConf, settings) that returns a function (app) => app',
  filter_app_factory: 'export a function (app, globalConf, settings) that returns an app',
  server_factory: 'export a function (globalConf, settings) that returns what serves an app',
  server_runner: 'export a function (appSource, globalConf, settings) that serves the app',
};

const FAULTS = {
  // The client's side of HTTP. RFC 9112 unless another source is named.
  REQUEST_LINE_INVALID: peer(
    400,
    'The first line of a request is not `method SP target SP version CRLF` (RFC 9112 §3).',
    (d: { why: string }) => `invalid request line: ${d.why}`,
  ),
  REQUEST_LINE_TOO_LONG: peer(
    414,
    'The request line is longer than `max_request_line`.',
    (d: { limit: number }) => `the request line exceeds ${d.limit} bytes`,
  ),
  VERSION_UNSUPPORTED: peer(
    505,
    'The request speaks a major version of HTTP other than 1 (RFC 9110 §15.6.6).',
    (d: { version: string }) => `${d.version} is not spoken here`,
  ),
  TARGET_INVALID: peer(
    400,
    'The request target is none of the four forms of RFC 9112 §3.2, or holds a byte that no URI may hold.',
    (d: { why: string }) => `invalid request target: ${d.why}`,
  ),
  METHOD_UNKNOWN: peer(
    501,
    'A fetch app was sent a method that a Request cannot have: TRACE, TRACK, or a common one in lower case, which Request would change.',
    (d: { method: string }) => `the method ${d.method} is not known here`,
  ),
  METHOD_REFUSED: peer(
    405,
    'CONNECT asks for a tunnel, which an origin server does not open.',
    (d: { method: string }) => `the method ${d.method} is refused`,
  ),
  MISDIRECTED: peer(
    421,
    'The target is an https URL, but the connection is not secure (RFC 9110 §7.4).',
    (d: { target: string }) => `${JSON.stringify(d.target)} is not answered over an insecure connection`,
  ),
  HEAD_TOO_LARGE: peer(
    431,
    'Request line and fields together, or a trailer section, are larger than `max_head_size`.',
    (d: { limit: number }) => `the head exceeds ${d.limit} bytes`,
  ),
  FIELDS_TOO_MANY: peer(
    431,
    'A head or a trailer section has more fields than `max_number_headers`.',
    (d: { limit: number }) => `more than ${d.limit} header fields`,
  ),
  FIELD_INVALID: peer(
    400,
    'A field line is not `name ":" OWS value OWS CRLF`: folded, without a colon, with white space before the colon, or with a byte that is not allowed (RFC 9112 §5).',
    (d: { why: string }) => `invalid field line: ${d.why}`,
  ),
  FIELD_REPEATED: peer(
    400,
    'A field that has one value stands more than once.',
    (d: { name: string }) => `${d.name} stands more than once`,
  ),
  HOST_MISSING: peer(400, 'An HTTP/1.1 request has no Host field (RFC 9112 §3.2).', () => 'there is no Host field'),
  HOST_INVALID: peer(
    400,
    'The value of Host, or the authority of an absolute target, is not `uri-host [":" port]` (RFC 9112 §3.2).',
    (d: { value: string }) => `invalid Host ${JSON.stringify(d.value)}`,
  ),
  LENGTH_INVALID: peer(
    400,
    'Content-Length is not one decimal number. Lists of equal numbers are refused too: a proxy in front may count another one.',
    (d: { value: string }) => `invalid Content-Length ${JSON.stringify(d.value)}`,
  ),
  LENGTH_AND_CODING: peer(
    400,
    'Content-Length and Transfer-Encoding stand in one request: two readings, so it is refused (RFC 9112 §6.3).',
    () => 'Content-Length and Transfer-Encoding together',
  ),
  CODING_INVALID: peer(
    400,
    'Transfer-Encoding does not end in one `chunked`, or stands in an HTTP/1.0 request (RFC 9112 §6.1, §6.3).',
    (d: { why: string }) => `invalid Transfer-Encoding: ${d.why}`,
  ),
  CODING_UNKNOWN: peer(
    501,
    'Transfer-Encoding names a coding other than chunked (RFC 9112 §6.1).',
    (d: { coding: string }) => `unknown transfer coding ${JSON.stringify(d.coding)}`,
  ),
  EXPECTATION_UNKNOWN: peer(
    417,
    'Expect names something other than 100-continue (RFC 9110 §10.1.1).',
    (d: { value: string }) => `unknown expectation ${JSON.stringify(d.value)}`,
  ),
  BODY_TOO_LARGE: peer(
    413,
    'The request body is larger than `max_body_size`.',
    (d: { limit: number }) => `the body exceeds ${d.limit} bytes`,
  ),
  CHUNK_INVALID: peer(
    400,
    'The chunked body breaks the grammar of RFC 9112 §7.1, or its chunk extensions are too long.',
    (d: { why: string }) => `invalid chunked body: ${d.why}`,
  ),
  BODY_INCOMPLETE: peer(
    400,
    'The client closed its side before the body was complete; the app sees this error and never a short body (RFC 9112 §6.3).',
    () => 'the connection ended within the request body',
  ),
  HEAD_INCOMPLETE: peer(
    400,
    'The client closed its side in the middle of a request head.',
    () => 'the connection ended within the request head',
  ),
  HEAD_TIMEOUT: peer(
    408,
    'A head did not arrive within `head_timeout`.',
    (d: { limitMs: number }) => `no complete head within ${d.limitMs} ms`,
  ),
  BODY_TIMEOUT: peer(
    408,
    'The client was silent for `body_timeout` while its body was awaited.',
    (d: { limitMs: number }) => `no byte of the body for ${d.limitMs} ms`,
  ),
  SEND_TIMEOUT: peer(
    408,
    'The client took no byte of the answer for `send_timeout`; the connection is cut.',
    (d: { limitMs: number }) => `the client took no byte for ${d.limitMs} ms`,
  ),
  PEER_GONE: peer(
    400,
    'The client closed the connection while its request was being answered. The reason of `exchange.signal`.',
    () => 'the client has gone',
  ),
  QUEUE_FULL: peer(
    503,
    'All `concurrency` app calls of the worker are busy and its request queue holds `queue_limit` requests.',
    (d: { limit: number }) => `the request queue is full (${d.limit})`,
  ),

  // The application's side.
  APP_UNKNOWN: app(
    'What the factory returned is no app: neither a function nor an object with `fetch`. Return one, or pass the contract by name.',
    (d: {
      found: string;
      /** The factory that returned it, where one did. */
      by?: string | undefined;
      /** A filter is made by a factory too, and returns an app itself. */
      of?: 'app' | 'filter' | undefined;
    }) =>
      d.by === undefined
        ? `this is no app: ${d.found}`
        : `${d.of === 'filter' ? `the filter of ${d.by}` : d.by} returned ${d.found}, which is no app`,
    (d) => {
      if (d.of === 'filter')
        return 'a filter_factory returns a function (app) => app; is this a factory of apps? it belongs into [app:NAME]';
      if (d.found === 'an instance of Response')
        return 'did you export the app instead of a factory (globalConf, settings) => app?';
      const [, name] = /^the class (.*)$/.exec(d.found) ?? [];
      return name === undefined
        ? 'return a gateway app (environ, startResponse) => ..., a function (request) => Response, or an object with fetch(request)'
        : `return an instance: new ${name}()`;
    },
  ),
  APP_FAILED: app(
    'The app threw, or its promise was rejected. The client got 500, or a cut connection when the head was out.',
    (d: { message: string }) => `the app failed: ${d.message}`,
  ),
  RESPONSE_STATUS_INVALID: app(
    'The status is not three digits from 200 to 999, a space and a reason without control characters; or it is 2xx to CONNECT, which only `takeOver` can give.',
    (d: { status: string }) => `invalid response status ${JSON.stringify(d.status)}`,
  ),
  RESPONSE_FIELD_INVALID: app(
    'A response field is not a token with a value of printable latin-1 (RFC 9110 §5.5). CR, LF and NUL would let a client write headers of its own.',
    (d: { name: string; why: string }) => `invalid response field ${JSON.stringify(d.name)}: ${d.why}`,
  ),
  RESPONSE_FIELD_FORBIDDEN: app(
    'The field belongs to the connection, not to the response; the server sends it (RFC 9110 §7.6.1).',
    (d: { name: string }) => `the app may not send ${d.name}`,
  ),
  RESPONSE_OUT_OF_TURN: app(
    'A response was written in the wrong order: a second head, a body before the head, or anything after the end.',
    (d: { event: string; state: string }) => `${d.event} in state ${d.state}`,
  ),
  CONNECT_NOT_TAKEN: app(
    'The app answered CONNECT with a 2xx without taking the connection: the client would speak into a tunnel that is none.',
    () => 'a 2xx to CONNECT needs takeOver()',
  ),
  RESPONSE_TOO_LONG: app(
    'The app wrote more than its Content-Length; the rest was cut off and the connection closed.',
    (d: { length: number }) => `the body is longer than its Content-Length of ${d.length}`,
  ),
  RESPONSE_TOO_SHORT: app(
    'The app wrote less than its Content-Length; the connection was closed so that the client can tell.',
    (d: { length: number; sent: number }) => `the body ended after ${d.sent} of ${d.length} bytes`,
  ),
  START_RESPONSE_MISSING: app(
    'A gateway app returned a body without having called startResponse.',
    () => 'startResponse was not called',
  ),
  START_RESPONSE_TWICE: app(
    'A gateway app called startResponse again without excInfo (PEP 3333).',
    () => 'startResponse was called twice without excInfo',
  ),
  RESULT_INVALID: app(
    'A gateway app must return an iterable or async iterable of Uint8Array, or a promise of one.',
    (d: { found: string }) => `the app returned ${d.found} instead of an iterable of bytes`,
  ),
  BODY_NOT_BYTES: app(
    'An item of a body is not a Uint8Array. Encode text first, with Buffer.from(text).',
    (d: { found: string }) => `a body holds bytes (Uint8Array), but the app gave ${d.found}`,
  ),
  BODY_LEFT: app(
    'The app read its input after its answer was complete; by then what is left of the body is read past for the next request.',
    () => 'the answer was complete before the body was read',
  ),
  NOT_A_RESPONSE: app(
    'A fetch app must return a Response or a promise of one.',
    (d: { found: string }) => `the app returned ${d.found} instead of a Response`,
    () => 'a function of fewer than two parameters is a fetch app; a gateway app takes (environ, startResponse)',
  ),

  // Configuration: found while reading, planning and settling; exit code 2.
  ARGUMENT_INVALID: config(
    'The command line cannot be understood. `appserve --help` lists what it takes.',
    (d: { argument: string; why: string }) => `${d.argument}: ${d.why}`,
    () => 'appserve --help lists what the command takes',
  ),
  CONFIG_MISSING: config(
    'The configuration file does not exist.',
    (d: { path: string; nearest?: string | undefined }) => `there is no file ${d.path}`,
    (d) => didYouMean(d.nearest) ?? 'a path is relative to the working directory; in an ini, to the folder of that ini',
  ),
  CONFIG_UNREADABLE: config(
    'The configuration file exists, but cannot be read as text: a directory, no permission, not UTF-8.',
    (d: { path: string; why: string }) => `cannot read ${d.path}: ${d.why}`,
  ),
  CONFIG_NOT_FOUND: config(
    'No configuration is named, and none is found from the working directory up to the project. docs/guide/finding.md tells where it is looked for.',
    (d: {
      lookedFor: readonly string[];
      folders: readonly string[];
      passedOver: readonly string[];
      others: readonly string[];
    }) => {
      const passed = d.passedOver.length === 0 ? '' : `; passed over ${d.passedOver.join(', ')}`;
      return `there is no configuration: looked for ${orList(d.lookedFor)} in ${d.folders.join(', ')}${passed}`;
    },
    (d) => (d.others.length === 0 ? 'name one: appserve path/to.ini' : `there is ${someOf(d.others)}: appserve ${d.others[0]}`),
  ),
  CONFIG_SEARCH_FAILED: config(
    'What the project says to cosmiconfig, in its package.json or in .config/config.*, cannot be read; it is read before any search.',
    (d: { why: string }) => `cannot look for a configuration: ${d.why}`,
    () => 'mend it, or name a configuration: appserve path/to.ini',
  ),
  CONFIG_SYNTAX: config(
    'A configuration in JSON or YAML breaks the grammar of its language; or its aliases stand for more than any configuration has.',
    (d: { why: string }) => d.why,
    (d) =>
      /^plain value cannot start with .*[@%]$/.test(d.why)
        ? 'in YAML a text that begins with @ or % needs quotes: "@appserve/server#main"'
        : undefined,
  ),
  CONFIG_SHAPE: config(
    'A configuration in JSON, YAML or a module says what no ini could: it takes sections of keys, each with text, a number, true, false, or a list of these.',
    (d: { what: string; found: string; wanted: string }) => `${d.what} is ${d.found}`,
    (d) => `write ${d.wanted}`,
  ),
  INI_NO_SECTION: config(
    'There is text before the first [section].',
    (d: { line: string }) => `there is no [section] above this line: ${d.line.trim()}`,
    () => 'put it below a line such as [app:main]',
  ),
  INI_SYNTAX: config(
    'A line is neither a comment, a [section], a `key = value`, nor an indented continuation.',
    (d: { why: string }) => d.why,
    () => 'write key = value; indent a line that continues a value; start comments with #',
  ),
  SECTION_REPEATED: config(
    'One file has a section twice.',
    (d: { section: string; firstLine: number }) => `[${d.section}] stands already at line ${d.firstLine}`,
    () => 'merge the two sections, or rename one',
  ),
  KEY_REPEATED: config(
    'One section has a key twice.',
    (d: {
      key: string;
      firstLine: number;
      /** A line above that begins as a [section] does, and has no ]. */
      unclosed?: number | undefined;
    }) => `${d.key} stands already at line ${d.firstLine}`,
    (d) =>
      d.unclosed === undefined
        ? 'keep one of the two lines'
        : `line ${d.unclosed} begins as a [section] and has no ]: is it meant to be one?`,
  ),
  INTERPOLATION_SYNTAX: config(
    'A % is neither `%(name)s` nor `%%`.',
    (d: { why: string }) => d.why,
    () => 'write %% for a percent sign and %(name)s for a value',
  ),
  INTERPOLATION_MISSING: config(
    '`%(name)s` names nothing that this section or [DEFAULT] has.',
    (d: {
      name: string;
      nearest: string | undefined;
      isInEnvironment: boolean;
      /** A section that has it and would be [DEFAULT] if it were written so. */
      misspelt: string | undefined;
    }) => `there is no value for %(${d.name})s`,
    (d) => {
      if (d.misspelt !== undefined) return `[${d.misspelt}] has it, but the section for all others is written [DEFAULT]`;
      if (d.isInEnvironment) return `the environment has it: write %(env:${d.name})s`;
      return didYouMean(d.nearest) ?? 'set it in this section, in [DEFAULT], or on the command line as name=value';
    },
  ),
  INTERPOLATION_TOO_LONG: config(
    'A value grew beyond all reason while its variables were put in.',
    (d: { limit: number }) => `the value exceeds ${d.limit} characters`,
    () => 'values that refer to values that refer to values grow fast; write one of them out',
  ),
  ENVIRONMENT_MISSING: config(
    '`%(env:NAME)s` names a variable that the environment does not have.',
    (d: { name: string; nearest: string | undefined }) => `the environment has no ${d.name}`,
    (d) => didYouMean(d.nearest) ?? `set it, or write what to take instead: %(env:${d.name}|value)s`,
  ),
  VALUE_FILE_UNREADABLE: config(
    '`%(file:PATH)s` names a file that cannot be read as text.',
    (d: { path: string; why: string }) => `cannot read ${d.path}: ${d.why}`,
    () => 'the path is relative to the folder of the ini file; the file must be UTF-8 and at most 1 MiB',
  ),
  INTERPOLATION_CYCLE: config(
    'Values refer to each other in a circle.',
    (d: { cycle: readonly string[] }) => `values refer to each other in a circle: ${d.cycle.join(' -> ')}`,
    () => 'write one of them out; %% is a percent sign that stands for itself',
  ),
  INTERPOLATION_DEPTH: config(
    'Values refer to values more than ten deep, the limit of ConfigParser.',
    (d: { limit: number }) => `values refer to each other more than ${d.limit} deep`,
    () => 'write one of them out',
  ),
  URI_INVALID: config(
    'The address of a configuration is not `path`, `path#name` or `config:path#name`.',
    (d: { uri: string; why: string }) => `${d.uri}: ${d.why}`,
    () => 'write a path such as development.ini, or development.ini#admin for [app:admin]',
  ),
  SECTION_MISSING: config(
    'The file has no section of that name and kind.',
    (d: {
      sections: readonly string[];
      /** Those of the kind that is asked for. */
      found: readonly string[];
      /** One that has the name, but another kind. */
      other: string | undefined;
      role: string;
      nearest: string | undefined;
      /** One that is almost of the kind: `App:main`. */
      misspelt: string | undefined;
      /** A file has the name. */
      isFile: boolean;
    }) =>
      `there is no section [${d.sections[0]}]${d.sections.length === 1 ? '' : `, and no ${orList(d.sections.slice(1).map((name) => name.slice(0, name.indexOf(':'))))} of that name`}`,
    (d) => {
      const [, name = ''] = /^[^:]*:(.*)$/s.exec(d.sections[0]!) ?? [];
      if (d.misspelt !== undefined) return `there is [${d.misspelt}]: did you mean [${meantBy(d.misspelt, d.sections)}]?`;
      if (d.isFile) return `there is a file of that name: write ${addressOfFile(name, 'main')}`;
      if (d.nearest !== undefined) return `there is [${d.nearest}]: did you mean that?`;
      const [, module, entry] = /^([\w-]+)(?:\.[\w-]+)+:([\w$.]+)$/.exec(name) ?? [];
      if (module !== undefined) return `write ${module}#${entry} for an export of a package, or ./file.js#${entry}`;
      if (d.role === 'server' && d.found.length === 0)
        return `add [${d.sections[0]}] with use = @appserve/server#main, socket = 127.0.0.1:8080 and workers = 2`;
      if (d.other !== undefined)
        return `there is [${d.other}], but ${d.role === 'app' ? 'an app' : `a ${d.role}`} is asked for here`;
      const others = d.role === 'server' || !/^[\w.~-]+$/.test(name) ? '' : `; a package of that name would be ${name}#main`;
      if (d.found.length > 0) return `the file has ${d.found.map((section) => `[${section}]`).join(' ')}${others}`;
      return `add [${d.sections[0]}] with a line such as use = ./${d.role}.js#main`;
    },
  ),
  SECTION_AMBIGUOUS: config(
    'Two sections have the name that is asked for.',
    (d: { sections: readonly string[] }) => `two sections could be meant: ${d.sections.map((name) => `[${name}]`).join(' and ')}`,
    () => 'they share one set of names: rename one of them',
  ),
  USE_MISSING: config(
    'The section does not say what it uses.',
    (d: { section: string; keys: readonly string[] }) => `[${d.section}] has no use =`,
    (d) => `add a line such as use = my-package#main, use = ./app.js#main, or ${d.keys[0]} = ./app.js:main`,
  ),
  PROTOCOLS_SEVERAL: config(
    'A section names two factories with two signatures.',
    (d: { section: string; keys: readonly string[] }) => `[${d.section}] has ${d.keys.join(' and ')}`,
    () => 'keep one of them',
  ),
  PIPELINE_MISSING: config(
    'A `[pipeline:...]` section does not say what it is made of.',
    (d: { section: string }) => `[${d.section}] has no pipeline =`,
    () => 'add pipeline = followed by filters and, last, an app, each on a line of its own',
  ),
  PIPELINE_EMPTY: config(
    'The list of a pipeline is empty: at least an app must stand there.',
    (d: { section: string }) => `the pipeline of [${d.section}] is empty`,
    () => 'name filters and, last, an app, each on an indented line of its own',
  ),
  PIPELINE_SETTINGS: config(
    'A pipeline has a setting, or gets one from a section that uses it; but it has no factory that could take it.',
    (d: { section: string; key: string }) => `[${d.section}] is a pipeline and takes no setting ${d.key}`,
    () => 'write it into the section of the app or the filter that it is meant for',
  ),
  NEXT_MISSING: config(
    'A `[filter-app:...]` section does not say which app it filters.',
    (d: { section: string }) => `[${d.section}] has no next =`,
    () => 'add next = and the name of an app',
  ),
  GLOBAL_MISSING: config(
    '`get x = NAME` asks for a global that nobody has set.',
    (d: { name: string; nearest: string | undefined }) => `there is no global ${d.name}`,
    (d) => didYouMean(d.nearest) ?? `write ${d.name} = ... in [DEFAULT], or set ${d.name} = ... in a section that leads here`,
  ),
  USE_INVALID: config(
    'A name is none of `pkg#name`, `./file.js#name`, `config:other.ini#name`, `call:./file.js:name` or the name of a section.',
    (d: { use: string; why: string }) => (d.use === '' ? d.why : `${d.use}: ${d.why}`),
    () => 'write my-package#main, ./app.js#main, config:other.ini#main, or the name of another section',
  ),
  USE_CYCLE: config(
    'Sections use each other in a circle.',
    (d: { cycle: readonly string[] }) =>
      `sections use each other in a circle: ${d.cycle.map((name) => `[${name}]`).join(' -> ')}`,
    () => 'one of them must use a package or a file',
  ),
  USE_TOO_DEEP: config(
    'Sections use sections that use sections, without end in sight.',
    (d: { limit: number }) => `sections use each other more than ${d.limit} deep`,
    () => 'is this ini made by a program? Let it name the package or the file at once',
  ),
  SETTINGS_NOT_PLAIN: config(
    'The schema that a package has apart from its factory gives a value that no other thread can be given: a function, or an object of a class.',
    (d: { key: string; found: string }) => `the schema makes ${d.found} of ${d.key}, which cannot be sent to a worker`,
    () => 'this is for the author of the package to mend: plain data only, or the schema as a property of the factory',
  ),
  PACKAGE_MISSING: config(
    'The package is found neither from the folder of the ini file nor beside appserve.',
    (d: { name: string; entry: string; from: string; isFile: boolean; isEgg: boolean }) =>
      `there is no package ${d.name} (looked up from ${d.from})`,
    (d) => {
      if (d.isFile) return `there is a file of that name: use = ${addressOfFile(d.name, d.entry)}`;
      return d.isEgg
        ? `if ${d.name} is a Python package, name the npm package that takes its place; if not: npm install ${d.name}`
        : `install it there: npm install ${d.name}`;
    },
  ),
  REQUIREMENT_INVALID: config(
    'A word of `require` is not the name of a package, or not followed by a range of versions.',
    (d: { requirement: string }) => `${d.requirement} is no requirement`,
    () => 'write names of packages, each with a range of versions if need be: require = shop blog@^2.1',
  ),
  REQUIREMENT_MISSING: config(
    'A package that `require` names is not installed.',
    (d: { name: string; from: string }) => `the required package ${d.name} is not installed (looked up from ${d.from})`,
    (d) => `install it there: npm install ${d.name}`,
  ),
  REQUIREMENT_UNMET: config(
    'A package that `require` names is installed, but in another version.',
    (d: { name: string; range: string; version: string }) => `${d.name} ${d.range} is required, but ${d.version} is installed`,
    (d) => `npm install "${d.name}@${d.range}"`,
  ),
  PACKAGE_BROKEN: config(
    'The package.json of a package cannot be used.',
    (d: { path: string; why: string }) => `${d.path}: ${d.why}`,
    () => 'this is for the author of the package to mend; see the entry points of another one for the form',
  ),
  ENTRY_POINT_MISSING: config(
    'The package offers entry points, but not this one.',
    (d: {
      name: string;
      package: string;
      groups: readonly string[];
      has: readonly string[];
      nearest: string | undefined;
      otherGroup: string | undefined;
    }) => `${d.package} has no ${orList(d.groups)} named ${d.name}`,
    (d) => {
      if (d.otherGroup !== undefined && !Object.hasOwn(FACTORY_HINTS, d.otherGroup))
        return `its package.json offers it as ${d.otherGroup}: ${didYouMean(nearest(d.otherGroup, Object.keys(FACTORY_HINTS))) ?? 'that is no group'}`;
      if (d.otherGroup !== undefined)
        return `${d.package}#${d.name} is ${aOrAn(d.otherGroup)}: it belongs into another kind of section`;
      const guess = didYouMean(d.nearest && `${d.package}#${d.nearest}`);
      return guess ?? (d.has.length === 0 ? `${d.package} offers none of this kind` : `it has ${someOf(d.has)}`);
    },
  ),
  ENTRY_POINT_AMBIGUOUS: config(
    'A package offers one name as an app and as a composite.',
    (d: { name: string; package: string; groups: readonly string[] }) => `${d.package}#${d.name} is ${d.groups.join(' and ')}`,
    () => 'this is for the author of the package to mend: two names are needed',
  ),
  ENTRY_POINT_INVALID: config(
    'An entry point in a package.json is not of the form `./module.js#export`, or leaves its package.',
    (d: { value: string; path: string; key?: string | undefined; nearest?: string | undefined }) =>
      d.key === undefined
        ? `${d.path}: the entry point ${d.value} is not of the form "./module.js#export"`
        : `${d.path}: the entry point ${d.value} has an unknown key ${d.key}`,
    (d) => {
      if (d.key === undefined) return 'write a path inside the package, a # and the name of an export';
      return didYouMean(d.nearest) ?? 'there are factory and options';
    },
  ),
  MODULE_MISSING: config(
    'The module that an entry point or `use` names does not exist.',
    (d: { module: string; nearest: string | undefined; isFolder?: boolean | undefined }) =>
      d.isFolder === true ? `${d.module} is a folder, not a module` : `there is no module ${d.module}`,
    (d) =>
      (d.isFolder === true ? 'name the file in it, such as index.js' : didYouMean(d.nearest)) ??
      'paths are relative to the folder of the ini file; from a package, to its own folder',
  ),
  MODULE_UNREADABLE: config(
    'A TypeScript file of the app exists, but cannot be read: a folder, no permission.',
    (d: { path: string; why: string }) => `cannot read ${d.path}: ${d.why}`,
  ),
  EXPORT_MISSING: config(
    'The module has no export of that name.',
    (d: { module: string; name: string; has: readonly string[]; nearest: string | undefined }) =>
      `${d.module} does not export ${d.name}`,
    (d) => {
      const guess = didYouMean(d.nearest === undefined ? undefined : withNearest(d.name, d.nearest, d.has));
      if (guess !== undefined) return guess;
      if (d.name === 'main' && d.has.includes('default')) return `it has a default export: write ./${lastOf(d.module)}#default`;
      return d.has.length === 0 ? 'it exports nothing' : `it exports ${someOf(d.has)}`;
    },
  ),
  NOT_A_FACTORY: config(
    'The export exists, but is no function.',
    (d: { module: string; name: string; found: string; group: string }) =>
      `${d.module}#${d.name} is ${aOrAn(d.found)}, not a function`,
    (d) => FACTORY_HINTS[d.group],
  ),
  NOT_A_FILTER: config(
    'A filter factory returned something that cannot be called with an app.',
    (d: { module: string; name: string; found: string }) =>
      `${d.module}#${d.name} returned ${d.found} instead of a function that filters an app`,
    () => 'a filter_factory returns a function (app) => app; a filter_app_factory gets the app as its first argument',
  ),
  NOT_A_SERVER: config(
    'A server factory returned something that cannot be called with an app.',
    (d: { module: string; name: string; found: string }) =>
      `${d.module}#${d.name} returned ${d.found} instead of a function that serves an app`,
    () => 'a server_factory returns a function (appSource) => server; a server_runner is named by a package',
  ),
  NOT_A_HANDLE: config(
    'What a server factory returned was called with the app, or a server runner was, and gave no handle of a running server.',
    (d: { module: string; name: string; found: string; missing: readonly string[] }) =>
      `${d.module}#${d.name} returned ${d.found === 'an object' ? `an object without ${orList(d.missing)}` : d.found} instead of a handle`,
    () => 'a server returns { url, ready, closed, close() }; an app belongs into [app:NAME]',
  ),
  OPTIONS_INVALID: config(
    'The `options` of a factory are neither a Standard Schema nor a table of options.',
    (d: { module: string; name: string; found: string; key: string | undefined }) =>
      d.key === undefined
        ? `${d.module}#${d.name}.options is ${aOrAn(d.found)}, but no schema`
        : `${d.module}#${d.name}.options is ${aOrAn(d.found)}, but no schema, and its ${d.key} is no option of a table`,
    () => 'give it a Standard Schema such as z.object({ ... })',
  ),
  OPTION_UNKNOWN: config(
    'There is no option of that name.',
    (d: { key: string; nearest: string | undefined; has?: readonly string[] }) => `unknown option ${d.key}`,
    (d) => didYouMean(d.nearest) ?? (d.has === undefined || d.has.length === 0 ? undefined : `there is ${someOf(d.has)}`),
  ),
  OPTION_INVALID: config(
    'The value of an option is not allowed.',
    (d: { key: string; value: string; allowed: string }) => `${d.key} = ${d.value}: must be ${d.allowed}`,
    (d) => noComments(d.value),
  ),
  SETTING_INVALID: config(
    "The factory's own schema refuses a setting.",
    (d: { key: string; value: string; message: string }) => `${d.key} = ${d.value}: ${d.message}`,
    (d) => noComments(d.value),
  ),
  OPTION_REQUIRED: config(
    'An option that has no default is missing.',
    (d: { key: string; allowed: string }) => `${d.key} is required: ${d.allowed}`,
  ),
  OPTIONS_CONFLICT: config(
    'Two options contradict each other.',
    (d: { keys: readonly string[]; why: string }) => `${d.keys.join(' and ')}: ${d.why}`,
  ),
  SOCKET_PATH_TOO_LONG: config(
    'A unix socket path is longer than the 107 bytes of sockaddr_un; Node would cut it silently.',
    (d: { path: string; bytes: number; limit: number }) =>
      `the socket path ${d.path} has ${d.bytes} bytes, ${d.limit} are possible`,
    () => 'choose a shorter path, such as /run/NAME.sock',
  ),
  SCRIPT_UNKNOWN: config(
    'serve() cannot tell which script to import in its workers.',
    () => 'serve() was not called from a script file',
    () => 'pass module: import.meta.url',
  ),

  SERVE_MISSING: config(
    'A worker imported the script again, but the script did not call serve() there.',
    (d: { module: string }) => `${d.module} did not call serve() in its worker`,
    () => 'call serve() in every thread, not only in the main one; it returns in the main thread only',
  ),
  TSCONFIG_INVALID: config(
    'The tsconfig.json of an app in TypeScript, or one that it extends, cannot be read.',
    (d: { why: string }) => `this tsconfig cannot be read: ${d.why}`,
    () => 'npx tsc --showConfig shows what TypeScript makes of it',
  ),

  // Starting: the configuration is right, but the machine or the app says no; exit code 1.
  MODULE_FAILED: start(
    'The module exists, but failed while it was imported. The stack below names the line.',
    (d: { module: string; message: string }) => `${d.module} failed while it was imported: ${d.message}`,
  ),
  ADDRESS_IN_USE: start(
    'Another process listens on the address.',
    (d: { address: string }) => `${d.address} is in use`,
    () => 'stop the other process, or choose another socket (port 0 takes any free port)',
  ),
  ADDRESS_REFUSED: start(
    'The operating system refuses the address.',
    (d: { address: string; why: string }) => `cannot listen on ${d.address}: ${d.why}`,
  ),
  SOCKET_FILE_IN_THE_WAY: start(
    'A file that is no socket stands where the unix socket should be.',
    (d: { path: string }) => `${d.path} exists and is no socket`,
    () => 'move it away, or choose another path',
  ),
  SOCKETS_NOT_PASSED: start(
    '`systemd` stands for the sockets that systemd passes to a service (sd_listen_fds(3)), and it passed none that could be taken.',
    (d: { why: string; hint: string | undefined }) => `cannot take the sockets of systemd: ${d.why}`,
    (d) => d.hint,
  ),
  DESCRIPTOR_UNUSABLE: start(
    'A descriptor that `fd:N` names, or that systemd passed, is no socket that listens for streams.',
    (d: { address: string; fd: number; why: string; hint: string | undefined }) =>
      `cannot listen on ${d.address}: descriptor ${d.fd} ${d.why}`,
    (d) => d.hint,
  ),
  ACCOUNT_UNKNOWN: start(
    '`socket_owner`, `socket_group`, `user` or `group` names a user or a group that this machine does not have.',
    (d: { key: string; value: string; kind: 'user' | 'group' }) => `${d.key} = ${d.value}: there is no such ${d.kind}`,
    (d) =>
      d.kind === 'user'
        ? 'create it: useradd --system NAME; or name another one'
        : 'create it: groupadd --system NAME; or name another one',
  ),
  PIDFILE_IN_USE: start(
    'The pidfile holds the id of a process that is alive, or something that is no process id.',
    (d: { path: string; why: string }) => `the pidfile ${d.path} is in use: ${d.why}`,
    () => 'stop the other process, choose another pidfile, or remove this one if it is of somebody who is gone',
  ),
  PIDFILE_REFUSED: start(
    'The pidfile cannot be read, written or replaced.',
    (d: { path: string; why: string }) => `cannot write the pidfile ${d.path}: ${d.why}`,
  ),
  FOLDER_REFUSED: start(
    'The folder of `chdir` does not exist, or may not be entered by the user that the server runs as.',
    (d: { path: string; why: string }) => `cannot change to the folder ${d.path}: ${d.why}`,
  ),
  PRIVILEGES_REFUSED: start(
    'The server cannot become the `user` or the `group` that it should run as; or it could become root again.',
    (d: { what: string; why: string; hint: string | undefined }) => `${d.what}: ${d.why}`,
    (d) => d.hint,
  ),
  DESCRIPTOR_FAILED: start(
    'A system call on a descriptor failed.',
    (d: { call: string; why: string }) => `${d.call} failed: ${d.why}`,
  ),
  FACTORY_FAILED: start(
    'The factory of an app threw, or its promise was rejected. The stack below names the line.',
    (d: { module: string; name: string; message: string }) => `${d.module}#${d.name} failed: ${d.message}`,
  ),
  LOADING_STUCK: start(
    'Loading the app waits for something that will never happen: nothing is left in its thread that could bring it about.',
    () => 'loading the app waits for something that never happens',
    () => 'look for a top-level await, or an await in the factory, whose promise nobody resolves',
  ),
  STARTING_STUCK: start(
    'The main thread waits for something that will never happen: nothing is left in it that could bring it about.',
    () => 'starting waits for something that never happens',
    () => 'look for a top-level await in a configuration that is a module, or for a server that never says that it serves',
  ),
  NOT_SERVING: start(
    'The server was asked to change while it starts or stops.',
    (d: { what: string }) => `${d.what}: the server is not serving`,
    () => 'await ready first',
  ),
  WORKER_ENDED: start(
    'A worker ended before it had loaded the app.',
    (d: { worker: string; code: number }) => `${d.worker} ended with code ${d.code} before it was ready`,
    () => 'does the app call process.exit() while it is loaded?',
  ),
  WORKER_FAILED: start(
    'A worker could not load the app.',
    (d: { worker: string; message: string }) => `${d.worker} could not load the app: ${d.message}`,
  ),
  WORKERS_CRASHING: start(
    'A worker cannot be replaced: none of those that were started in its place came to serving. The server gives up.',
    (d: { crashes: number }) => `${d.crashes} workers in a row ended before they could serve`,
    () => 'the log above says why each of them ended',
  ),
  TYPESCRIPT_SYNTAX: start(
    'A TypeScript file of the app cannot be parsed. Types are not checked: that is for tsc and editors.',
    (d: { why: string; hint?: string | undefined }) => `this is not TypeScript: ${d.why}`,
    (d) => d.hint,
  ),
  TYPESCRIPT_UNAVAILABLE: start(
    'The app is in TypeScript, but its compiler, @swc/core, cannot be loaded: npm has not installed the binary for this platform.',
    (d: { why: string }) => `the compiler of TypeScript cannot be loaded: ${d.why}`,
    () => 'install again with optional dependencies (npm install --include=optional), or compile the app and name its .js file',
  ),
} as const;

export type FaultCode = keyof typeof FAULTS;
export type FaultDetails<C extends FaultCode> = Parameters<(typeof FAULTS)[C]['says']>[0];

/** What a fault may carry beside its details. */
export interface FaultContext {
  /** Where the mistake stands. */
  readonly at?: Place | undefined;
  /** What led there, innermost first: `[app:main] development.ini:3:1`. */
  readonly askedBy?: readonly string[];
  readonly cause?: unknown;
}

/** An error with a stable code. Its message is lower case, without a full stop, with the value and the limit. */
export class Fault<C extends FaultCode = FaultCode> extends Error {
  override readonly name = 'Fault';
  readonly code: C;
  readonly details: FaultDetails<C>;
  readonly at: Place | undefined;
  readonly askedBy: readonly string[];

  constructor(code: C, details: FaultDetails<C>, context: FaultContext = {}) {
    const says = FAULTS[code].says as (details: FaultDetails<C>) => string;
    super(says(details), context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.details = details;
    this.at = context.at;
    this.askedBy = context.askedBy ?? [];
  }

  get blame(): Blame {
    return FAULTS[this.code].blame;
  }

  /** The HTTP status that answers it. */
  get status(): number {
    return FAULTS[this.code].status;
  }

  /** The next step for whoever has to mend it. */
  get hint(): string | undefined {
    const row: Row<FaultDetails<C>> = FAULTS[this.code] as never;
    return row.hint?.(this.details);
  }
}

/** Several independent faults found in one go, so that a file is mended in one go. */
export class FaultList extends Error {
  override readonly name = 'FaultList';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.faults = faults;
  }
}

/** Throws what was found: nothing, the one fault, or the list. */
export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length === 1) throw faults[0]!;
  if (faults.length > 1) throw new FaultList(faults);
}

/** The table as data, for the reference page and its test. */
export function faultRows(): readonly { code: FaultCode; blame: Blame; status: number; means: string }[] {
  return Object.entries(FAULTS).map(([code, { blame, status, means }]) => ({ code: code as FaultCode, blame, status, means }));
}
