// What an app writes for the log of a web server that does not read: a request handler waits, and `wsgi.errors` keeps a little of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp, HandlerRequest } from '@appserve/core/app';
import { ok } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { variablesOf } from '../support/fastcgi-client.ts';
import { startFastcgiServer } from '../support/fastcgi-server.ts';

const TIMEOUT = { timeout: 120_000 };
const PIECE = 'e'.repeat(64_000);
const PIECES = 500;

describe('what is written to STDERR while the web server reads nothing', TIMEOUT, () => {
  it('makes a request handler wait, and comes whole', async () => {
    const begun = new Deferred();
    let written = 0;
    const cgi = async ({ environ, stderr, stdout }: HandlerRequest): Promise<void> => {
      if (environ['PATH_INFO'] === '/')
        for (; written < PIECES; written += 1) {
          await stderr.write(PIECE);
          begun.resolve();
        }
      await stdout.write('A: b\n\nhello');
    };
    await using server = await startFastcgiServer({ cgi });
    await using client = await server.client();
    await using other = await server.client();
    client.pause();
    await client.begin(1);
    await begun.promise;
    // A handler that waited for nobody would be done by then.
    for (let round = 0; round < 20; round += 1) await other.ask({ params: variablesOf('/other') });
    assert.ok(written < PIECES / 2, `${written} pieces were written`);
    client.resume();
    const { stderr, body } = await client.answer(1);
    assert.deepEqual([stderr.length, body], [PIECES * PIECE.length, 'hello']);
  });

  it('lets a request handler go when the web server leaves', async () => {
    const over = new Deferred<boolean>();
    const cgi = async ({ stderr, signal }: HandlerRequest): Promise<void> => {
      while (!signal.aborted) await stderr.write(PIECE);
      over.resolve(true);
    };
    await using server = await startFastcgiServer({ cgi });
    {
      await using client = await server.client();
      client.pause();
      await client.begin(1);
    }
    assert.equal(await over.promise, true);
  });

  it('is dropped by wsgi.errors beyond a little, which our log says once', async () => {
    const written = new Deferred();
    const app: GatewayApp = (environ, startResponse) => {
      for (let at = 0; at < PIECES; at += 1) environ['wsgi.errors'].write(PIECE);
      written.resolve();
      return ok(startResponse, 'hello');
    };
    await using server = await startFastcgiServer(app);
    await using client = await server.client();
    client.pause();
    await client.begin(1, { params: variablesOf('/a') });
    await written.promise;
    client.resume();
    const { stderr, body } = await client.answer(1);
    assert.equal(body, 'hello');
    assert.ok(stderr.length >= PIECE.length && stderr.length < 10 * PIECE.length, `${stderr.length} bytes came`);
    const warnings = server.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^GET \/a: the web server does not take what the app writes to its log/);
  });
});
