// Raw requests with the verdict that RFC 9112 asks for, each against the real server on a connection of its own.
// test/cases/smuggling_cases.json tells where each of them comes from and why; smuggling-answers.test.ts has those about answers,
// proxied-smuggling.test.ts those about proxies.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { startTestServer, type TestServer } from '../support/http-server.ts';
import type { RawResponse } from '../support/raw-client.ts';
import { bytesOf, smugglingCases, type SmugglingCase } from '../support/smuggling-cases.ts';

interface Seen {
  readonly method: unknown;
  readonly target: unknown;
  readonly body: string;
  readonly environ: Environ;
}

const cases = smugglingCases.filter(({ kind }) => kind === 'request');

describe('the list of cases', () => {
  it('is tested, but for the kinds whose part of the server is not there yet', () => {
    const tested = { request: 293, response: 29, fastcgi: 24, 'proxy-protocol': 21, forwarded: 14 };
    const waiting = { static: 13 };
    const counts: Record<string, number> = {};
    for (const { kind } of smugglingCases) counts[kind] = (counts[kind] ?? 0) + 1;
    assert.deepEqual(counts, { ...tested, ...waiting });
  });

  it('has no two cases of one name', () => {
    assert.equal(new Set(smugglingCases.map(({ id }) => id)).size, smugglingCases.length);
  });
});

describe(`${cases.length} raw requests`, () => {
  let server: TestServer;
  let seen: Seen[] = [];
  const app: GatewayApp = async (environ, startResponse) => {
    // The app completes a request by reading its body to the end.
    const body = environ.PATH_INFO === '/unread' ? new Uint8Array() : await environ['wsgi.input'].read();
    seen.push({ method: environ.REQUEST_METHOD, target: environ.RAW_URI, body: Buffer.from(body).toString('latin1'), environ });
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from('ok')];
  };
  before(async () => {
    server = await startTestServer(app, { headTimeoutMs: 300, bodyTimeoutMs: 300 });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  for (const entry of cases) {
    it(`${entry.expect} ${entry.id}: ${entry.why}`, async () => {
      seen = [];
      const responses = await converse(server, entry);
      judge(entry, responses, seen);
    });
  }
});

async function converse(server: TestServer, entry: SmugglingCase): Promise<RawResponse[]> {
  const { raw, split, eof, expect, requests } = entry;
  await using client = await server.client();
  const bytes = bytesOf(entry);
  if (split === undefined) await client.send(bytes);
  else for (let at = 0; at < bytes.length; at += split) await client.send(bytes.slice(at, at + split));
  if (eof === true) client.endSending();
  const responses: RawResponse[] = [];
  // Where requests are to be accepted and the connection kept, their answers are all there is to wait for.
  const wanted = expect === 'accept' ? (requests?.length ?? 1) : Number.POSITIVE_INFINITY;
  while (responses.filter(({ status }) => status >= 200).length < wanted) {
    const response = await client.response({ isHead: raw.startsWith('HEAD') });
    if (response === undefined) break;
    responses.push(response);
    // Either verdict is right: then the first answer is enough.
    if (expect === 'accept-or-reject') break;
  }
  return responses;
}

function judge(entry: SmugglingCase, responses: readonly RawResponse[], seen: readonly Seen[]): void {
  const statuses = responses.map(({ status }) => status).filter((status) => status >= 200);
  const wanted = entry.requests ?? [];
  switch (entry.expect) {
    case 'reject':
    case 'timeout':
      assert.ok(statuses.length >= 1 && statuses.at(-1)! >= 400, `refused, not ${statuses.join()}`);
      if (entry.status !== undefined) assert.equal(statuses.at(-1), entry.status);
      assert.ok(!seen.some(({ target }) => String(target).includes('smuggled')), 'nothing behind it is a request');
      return;
    case 'abort':
      assert.deepEqual(seen, [], 'the app never completes the request');
      return;
    case 'accept':
    case 'accept-close':
      assert.deepEqual(
        seen.map(({ method, target, body }) => ({ method, target, body })),
        // Our app leaves the body of /unread alone: what is behind it must be found all the same.
        wanted.map(({ method, target, target_alt = target, body }) => ({
          method,
          target: target_alt,
          body: target === '/unread' ? '' : body,
        })),
      );
      for (const [name, value] of Object.entries(entry.present ?? {})) assert.equal(seen[0]!.environ[name], value);
      for (const name of entry.absent ?? []) assertAbsent(seen[0]!.environ, name);
      return;
    case 'accept-or-reject':
      assert.ok(statuses.length >= 1, 'answered');
      assert.ok(!seen.some(({ target }) => String(target).includes('smuggled')), 'nothing behind it is a request');
  }
}

/** `NAME`, or `NAME=value` where only that value must not arrive. */
function assertAbsent(environ: Environ, name: string): void {
  const [key, value] = name.split('=') as [string, string?];
  if (value === undefined) assert.ok(!(key in environ), `${key} is absent`);
  else assert.notEqual(environ[key], value);
}
