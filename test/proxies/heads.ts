// heads.ts: what reaches the app of who asks, and what reaches the client of an answer's head.

import assert from 'node:assert/strict';
import type { Scenario } from './scenario.ts';

/** What a client may say of itself so as to be somebody else. */
const FORGED = {
  'X-Forwarded-For': '203.0.113.66',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'forged.example',
  'X-Forwarded-Port': '444',
  Forwarded: 'for=203.0.113.66;proto=https;host=forged.example',
  'X-Real-IP': '203.0.113.66',
};

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const;

export const HEADS: readonly Scenario[] = [
  {
    fact: 'the app sees the client, and the host and the scheme that it has asked for',
    play: async (stage) => {
      const host = `site.example:${stage.proxy.port}`;
      const environ = await stage.environ({ path: '/environ?a=%20', headers: { Host: host } });
      assert.deepEqual(
        ['REMOTE_ADDR', 'HTTP_HOST', 'wsgi.url_scheme', 'SERVER_NAME', 'SERVER_PORT', 'QUERY_STRING', 'SERVER_PROTOCOL'].map(
          (name) => environ[name],
        ),
        ['127.0.0.1', host, 'http', 'site.example', String(stage.proxy.port), 'a=%20', 'HTTP/1.1'],
      );
    },
  },
  {
    fact: 'nobody becomes somebody else by what he says of himself',
    play: async (stage) => {
      const environ = await stage.environ({ path: '/environ', headers: { ...FORGED, Host: 'site.example' } });
      assert.deepEqual(
        ['REMOTE_ADDR', 'HTTP_HOST', 'wsgi.url_scheme', 'SERVER_NAME'].map((name) => environ[name]),
        ['127.0.0.1', 'site.example', 'http', 'site.example'],
      );
      assert.ok(!('HTTP_FORWARDED' in environ) && !('HTTP_X_FORWARDED_PORT' in environ));
    },
  },
  {
    fact: 'a list that a client has begun ends with the client',
    play: async (stage) => {
      const headers = {
        'X-Forwarded-For': ['127.0.0.1', '203.0.113.66, 127.0.0.1'],
        'X-Forwarded-Host': 'forged.example, localhost',
      };
      const environ = await stage.environ({ path: '/environ', headers: { ...headers, Host: 'site.example' } });
      assert.deepEqual([environ['REMOTE_ADDR'], environ['HTTP_HOST']], ['127.0.0.1', 'site.example']);
    },
  },
  {
    fact: 'a field that is named in Connection does not take away what the proxy says',
    play: async (stage) => {
      const connection = 'close, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host';
      const headers = { ...FORGED, Connection: connection, Host: 'site.example' };
      const environ = await stage.environ({ path: '/environ', headers });
      assert.deepEqual([environ['REMOTE_ADDR'], environ['wsgi.url_scheme']], ['127.0.0.1', 'http']);
    },
  },
  {
    fact: 'a path comes as it was sent',
    play: async (stage) => {
      const target = '/environ/caf%C3%A9/a%20b%2Fc;x=1/%25/+';
      assert.equal((await stage.environ(target))['RAW_URI'], target);
    },
  },
  {
    fact: 'a method is the one of the client',
    play: async (stage) => {
      const seen = [];
      for (const method of METHODS) seen.push((await stage.environ({ path: '/environ', method, body: '' }))['REQUEST_METHOD']);
      assert.deepEqual(seen, METHODS);
    },
  },
  {
    fact: 'HEAD has the head of GET and no body, and the next request has its own',
    play: async (stage) => {
      const [head, whole] = [await stage.ask({ path: '/length/200000', method: 'HEAD' }), await stage.ask('/length/200000')];
      assert.deepEqual([head.status, head.body.length, head.isWhole, head.field('content-length')], [200, 0, true, '200000']);
      assert.equal(whole.body.length, 200_000);
    },
  },
  {
    fact: '204 and 304 have no body, and the fields that the app gave them',
    play: async (stage) => {
      for (const status of [204, 304, 204]) {
        const answer = await stage.ask(`/status/${status}`);
        assert.deepEqual([answer.status, answer.body.length, answer.isWhole, answer.field('etag')], [status, 0, true, '"tag"']);
      }
    },
  },
  {
    fact: 'a status is the one of the app, errors too',
    play: async (stage) => {
      for (const status of [201, 400, 401, 404, 409, 418, 422, 429, 500, 502, 503]) {
        const answer = await stage.ask(`/status/${status}`);
        assert.deepEqual([answer.status, answer.body.toString()], [status, `status ${status}`]);
      }
    },
  },
  {
    fact: 'a field that stands twice stays two: each cookie is one',
    play: async (stage) => assert.deepEqual((await stage.ask('/cookies')).all('set-cookie'), ['a=1; Path=/', 'b=2; Path=/']),
  },
];
