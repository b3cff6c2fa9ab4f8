// examples/socket-io with the client that everybody has, over each transport.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { io } from 'socket.io-client';
import { Command } from './support/command.ts';
import { inRepository } from './support/repository.ts';

const TIMEOUT = { timeout: 120_000 };

describe('examples/socket-io', TIMEOUT, () => {
  for (const [name, transports, isUpgraded] of [
    ['polling', ['polling'], false],
    ['WebSocket', ['websocket'], true],
    ['polling first, then WebSocket', ['polling', 'websocket'], true],
  ] as const) {
    it(`serves a client over ${name}`, async () => {
      await using server = Command.appserve(['examples/socket-io/development.ini', 'http_port=0'], {
        cwd: inRepository(''),
      });
      const socket = io(await server.url(), { transports: [...transports], reconnection: false });
      try {
        const greeting = await new Promise<string>((resolve, reject) => {
          socket.once('greeting', resolve);
          socket.once('connect_error', reject);
        });
        assert.equal(greeting, `good morning over ${transports[0]}`);
        const { engine } = socket.io;
        const isNowWebSocket = (): boolean => engine.transport.name === 'websocket';
        if (isUpgraded && !isNowWebSocket()) await new Promise<void>((resolve) => engine.once('upgrade', () => resolve()));
        assert.equal(isNowWebSocket(), isUpgraded);
        const said = new Promise<string>((resolve) => socket.once('said', resolve));
        assert.equal(await socket.emitWithAck('say', 'is anybody here?'), 16);
        assert.equal(await said, 'is anybody here?');
        if (!isUpgraded) return;
        // When the server stops, the client is told and not cut off.
        const left = new Promise<string>((resolve) => socket.once('disconnect', resolve));
        server.signal('SIGTERM');
        assert.equal(await left, 'transport close');
        assert.deepEqual(await server.ending(), { code: 0, signal: null });
      } finally {
        socket.close();
      }
    });
  }
});
