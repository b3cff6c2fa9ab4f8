// websockets.ts: WebSockets through a proxy: the handshake, messages of both ways, and how each side leaves.

import assert from 'node:assert/strict';
import { FrameClient } from '../support/frame-client.ts';
import type { Scenario, Stage } from './scenario.ts';

async function open(stage: Stage, name = stage.newName()): Promise<FrameClient> {
  const client = await FrameClient.open(stage.proxy.port, `/websocket?${name}`);
  assert.match(client.head, /^HTTP\/1\.1 101 /);
  return client;
}

export const WEBSOCKETS: readonly Scenario[] = [
  {
    fact: 'what a WebSocket says comes back, text and bytes, small and large',
    play: async (stage) => {
      await using client = await open(stage);
      for (const message of ['text hello', 'binary 0x00ff80', 'text x*70000', 'binary y*300']) {
        client.send(message);
        assert.equal(await client.hear(), message);
      }
    },
  },
  {
    fact: 'the code with which an app closes reaches the client',
    play: async (stage) => {
      const name = stage.newName();
      await using client = await open(stage, name);
      client.send('text close 4321');
      assert.equal(await client.hear(), 'close 4321 as you wish');
      client.send('close 4321');
      await client.untilEnd();
      await stage.site.process.says(new RegExp(`^closed ${name} 4321`, 'm'));
    },
  },
];
