// gateway-app.ts: a gateway app behind the real server, for as long as one client talks to it.

import type { Environ, GatewayApp, GatewayResult, HeaderList } from '@appserve/core/app';
import { startTestServer, type TestServer, type TestServerOptions } from './http-server.ts';
import type { RawClient, RawResponse } from './raw-client.ts';

const BARE: TestServerOptions = { via: false, date: false, chunkedTransfer: true };

export async function serving(
  app: GatewayApp,
  talk: (client: RawClient, server: TestServer) => Promise<void>,
  options?: TestServerOptions,
): Promise<void> {
  await using server = await startTestServer(app, { ...BARE, ...options });
  await using client = await server.client();
  await talk(client, server);
}

export function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A request without a body; each field with its CRLF. */
export function get(target = '/', fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

export function post(body: string): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** An app that starts a response and gives this. */
export function giving(make: (environ: Environ) => unknown, headers: HeaderList = [], status = '200 OK'): GatewayApp {
  return (environ, startResponse) => {
    startResponse(status, headers);
    return make(environ) as GatewayResult;
  };
}

/** The environ of one request. */
export async function environOf(text = get(), options?: TestServerOptions): Promise<Environ> {
  let seen: Environ | undefined;
  const app = giving((environ) => {
    seen = environ;
    return [];
  });
  await answerOf(app, text, options);
  return seen!;
}

export async function answerOf(app: GatewayApp, text = get(), options?: TestServerOptions): Promise<RawResponse> {
  let answer: RawResponse | undefined;
  const talk = async (client: RawClient): Promise<void> => {
    await client.send(text);
    answer = await client.response({ isHead: text.startsWith('HEAD ') });
  };
  await serving(app, talk, options);
  return answer!;
}

/** The first line of each error in the log. */
export function errorsOf({ log }: TestServer): string[] {
  return log.filter(({ level }) => level === 'error').map(({ message }) => message.split('\n')[0]!);
}
