// bodies.ts: what reaches the app of a request's body.

import assert from 'node:assert/strict';
import { echoedBehindContinue, EVERY_BYTE, MIB, patterned, readWhileSent, sendChunked, sha256 } from '../support/body-scenes.ts';
import { begin } from '../support/http-client.ts';
import type { Scenario } from './scenario.ts';

export const BODIES: readonly Scenario[] = [
  {
    fact: 'every byte of a body comes and goes',
    play: async (stage) => {
      const headers = { 'Content-Type': 'application/x-all' };
      const answer = await stage.ask({ path: '/echo', method: 'POST', headers, body: EVERY_BYTE });
      assert.deepEqual(answer.body, EVERY_BYTE);
      assert.equal(answer.field('content-type'), 'application/x-all');
    },
  },
  {
    fact: 'an empty body is empty',
    play: async (stage) => {
      assert.deepEqual((await stage.ask({ path: '/echo', method: 'POST', body: '' })).body.length, 0);
    },
  },
  ...[65_535, 65_536, 10 * MIB].map((count): Scenario => ({
    fact: `a body of ${count.toLocaleString('en')} bytes comes whole`,
    play: async (stage) => {
      const body = patterned(count);
      const seen = await stage.environ({ path: '/hash', method: 'PUT', body });
      assert.deepEqual([seen['length'], seen['sha256'], seen['CONTENT_LENGTH']], [count, sha256(body), String(count)]);
    },
  })),
  {
    fact: 'a chunked body comes decoded, and its coding is gone',
    play: async (stage) => {
      const pieces = [Buffer.from('one'), patterned(100_000), Buffer.from('three')];
      const answer = await sendChunked(stage.server.port, '/hash', pieces);
      const seen = JSON.parse(answer.body.toString()) as Record<string, unknown>;
      assert.deepEqual([seen['length'], seen['sha256']], [100_008, sha256(Buffer.concat(pieces))]);
      assert.ok(!('HTTP_TRANSFER_ENCODING' in seen));
      assert.ok(seen['CONTENT_LENGTH'] === undefined || seen['CONTENT_LENGTH'] === '100008', String(seen['CONTENT_LENGTH']));
    },
  },
  {
    fact: 'a chunked body of 10 MiB comes whole where the web server does not wait for its end',
    play: async (stage) => {
      const pieces = Array.from({ length: 160 }, () => patterned(65_536));
      const answer = await sendChunked(stage.server.port, '/live/hash', pieces);
      const seen = JSON.parse(answer.body.toString()) as Record<string, unknown>;
      assert.deepEqual([seen['length'], seen['sha256']], [10 * MIB, sha256(Buffer.concat(pieces))]);
    },
    instead: {
      lighttpd: {
        // It has no length for CONTENT_LENGTH before the end, and sends no body without one.
        fact: 'a chunked body is refused with 411 where lighttpd does not wait for its end',
        play: async (stage) => assert.equal((await sendChunked(stage.server.port, '/live/hash', [patterned(MIB)])).status, 411),
      },
    },
  },
  {
    fact: 'a client that waits for 100 Continue gets it',
    play: (stage) => echoedBehindContinue(stage.server.port, '/echo'),
  },
  {
    fact: 'an app that does not read a body of 4 MiB answers all the same, and the next request, too',
    play: async (stage) => {
      const answer = await stage.ask({ path: '/ignore', method: 'POST', body: patterned(4 * MIB) });
      assert.deepEqual([answer.status, answer.body.toString()], [200, 'ignored']);
      assert.equal((await stage.ask({ path: '/echo', method: 'POST', body: 'next' })).body.toString(), 'next');
    },
  },
  {
    fact: 'the app reads while the client still sends',
    play: async (stage) => {
      const { server, site } = stage;
      await readWhileSent(server.port, site.process, `${server.port}-early`, { 'Content-Length': '200000' });
    },
  },
  {
    fact: 'an app that reads is told when the client leaves in the middle of a body',
    play: async (stage) => {
      const id = `${stage.server.port}-half`;
      const headers = { 'Content-Length': '200000' };
      const request = begin(stage.server.port, { path: `/live/upload/${id}`, method: 'POST', headers });
      request.write(patterned(100_000));
      await stage.site.process.says(new RegExp(`^${id} has begun$`, 'm'));
      request.destroy();
      await stage.site.process.says(new RegExp(`^${id} is broken off: BODY_INCOMPLETE$`, 'm'));
    },
  },
];
