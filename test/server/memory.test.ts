// What large bodies cost: next to nothing, whatever their size. The clients are another process, so what is measured is the server's.

import assert from 'node:assert/strict';
import { open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { ok } from '../support/apps.ts';
import { turns } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';
import { LoadClient } from '../support/load-client.ts';
import { heldBytes } from '../support/memory.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };
const MIB = 1_024 * 1_024;
const DOWN_BYTES = 200 * MIB;
const UP_BYTES = 100 * MIB;
const WARM_UP_BYTES = 32 * MIB;
const PIECE_BYTES = 64 * 1_024;
const RSS_GROWTH_MAX = 16 * MIB;
/** Pieces that the app has read and dropped wait for V8, which collects them when there are some 32 MiB of them. */
const GARBAGE_BYTES_MAX = 64 * MIB;
const HELD_BYTES_MAX = MIB;

/** The most that something has been, beyond what it was at first. */
class Growth {
  readonly #measure: () => number;
  readonly #first: number;
  #most = 0;

  constructor(measure: () => number) {
    this.#measure = measure;
    this.#first = measure();
  }

  look(): void {
    this.#most = Math.max(this.#most, this.#measure() - this.#first);
  }

  get bytes(): number {
    this.look();
    return this.#most;
  }
}

const rss = (): number => process.memoryUsage.rss();

async function download(server: TestServer, clients: LoadClient): Promise<number> {
  return clients.obey({ type: 'download', port: Number(server.at) });
}

async function upload(server: TestServer, clients: LoadClient, length: number): Promise<number> {
  return clients.obey({ type: 'upload', port: Number(server.at), length });
}

describe('an answer of 200 MiB', TIMEOUT, () => {
  it('that is streamed costs less than 16 MiB', async (test) => {
    let bytes = WARM_UP_BYTES;
    let growth: Growth | undefined;
    const piece = Buffer.alloc(PIECE_BYTES, 'x');
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      return (async function* () {
        for (let made = 0; made < bytes; made += piece.length) {
          yield piece;
          growth?.look();
        }
      })();
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using clients = new LoadClient();
    await download(server, clients);
    bytes = DOWN_BYTES;
    growth = new Growth(rss);
    assert.ok((await download(server, clients)) > DOWN_BYTES);
    test.diagnostic(`${(growth.bytes / MIB).toFixed(1)} MiB`);
    assert.ok(growth.bytes < RSS_GROWTH_MAX, `${growth.bytes} bytes more`);
  });

  it('that is a file costs less than 16 MiB', async (test) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'big');
    await writeFile(path, '');
    await truncate(path, WARM_UP_BYTES);
    const app: GatewayApp = async (environ, startResponse) => {
      startResponse('200 OK', []);
      return environ['wsgi.file_wrapper'](await open(path));
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using clients = new LoadClient();
    await download(server, clients);
    await truncate(path, DOWN_BYTES);
    const growth = new Growth(rss);
    assert.ok((await download(server, clients)) > DOWN_BYTES);
    test.diagnostic(`${(growth.bytes / MIB).toFixed(1)} MiB`);
    assert.ok(growth.bytes < RSS_GROWTH_MAX, `${growth.bytes} bytes more`);
  });
});

/** An app that reads slowly, and looks what it costs. */
function slowReader(look: (receivedBytes: number) => void): GatewayApp {
  return async (environ, startResponse) => {
    let receivedBytes = 0;
    for (;;) {
      // The client is given time to run ahead, as far as it can.
      await turns(2);
      const piece = await environ['wsgi.input'].read(PIECE_BYTES);
      if (piece.length === 0) break;
      receivedBytes += piece.length;
      look(receivedBytes);
    }
    return ok(startResponse, String(receivedBytes));
  };
}

describe('an upload of 100 MiB to an app that reads slowly', TIMEOUT, () => {
  it('is never held, but for what is on its way', async (test) => {
    let growth: Growth | undefined;
    let lookAt = 0;
    const app = slowReader((receivedBytes) => {
      if (receivedBytes < lookAt) return;
      lookAt = receivedBytes + 8 * MIB;
      growth?.look();
    });
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using clients = new LoadClient();
    await upload(server, clients, WARM_UP_BYTES);
    lookAt = 0;
    growth = new Growth(heldBytes);
    assert.ok((await upload(server, clients, UP_BYTES)) > 0);
    test.diagnostic(`${(growth.bytes / MIB).toFixed(1)} MiB`);
    assert.ok(growth.bytes < HELD_BYTES_MAX, `${growth.bytes} bytes were held`);
  });

  it('costs no more than V8 lets lie', async (test) => {
    let growth: Growth | undefined;
    await using server = await startTestServer(
      slowReader(() => growth?.look()),
      { listen: 'tcp' },
    );
    await using clients = new LoadClient();
    await upload(server, clients, WARM_UP_BYTES);
    growth = new Growth(rss);
    assert.ok((await upload(server, clients, UP_BYTES)) > 0);
    test.diagnostic(`${(growth.bytes / MIB).toFixed(1)} MiB`);
    assert.ok(growth.bytes < GARBAGE_BYTES_MAX, `${growth.bytes} bytes more`);
  });
});
