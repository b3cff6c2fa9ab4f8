// app-faults.ts: the application's side: 500 where nothing was sent yet, and a line in the log.

import { app } from './fault-row.ts';

/** Part of the message: a log has no other place for it. */
const IS_IT_FETCH = 'is this a fetch app? say interface = fetch, or return { fetch: app } from the factory';

function isItFactory(found: string): string {
  return /^(?:a|the) function\b/.test(found) ? '; is it a factory? then what it returns is the app' : '';
}

export const APP_FAULTS = {
  APP_UNKNOWN: app(
    'What the factory returned is no app: no function, no object with `fetch` or `message`, and not the app of a framework that is known (Express, Koa, Fastify, Nest, Polka, an http.Server); or it does not fit the `interface` that was asked for.',
    (d: {
      found: string;
      /** The factory that returned it, where one did. */
      by?: string | undefined;
      /** A filter is made by a factory too, and returns an app itself. */
      of?: 'app' | 'filter' | undefined;
      /** The contract that it should keep, where one was asked for. */
      contract?: string | undefined;
    }) =>
      d.by === undefined
        ? `this is no ${d.contract === undefined ? 'app' : `${d.contract} app`}: ${d.found}`
        : `${d.of === 'filter' ? `the filter of ${d.by}` : d.by} returned ${d.found}, which is no app`,
    (d) => {
      if (d.of === 'filter')
        return 'a filter_factory returns a function (app) => app; is this a factory of apps? it belongs into [app:NAME]';
      if (d.found === 'an instance of Response')
        return 'did you export the app instead of a factory (globalConf, settings) => app?';
      const [, name] = /^the class (.*)$/.exec(d.found) ?? [];
      return name === undefined
        ? 'return a gateway app (environ, startResponse) => ..., a function (request) => Response, an object with fetch(request) or message(socket, message), or the app of a framework such as Express, Koa or Fastify'
        : `return an instance: new ${name}()`;
    },
  ),
  APP_FAILED: app(
    'The app threw, or its promise was rejected. The client got 500, or a cut connection when the head was out.',
    (d: { message: string }) => `the app failed: ${d.message}`,
  ),
  RESPONSE_STATUS_INVALID: app(
    'The status is not three digits from 200 to 999 (over HTTP/2 599), a space and a reason without control characters; or it is 2xx to CONNECT, which only `takeOver` can give.',
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
  CONNECTION_OUT_OF_REACH: app(
    'An app that was converted to another contract wants to take the connection over, and no server of ours is below it, or a filter between has not passed on what it was given.',
    () => 'there is no connection to take over',
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
    (d: { found: string }) =>
      `the app returned ${d.found} instead of an iterable of bytes${d.found === 'an instance of Response' ? `; ${IS_IT_FETCH}` : isItFactory(d.found)}`,
  ),
  BODY_NOT_BYTES: app(
    'An item of a body is not a Uint8Array. Encode text first, with Buffer.from(text).',
    (d: { found: string }) => `a body holds bytes (Uint8Array), but the app gave ${d.found}`,
  ),
  BODY_LEFT: app(
    'The app read its input after its answer was complete; by then what is left of the body is read past for the next request.',
    () => 'the answer was complete before the body was read',
  ),
  CGI_OUTPUT_INVALID: app(
    'What a request handler wrote to `stdout` is no CGI response: lines `Name: value`, an empty line, the body (RFC 3875 §6).',
    (d: { why: string }) => `invalid CGI output: ${d.why}`,
  ),
  TAKE_OVER_REFUSED: app(
    "The app wants to take over the connection, but that is not its client's alone: a web server speaks FastCGI on it, or other requests of HTTP/2 stand on it.",
    () => 'a connection of FastCGI or HTTP/2 is not taken over',
  ),
  INPUT_SIZE_INVALID: app(
    'The app asked `wsgi.input` for a number of bytes, or of a hint, that is no whole number.',
    (d: { size: string }) => `wsgi.input cannot read ${d.size} bytes`,
  ),
  GATEWAY_ONLY: app(
    'An option or a filter is for gateway apps, and the app keeps another contract.',
    (d: { what: string; contract: string }) => `${d.what} is for gateway apps; this app keeps the contract ${d.contract}`,
    () => 'a gateway app is a function of two parameters: (environ, startResponse)',
  ),
  GATEWAY_RULE_BROKEN: app(
    'The validator (`@appserve/core#lint`) found that an app, or the server in front of it, breaks a rule of docs/reference/gateway.md, and names it.',
    (d: { rule: string; by: 'app' | 'server'; why: string; text: string }) =>
      `${d.rule}: ${d.by === 'app' ? 'the app' : 'the server'} ${d.why} (${d.text})`,
  ),
  NODE_GAVE_RESPONSE: app(
    'A node app returned a Response, or a promise of one, and had written nothing: its client would have waited for ever.',
    () => `the node app returned a Response and has written nothing; ${IS_IT_FETCH}`,
  ),
  NOT_A_RESPONSE: app(
    'A fetch app must return a Response or a promise of one.',
    (d: { found: string }) => `the app returned ${d.found} instead of a Response${isItFactory(d.found)}`,
    () => 'a function of fewer than two parameters is a fetch app; a gateway app takes (environ, startResponse)',
  ),
} as const;
