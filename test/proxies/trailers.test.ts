// Trailers: what a proxy passes on of them. They are no part of what a body means; who drops them may (RFC 9110 §6.5.1).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RawClient } from '../support/raw-client.ts';
import { REVERSE_PROXIES, startReverseProxy, type ReverseProxyName } from '../support/reverse-proxy.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 240_000 };
const REQUEST = [
  'POST / HTTP/1.1',
  'Host: test',
  'Transfer-Encoding: chunked',
  'Trailer: X-Check',
  'TE: trailers',
  'Connection: close, TE',
  '',
  '4',
  'body',
  '0',
  'X-Check: 7',
  '',
  '',
].join('\r\n');

/** Of a request and of an answer. */
const PASSES: Readonly<Record<ReverseProxyName, { readonly asked: boolean; readonly answered: boolean }>> = {
  nginx: { asked: false, answered: false },
  haproxy: { asked: true, answered: true },
  apache2: { asked: false, answered: false },
};

describe('trailers', { concurrency: 2 }, () => {
  for (const name of REVERSE_PROXIES) {
    const { asked, answered } = PASSES[name];
    it(
      `of requests are ${asked ? 'passed on' : 'dropped'}, of answers ${answered ? 'passed on' : 'dropped'}: ${name}`,
      TIMEOUT,
      async () => {
        await using site = await Site.start('tcp', { app: 'makeTrailers' });
        await using proxy = await startReverseProxy(name, { instances: [{ at: site.at }] });
        await using client = await RawClient.connect(proxy.port);
        await client.send(REQUEST);
        const answer = await client.untilEnd();
        assert.match(answer, /^HTTP\/1\.1 200 /);
        assert.equal(answer.includes('{"x-check":"7"}'), asked, answer);
        assert.equal(/\r\n0\r\nx-sum: 42\r\n\r\n$/i.test(answer), answered, answer);
      },
    );
  }
});
