// leaving.ts: clients that leave in the middle: the app is told, and nothing of them stays.

import assert from 'node:assert/strict';
import { begin, firstBytes, responseOf } from '../support/http-client.ts';
import type { Scenario, Stage } from './scenario.ts';

/** A client that leaves when it has the first piece. The name under which its app is told to go on. */
async function leave(stage: Stage): Promise<string> {
  const name = stage.newName();
  const request = begin(stage.proxy.port, { path: `/live/endless/${name}` });
  const answered = responseOf(request);
  request.end();
  await firstBytes(await answered, 5);
  request.destroy();
  return name;
}

/** A client that leaves while it is waited for. */
async function leaveWaiting(stage: Stage): Promise<string> {
  const name = stage.newName();
  const request = begin(stage.proxy.port, { path: `/fetch/wait/${name}` });
  request.end();
  await stage.site.process.says(new RegExp(`^${name} waits$`, 'm'));
  request.destroy();
  return name;
}

export const LEAVING: readonly Scenario[] = [
  {
    fact: 'an app is left when its client has left, and it says something more',
    play: async (stage) => {
      const name = await leave(stage);
      assert.equal((await stage.ask(`/meet/${name}`)).status, 200);
      await stage.site.process.says(new RegExp(`^${name} is left$`, 'm'));
    },
  },
  {
    fact: 'an app that reads is told when the client leaves in the middle of a body',
    play: async (stage) => {
      const name = stage.newName();
      const headers = { 'Content-Length': '200000' };
      const request = begin(stage.proxy.port, { path: `/live/upload/${name}`, method: 'POST', headers });
      // wsgi.input is read by lines.
      request.write('a line\n'.repeat(10_000));
      await stage.site.process.says(new RegExp(`^${name} has begun$`, 'm'));
      request.destroy();
      await stage.site.process.says(new RegExp(`^${name} is broken off: (?:BODY_INCOMPLETE|PEER_GONE)$`, 'm'));
    },
  },
  {
    // A connection that ends may be half of one; so it takes 10 s of silence (docs/reference/http.md).
    fact: 'an app that has not answered yet is told when its client leaves',
    play: async (stage) => {
      const name = await leaveWaiting(stage);
      await stage.site.process.says(new RegExp(`^${name} is aborted$`, 'm'));
    },
    instead: {
      apache2: {
        // It looks after a client only when it has something for it.
        fact: 'an app that has not answered yet goes on when its client leaves',
        play: async (stage) => {
          const name = await leaveWaiting(stage);
          assert.equal((await stage.ask(`/fetch/meet/${name}`)).status, 200);
          await stage.site.process.says(new RegExp(`^${name} is met$`, 'm'));
        },
      },
    },
  },
];
