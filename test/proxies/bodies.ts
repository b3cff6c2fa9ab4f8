// bodies.ts: bodies of both ways, as they come and while they come.

import assert from 'node:assert/strict';
import {
  answeredAtOnce,
  echoedBehindContinue,
  EVERY_BYTE,
  MIB,
  patterned,
  readWhileSent,
  sha256,
} from '../support/body-scenes.ts';
import { answerOf, begin, firstBytes, responseOf } from '../support/http-client.ts';
import { PIECE } from '../web-servers/app.ts';
import type { Scenario } from './scenario.ts';

const PIECES = 1_600;

export const BODIES: readonly Scenario[] = [
  {
    fact: 'every byte of a body comes and goes',
    play: async (stage) => {
      const answer = await stage.ask({ path: '/echo', method: 'POST', body: EVERY_BYTE });
      assert.deepEqual(answer.body, EVERY_BYTE);
    },
  },
  {
    fact: 'a body of 10 MiB comes whole, with its length, and chunked',
    play: async (stage) => {
      const body = patterned(10 * MIB);
      const wanted = [body.length, sha256(body)];
      for (const path of ['/hash', '/live/hash']) {
        const whole = await stage.environ({ path, method: 'PUT', body });
        assert.deepEqual([whole['length'], whole['sha256'], whole['CONTENT_LENGTH']], [...wanted, String(body.length)]);
        const pieces = Array.from({ length: 160 }, (_, index) => body.subarray(index * 65_536, (index + 1) * 65_536));
        const chunked = JSON.parse((await stage.sendChunked(path, pieces)).body.toString()) as Record<string, unknown>;
        assert.deepEqual([chunked['length'], chunked['sha256']], wanted);
      }
    },
  },
  {
    fact: 'a client that waits for 100 Continue gets it, and an answer that comes without it, too',
    play: async (stage) => {
      for (const path of ['/echo', '/live/echo']) await echoedBehindContinue(stage.proxy.port, path);
    },
  },
  {
    fact: 'an app that does not read a body of 4 MiB answers all the same, and the next request, too',
    play: async (stage) => {
      for (const path of ['/ignore', '/live/ignore']) {
        const answer = await stage.ask({ path, method: 'POST', body: patterned(4 * MIB) });
        assert.deepEqual([answer.status, answer.body.toString()], [200, 'ignored']);
        assert.equal((await stage.ask({ path: '/echo', method: 'POST', body: 'next' })).body.toString(), 'next');
      }
    },
  },
  ...[
    { sent: 'with its length', headers: { 'Content-Length': '200000' } },
    { sent: 'chunked', headers: { 'Transfer-Encoding': 'chunked' } },
  ].map(({ sent, headers }): Scenario => ({
    fact: `the app reads a body that is sent ${sent} while the client still sends it`,
    play: async (stage) => {
      await readWhileSent(stage.proxy.port, stage.site.process, stage.newName(), headers);
    },
  })),
  {
    fact: 'an answer without a length is chunked, and whole',
    play: async (stage) => {
      const answer = await stage.ask('/produced/40');
      assert.deepEqual([answer.body.length, answer.isWhole], [40 * PIECE.length, true]);
      assert.equal(answer.field('transfer-encoding'), 'chunked');
    },
  },
  {
    fact: 'an answer of 100 MiB waits for a client that does not read, and then comes whole',
    play: async (stage) => {
      const name = stage.newName();
      const request = begin(stage.proxy.port, { path: `/live/produced/${PIECES}?${name}` });
      const answered = responseOf(request);
      request.end();
      const response = await answered;
      response.pause();
      const [, made] = await stage.site.process.says(new RegExp(`^${name} is stalled at ([0-9]+)$`, 'm'));
      assert.ok(Number(made) < PIECES / 2, `${made} of ${PIECES} pieces were made for nobody`);
      let bytes = 0;
      response.on('data', (piece: Buffer) => (bytes += piece.length));
      response.resume();
      await new Promise((resolve) => response.once('close', resolve));
      assert.equal(bytes, PIECES * PIECE.length);
    },
  },
  {
    fact: 'an event is with the client before the next one was made',
    play: async (stage) => {
      const name = stage.newName();
      const request = begin(stage.proxy.port, { path: `/fetch/events/${name}` });
      const answered = responseOf(request);
      request.end();
      const response = await answered;
      assert.equal(await firstBytes(response, 11), 'data: one\n\n');
      assert.equal((await stage.ask(`/fetch/meet/${name}`)).status, 200);
      assert.equal((await answerOf(response)).body.toString(), 'data: two\n\n');
    },
  },
  {
    fact: 'an answer that breaks off does not look whole',
    play: async (stage) => {
      const answer = await stage.ask('/break');
      assert.deepEqual([answer.status, answer.isWhole], [200, false]);
    },
  },
  {
    fact: '50 requests are served at once',
    play: async (stage) => answeredAtOnce(50, (path) => stage.ask(path)),
  },
];
