// What Debian's nginx has in fastcgi_params, which most configurations include: the guide says what must stand behind it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask } from '../support/http-client.ts';
import { WebServer } from '../support/web-server.ts';
import { Site } from './site.ts';

/** The lines of the page that it is in place of: all but those of SCRIPT_NAME and PATH_INFO. */
const INSTEAD_OF = [
  'SERVER_PROTOCOL $server_protocol',
  'SERVER_NAME $server_name',
  'SERVER_PORT $server_port',
  'REMOTE_ADDR $remote_addr',
  'REMOTE_PORT $remote_port',
  'HTTPS $https if_not_empty',
  'REQUEST_METHOD $request_method',
  'REQUEST_URI $request_uri',
  'QUERY_STRING $query_string',
  'CONTENT_TYPE $content_type',
  'CONTENT_LENGTH $content_length',
].map((value) => `fastcgi_param ${value};`);

describe('the fastcgi_params of nginx', { timeout: 120_000 }, () => {
  it('are good with the two lines behind them: of a variable that stands twice the last is meant', async () => {
    await using site = await Site.start('unix');
    await using server = await WebServer.start('nginx', {
      to: site.at,
      changes: INSTEAD_OF.map((line, index) => [line, index === 0 ? 'include /etc/nginx/fastcgi_params;' : '']),
    });
    const seen = [];
    for (const path of ['/environ/a%20b?c', '/shop/environ']) {
      const { body } = await ask(server.port, { path, headers: { 'X-One': 'one' } });
      const environ = JSON.parse(body.toString()) as Record<string, string>;
      seen.push(['SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'REMOTE_ADDR', 'HTTP_X_ONE'].map((name) => environ[name]));
    }
    assert.deepEqual(seen, [
      ['', '/environ/a b', 'c', '127.0.0.1', 'one'],
      ['/shop', '/environ', '', '127.0.0.1', 'one'],
    ]);
  });
});
