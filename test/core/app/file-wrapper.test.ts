// A file as the body of a response: wsgi.file_wrapper. Its blocks are used again; the file is closed exactly once.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FileWrapper, toHandler, type GatewayApp, type HeaderList, type ReadableFile } from '@appserve/core/app';
import { startTestServer } from '../../support/http-server.ts';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

/** A file that gives its text in reads of at most `readBytes`, and counts how often it is closed. */
class TextFile implements ReadableFile {
  closed = 0;
  reads = 0;
  #rest: Buffer;
  readonly #readBytes: number;

  constructor(text: string, readBytes = Number.POSITIVE_INFINITY) {
    this.#rest = Buffer.from(text);
    this.#readBytes = readBytes;
  }

  read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }> {
    this.reads += 1;
    const piece = this.#rest.subarray(0, Math.min(length, this.#readBytes));
    this.#rest = this.#rest.subarray(piece.length);
    buffer.set(piece, offset);
    return Promise.resolve({ bytesRead: piece.length });
  }

  close(): void {
    this.closed += 1;
  }
}

/** An app that gives a file as its body. */
function giving(file: ReadableFile, headers: HeaderList = []): GatewayApp {
  return (environ, startResponse) => {
    startResponse('200 OK', headers);
    return environ['wsgi.file_wrapper'](file);
  };
}

async function answered(app: GatewayApp, exchange = new MemoryExchange()): Promise<readonly string[]> {
  await run(toHandler(app, SERVER), exchange);
  return exchange.heard;
}

describe('a file', () => {
  it('is sent to its end, and closed', async () => {
    const file = new TextFile('hello', 2);
    assert.deepEqual(await answered(giving(file)), ['head 200 OK', 'data he', 'data ll', 'data o', 'end']);
    assert.equal(file.closed, 1);
  });

  it('is sent as far as Content-Length', async () => {
    const lines = await answered(giving(new TextFile('hello', 2), [['Content-Length', '3']]));
    assert.deepEqual(lines, ['head 200 OK', 'Content-Length: 3', 'data he', 'data l', 'end']);
  });

  it('may be empty', async () => {
    assert.deepEqual(await answered(giving(new TextFile(''))), ['head 200 OK', 'end']);
  });

  it('is not read for HEAD, but closed', async () => {
    const file = new TextFile('hello');
    const lines = await answered(giving(file, [['Content-Length', '5']]), new MemoryExchange({ method: 'HEAD' }));
    assert.deepEqual(lines, ['head 200 OK', 'Content-Length: 5', 'end']);
    assert.deepEqual([file.reads, file.closed], [0, 1]);
  });

  it('is closed when the head is missing', async () => {
    const file = new TextFile('hello');
    const lines = await answered((environ, _startResponse) => environ['wsgi.file_wrapper'](file));
    assert.deepEqual(lines, ['fail START_RESPONSE_MISSING']);
    assert.deepEqual([file.reads, file.closed], [0, 1]);
  });

  it('is closed when it cannot be read', async () => {
    const file = Object.assign(new TextFile(''), { read: () => Promise.reject(new Error('EIO')) });
    assert.deepEqual(await answered(giving(file)), ['fail Error: EIO']);
    assert.equal(file.closed, 1);
  });

  it('is closed when the client has gone, and read no further', async () => {
    const file = new TextFile('hello', 1);
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    const running = answered(giving(file), exchange);
    await new Promise(setImmediate);
    exchange.leave();
    await running;
    assert.deepEqual([file.reads, file.closed], [1, 1]);
  });

  it('waits for a client that is slow', async () => {
    const file = new TextFile('hello', 1);
    const exchange = new MemoryExchange();
    exchange.isSlow = true;
    const running = answered(giving(file), exchange);
    await new Promise(setImmediate);
    assert.equal(file.reads, 1);
    exchange.keepUp();
    assert.equal((await running).at(-1), 'end');
  });

  it('goes behind what was written before', async () => {
    const lines = await answered(async (environ, startResponse) => {
      await startResponse('200 OK', [])(Buffer.from('first'));
      return environ['wsgi.file_wrapper'](new TextFile('hello'));
    });
    assert.deepEqual(lines, ['head 200 OK', 'data first', 'data hello', 'end']);
  });
});

describe('a file that the app reads itself', () => {
  it('comes in blocks of its own, of the size that is asked for', async () => {
    const blocks: Uint8Array[] = [];
    for await (const block of new FileWrapper(new TextFile('hello'), 2)) blocks.push(block);
    assert.deepEqual(blocks.map(String), ['he', 'll', 'o']);
  });

  it('is closed once, however often it is asked to', async () => {
    const file = new TextFile('hello');
    const wrapper = new FileWrapper(file);
    await wrapper.close();
    await wrapper.close();
    assert.equal(file.closed, 1);
  });
});

describe('a file, served', () => {
  it('arrives as it is, though its blocks are used again', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    const content = randomBytes(2_000_000);
    await writeFile(path, content);
    const app: GatewayApp = async (environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', String(content.length)]]);
      return environ['wsgi.file_wrapper'](await open(path));
    };
    await using server = await startTestServer(app);
    const bodies = await Promise.all(
      Array.from({ length: 4 }, async () => {
        await using client = await server.client();
        await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        return (await client.response())?.body;
      }),
    );
    for (const body of bodies) assert.ok(Buffer.from(body ?? '', 'latin1').equals(content));
  });
});
