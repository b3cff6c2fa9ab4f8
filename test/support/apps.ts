// apps.ts: small gateway apps, and the few words that they all need.

import type { GatewayApp, StartResponse } from '@appserve/core/app';

const PLAIN = [['Content-Type', 'text/plain']] as const;

export function ok(startResponse: StartResponse, text: string): Uint8Array[] {
  startResponse('200 OK', PLAIN);
  return [Buffer.from(text)];
}

/** Answers at once with the path that it was asked for. */
export const pathApp: GatewayApp = (environ, startResponse) => ok(startResponse, environ.PATH_INFO);

/** Answers with the body that it was sent. */
export const echoApp: GatewayApp = async (environ, startResponse) =>
  ok(startResponse, Buffer.from(await environ['wsgi.input'].read()).toString('latin1'));

/** A request without a body, as bytes. */
export function get(path: string, ...lines: readonly string[]): string {
  return ['GET ' + path + ' HTTP/1.1', 'Host: test', ...lines, '', ''].join('\r\n');
}

/** A request with a body that it announces whole, as bytes. */
export function post(path: string, body: string, ...lines: readonly string[]): string {
  return [`POST ${path} HTTP/1.1`, 'Host: test', `Content-Length: ${body.length}`, ...lines, '', body].join('\r\n');
}
