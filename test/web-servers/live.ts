// live.ts: what happens while an answer is on its way.

import assert from 'node:assert/strict';
import { answeredAtOnce } from '../support/body-scenes.ts';
import { answerOf, begin, firstBytes, responseOf } from '../support/http-client.ts';
import { PIECE } from './app.ts';
import type { Scenario, Stage } from './scenario.ts';

/** More than the kernel and a web server keep between them. */
const PIECES = 1_600;

/** Reads nothing until the app is stalled, then everything. How many pieces had been made by then. */
async function stalledAt(stage: Stage, id: string): Promise<{ made: number; bytes: number }> {
  const request = begin(stage.server.port, { path: `/live/produced/${PIECES}?${id}` });
  const answered = responseOf(request);
  request.end();
  const response = await answered;
  response.pause();
  const [, made] = await stage.site.process.says(new RegExp(`^${id} is stalled at ([0-9]+)$`, 'm'));
  let bytes = 0;
  response.on('data', (piece: Buffer) => (bytes += piece.length));
  response.resume();
  await new Promise((resolve) => response.once('close', resolve));
  return { made: Number(made), bytes };
}

/** A client that leaves when it has the first piece. The name under which its app is told to go on. */
async function leave(stage: Stage): Promise<string> {
  const id = `${stage.server.port}-left`;
  const request = begin(stage.server.port, { path: `/live/endless/${id}` });
  const answered = responseOf(request);
  request.end();
  await firstBytes(await answered, 5);
  request.destroy();
  return id;
}

const LEFT_LATER = {
  fact: 'an app is left when its client has left, and it says something more',
  play: async (stage: Stage): Promise<void> => {
    const id = await leave(stage);
    assert.equal((await stage.ask(`/meet/${id}`)).status, 200);
    await stage.site.process.says(new RegExp(`^${id} is left$`, 'm'));
  },
};

export const LIVE: readonly Scenario[] = [
  {
    fact: 'a piece is with the client before the app has made the next',
    play: async (stage) => {
      const id = `${stage.server.port}`;
      const request = begin(stage.server.port, { path: `/live/streamed/${id}` });
      const answered = responseOf(request);
      request.end();
      const response = await answered;
      assert.equal(await firstBytes(response, 5), 'one, ');
      assert.equal((await stage.ask(`/meet/${id}`)).status, 200);
      assert.equal((await answerOf(response)).body.toString(), 'two');
    },
  },
  {
    fact: 'an answer of 100 MiB waits for a client that does not read, and then comes whole',
    play: async (stage) => {
      const { made, bytes } = await stalledAt(stage, `${stage.server.port}-slow`);
      assert.ok(made < PIECES / 2, `${made} of ${PIECES} pieces were made for nobody`);
      assert.equal(bytes, PIECES * PIECE.length);
    },
  },
  {
    fact: 'an app is left when its client leaves',
    play: async (stage) => {
      const id = await leave(stage);
      await stage.site.process.says(new RegExp(`^${id} is left$`, 'm'));
    },
    // They look after a client only when they have something for it.
    instead: { lighttpd: LEFT_LATER, apache2: LEFT_LATER },
  },
  {
    fact: 'an answer that breaks off does not look whole',
    play: async (stage) => {
      const answer = await stage.ask('/break');
      assert.deepEqual([answer.status, answer.isWhole], [200, false]);
    },
    instead: {
      lighttpd: {
        // What it has collected by then it takes for the whole.
        fact: 'an answer that breaks off does not look whole where lighttpd does not collect it first',
        play: async (stage) => {
          const id = `${stage.server.port}-break`;
          const request = begin(stage.server.port, { path: `/live/break/${id}` });
          const answered = responseOf(request);
          request.end();
          const response = await answered;
          await firstBytes(response, 1);
          assert.equal((await stage.ask(`/meet/${id}`)).status, 200);
          assert.equal((await answerOf(response)).isWhole, false);
        },
      },
    },
  },
  {
    fact: '50 requests are served at once',
    play: async (stage) => answeredAtOnce(50, (path) => stage.ask(path)),
  },
];
