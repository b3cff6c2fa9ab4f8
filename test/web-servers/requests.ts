// requests.ts: what reaches the app of a request's head.

import assert from 'node:assert/strict';
import type { Scenario, Stage } from './scenario.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const;

/** "café" and its like in a path: each byte a char (PEP 3333, "Unicode Issues"). */
const CAFE = Buffer.from('café').toString('latin1');

async function paths(stage: Stage, target: string, names: readonly string[]): Promise<unknown[]> {
  const environ = await stage.environ(target);
  return names.map((name) => environ[name]);
}

export const REQUESTS: readonly Scenario[] = [
  {
    fact: 'a method is the one of the client',
    play: async (stage) => {
      const seen = [];
      for (const method of METHODS) seen.push((await stage.environ({ path: '/environ', method, body: '' }))['REQUEST_METHOD']);
      assert.deepEqual(seen, METHODS);
    },
  },
  {
    fact: 'HEAD has the head of GET and no body',
    play: async (stage) => {
      const [head, whole] = [await stage.ask({ path: '/cookies', method: 'HEAD' }), await stage.ask('/cookies')];
      assert.deepEqual([head.status, head.body.length, head.isWhole], [200, 0, true]);
      assert.deepEqual(head.all('set-cookie'), whole.all('set-cookie'));
      assert.equal(head.field('content-type'), whole.field('content-type'));
      assert.equal(whole.body.toString(), 'two cookies');
    },
  },
  {
    fact: 'a query comes as it was sent',
    play: async (stage) => {
      const query = 'a=1&a=2&b=%20+%2B&c=%C3%A9?&d=/x';
      assert.deepEqual(await paths(stage, `/environ?${query}`, ['QUERY_STRING', 'PATH_INFO']), [query, '/environ']);
      assert.deepEqual(await paths(stage, '/environ', ['QUERY_STRING']), ['']);
    },
  },
  {
    fact: 'a path is decoded to bytes, at the root of the site',
    play: async (stage) => {
      const names = ['SCRIPT_NAME', 'PATH_INFO', 'REQUEST_URI'];
      const target = '/environ/caf%C3%A9/a%20b%2Fc;x=1/%25/+';
      assert.deepEqual(await paths(stage, target, names), ['', `/environ/${CAFE}/a b/c;x=1/%/+`, target]);
    },
  },
  {
    fact: 'an app that is mounted sees where, and the rest of the path',
    play: async (stage) => {
      const names = ['SCRIPT_NAME', 'PATH_INFO'];
      assert.deepEqual(await paths(stage, '/shop/environ/caf%C3%A9?q', names), ['/shop', `/environ/${CAFE}`]);
      assert.equal((await stage.ask('/shopping')).status, 404);
    },
  },
  {
    fact: 'the client, the server and the process are who they are',
    play: async (stage) => {
      const host = `site.example:${stage.server.port}`;
      const environ = await stage.environ({ path: '/environ', headers: { Host: host } });
      assert.equal(environ['REMOTE_ADDR'], '127.0.0.1');
      assert.match(String(environ['REMOTE_PORT']), /^[1-9][0-9]*$/);
      assert.equal(environ['SERVER_NAME'], 'site.example');
      assert.equal(environ['SERVER_PORT'], String(stage.server.port));
      assert.equal(environ['SERVER_PROTOCOL'], 'HTTP/1.1');
      assert.equal(environ['GATEWAY_INTERFACE'], 'CGI/1.1');
      assert.equal(environ['HTTP_HOST'], host);
      assert.equal(environ['wsgi.url_scheme'], 'http');
      assert.equal(environ['wsgi.run_once'], false);
    },
  },
  {
    fact: 'fields of the client are HTTP_* variables, and Authorization is one of them',
    play: async (stage) => {
      const headers = { 'X-One': 'value', 'Accept-Language': 'en', Authorization: 'Basic YTpi', Cookie: 'a=1; b=2' };
      const environ = await stage.environ({ path: '/environ', headers });
      assert.deepEqual(
        ['HTTP_X_ONE', 'HTTP_ACCEPT_LANGUAGE', 'HTTP_AUTHORIZATION', 'HTTP_COOKIE'].map((name) => environ[name]),
        ['value', 'en', 'Basic YTpi', 'a=1; b=2'],
      );
    },
  },
  {
    fact: 'a field that stands twice is one list',
    play: async (stage) => {
      const environ = await stage.environ({ path: '/environ', headers: { 'X-Twice': ['one', 'two'] } });
      assert.equal(environ['HTTP_X_TWICE'], 'one, two');
    },
  },
  {
    fact: 'no client can set HTTP_PROXY, nor frame a body that is framed already',
    play: async (stage) => {
      const headers = { Proxy: 'http://evil.example/', 'Content-Type': 'text/plain' };
      const environ = await stage.environ({ path: '/environ', method: 'POST', headers, body: 'body' });
      assert.deepEqual(
        ['HTTP_PROXY', 'HTTP_CONTENT_LENGTH', 'HTTP_CONTENT_TYPE', 'HTTP_TRANSFER_ENCODING'].filter((name) => name in environ),
        [],
      );
      assert.deepEqual([environ['CONTENT_TYPE'], environ['CONTENT_LENGTH']], ['text/plain', '4']);
    },
  },
  {
    fact: 'a big head comes whole',
    play: async (stage) => {
      const values = ['a', 'b', 'c'].map((letter) => letter.repeat(7_000));
      const headers = Object.fromEntries(values.map((value, index) => [`X-Big-${index}`, value]));
      const environ = await stage.environ({ path: `/environ?${'q'.repeat(6_000)}`, headers });
      assert.deepEqual(
        values.map((_, index) => environ[`HTTP_X_BIG_${index}`]),
        values,
      );
      assert.equal(String(environ['QUERY_STRING']).length, 6_000);
    },
  },
];
