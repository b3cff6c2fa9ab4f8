// answers.ts: what reaches the client of an answer.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync, chmodSync } from 'node:fs';
import { temporaryFolder } from '../support/temporary.ts';
import type { Scenario } from './scenario.ts';

const STATUSES = [200, 201, 202, 400, 401, 403, 404, 409, 410, 418, 422, 429, 500, 502, 503];
const MIB = 1_024 ** 2;

export const ANSWERS: readonly Scenario[] = [
  {
    fact: 'a status and its body are those of the app',
    play: async (stage) => {
      for (const status of STATUSES) {
        const answer = await stage.ask(`/status/${status}`);
        assert.deepEqual([answer.status, answer.body.toString(), answer.field('etag')], [status, `status ${status}`, '"tag"']);
      }
    },
  },
  {
    fact: '204 and 304 have no body, and the fields that the app gave them',
    play: async (stage) => {
      for (const status of [204, 304]) {
        const answer = await stage.ask(`/status/${status}`);
        assert.deepEqual([answer.status, answer.body.length, answer.isWhole, answer.field('etag')], [status, 0, true, '"tag"']);
      }
    },
  },
  {
    fact: 'a redirect has the status and the place that the app gave it',
    play: async (stage) => {
      for (const status of [301, 302, 303, 307, 308]) {
        for (const place of ['https://elsewhere.example/x', '/elsewhere']) {
          const answer = await stage.ask(`/redirect/${status}?${place}`);
          assert.deepEqual([answer.status, answer.field('location')], [status, place]);
        }
      }
    },
  },
  {
    fact: 'a field that stands twice stays two: each cookie is one',
    play: async (stage) => {
      assert.deepEqual((await stage.ask('/cookies')).all('set-cookie'), ['a=1; Path=/', 'b=2; Path=/']);
    },
  },
  {
    fact: 'a head of 24 KiB goes out whole',
    play: async (stage) => {
      const answer = await stage.ask('/head/6000');
      assert.deepEqual(
        [0, 1, 2, 3].map((index) => answer.field(`x-long-${index}`)?.length),
        [6_000, 6_000, 6_000, 6_000],
      );
    },
  },
  {
    fact: 'a length that the app tells is told to the client',
    play: async (stage) => {
      const answer = await stage.ask('/length/200000');
      assert.deepEqual([answer.field('content-length'), answer.body.length], ['200000', 200_000]);
    },
    instead: {
      apache2: {
        // It keeps lengths of scripts to itself.
        fact: 'an answer whose length the app tells is chunked for the client, and whole',
        play: async (stage) => {
          const answer = await stage.ask('/length/200000');
          assert.deepEqual([answer.field('transfer-encoding'), answer.body.length, answer.isWhole], ['chunked', 200_000, true]);
        },
      },
    },
  },
  {
    fact: 'a part of a whole is one: 206 and Content-Range',
    play: async (stage) => {
      const answer = await stage.ask({ path: '/ranges', headers: { Range: 'bytes=0-3' } });
      assert.deepEqual([answer.status, answer.field('content-range'), answer.body.toString()], [206, 'bytes 0-3/10', '0123']);
      assert.equal(answer.field('x-asked'), 'bytes=0-3');
    },
  },
  {
    fact: 'a file of 20 MiB comes whole',
    play: async (stage) => {
      using folder = temporaryFolder();
      chmodSync(folder.path, 0o755);
      const bytes = randomBytes(20 * MIB);
      writeFileSync(`${folder.path}/file`, bytes);
      const answer = await stage.ask(`/file${folder.path}/file`);
      assert.ok(answer.body.equals(bytes), `${answer.body.length} bytes came`);
    },
  },
  {
    fact: 'an app that fails is a 500 without its secrets, and the next request is served',
    play: async (stage) => {
      const answer = await stage.ask('/throw');
      assert.equal(answer.status, 500);
      assert.doesNotMatch(answer.body.toString(), /secret/);
      await stage.site.process.says(/a secret of the app/);
      assert.equal((await stage.ask('/ignore')).status, 200);
    },
  },
  {
    fact: 'what the app says to wsgi.errors is in the log of the web server',
    play: async (stage) => {
      assert.equal((await stage.ask(`/complain?${stage.server.port}`)).status, 200);
      await stage.server.process.says(new RegExp(`complaint ${stage.server.port}`));
    },
  },
];
