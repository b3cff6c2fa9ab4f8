// parts.ts: an ini with parts in it, served in this thread: what tests of parts ask.

import { chmodSync } from 'node:fs';
import type { App } from '@appserve/core/app';
import { loadLivingApp } from '@appserve/loader';
import { answersOf, type Heard } from './answers-of.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './http-server.ts';
import { folderWith, type Tree } from './packages.ts';

export interface Site extends AsyncDisposable {
  readonly server: TestServer;
  /** Of the ini. */
  readonly folder: string;
  /** One request on a connection of its own; lines are fields. */
  ask(target: string, lines?: readonly string[], options?: { readonly method?: string; readonly body?: string }): Promise<Heard>;
  /** Bytes as latin1 text, and what comes until the end of the connection. */
  say(text: string): Promise<string>;
}

export interface SiteOptions extends TestServerOptions {
  readonly files?: Tree;
  /** Makes another contract of the app. */
  readonly convert?: (app: App) => App;
}

const GRACE_MS = 2_000;

/** `lines`: an ini. Files that end with .sh may be run. */
export async function siteOf(lines: readonly string[], { files = {}, convert, ...options }: SiteOptions = {}): Promise<Site> {
  const folder = folderWith({ ...files, 'site.ini': lines.join('\n') });
  for (const path of Object.keys(files)) if (path.endsWith('.sh')) chmodSync(`${folder.path}/${path}`, 0o755);
  try {
    const living = await loadLivingApp('site.ini', { relativeTo: folder.path });
    await living.start();
    const server = await startTestServer(convert?.(living.app) ?? living.app, { chunkedTransfer: true, ...options });
    return {
      server,
      folder: folder.path,
      ask: (target, fields, asked) => ask(server, target, fields, asked),
      say: (text) => say(server, text),
      [Symbol.asyncDispose]: async () => {
        // What an app still writes into the folder is waited for, as a stop does it; then nobody is.
        await server.server.close(GRACE_MS);
        await server[Symbol.asyncDispose]();
        await living.close();
        folder[Symbol.dispose]();
      },
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

async function ask(
  server: TestServer,
  target: string,
  fields: readonly string[] = [],
  { method = 'GET', body = '' }: { readonly method?: string; readonly body?: string } = {},
): Promise<Heard> {
  const host = fields.some((line) => /^host:/i.test(line)) ? [] : ['Host: example.test'];
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const head = [`${method} ${target} HTTP/1.1`, ...host, 'Connection: close', ...length, ...fields, '', ''].join('\r\n');
  const text = await say(server, head + body);
  const [heard] = answersOf(text, [method]);
  if (heard === undefined) throw new Error(`no answer to ${method} ${target}: ${text}`);
  return heard;
}

async function say(server: TestServer, text: string): Promise<string> {
  await using client = await server.client();
  await client.send(text);
  return await client.untilEnd();
}
