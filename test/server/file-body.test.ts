// Files as bodies, over real sockets: what arrives, what is held of them, and that each is closed exactly once, whatever happens.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { GatewayApp, HeaderList, ReadableFile } from '@appserve/core/app';
import { get, ok } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };
const MIB = 1_024 * 1_024;
/** What may be under way between two ends: the kernel's buffers of a unix socket, and what both sides hold of it. */
const HELD_BYTES_MAX = 2 * MIB;

/** A file that counts what is done to it. */
class CountedFile implements ReadableFile {
  readonly #file: ReadableFile;
  readBytes = 0;
  reads = 0;
  closed = 0;

  constructor(file: ReadableFile) {
    this.#file = file;
  }

  async read(buffer: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }> {
    this.reads += 1;
    const { bytesRead } = await this.#file.read(buffer, offset, length, null);
    this.readBytes += bytesRead;
    return { bytesRead };
  }

  async close(): Promise<void> {
    this.closed += 1;
    await this.#file.close();
  }
}

/** A file that never ends, unless it is told how long it is. */
function zeros(bytes = Number.POSITIVE_INFINITY): ReadableFile {
  let rest = bytes;
  return {
    read: async (buffer, offset, length) => {
      const bytesRead = Math.min(length, rest);
      rest -= bytesRead;
      buffer.fill(0, offset, offset + bytesRead);
      return { bytesRead };
    },
    close: () => undefined,
  };
}

function text(content: string): ReadableFile {
  let rest = Buffer.from(content);
  return {
    read: async (buffer, offset, length) => {
      const piece = rest.subarray(0, length);
      rest = rest.subarray(piece.length);
      buffer.set(piece, offset);
      return { bytesRead: piece.length };
    },
    close: () => undefined,
  };
}

/** An app that gives this file to every request but those for `/next`. */
function giving(file: ReadableFile, headers: HeaderList = [], status = '200 OK'): GatewayApp {
  return (environ, startResponse) => {
    if (environ.PATH_INFO === '/next') return ok(startResponse, 'next');
    startResponse(status, headers);
    return environ['wsgi.file_wrapper'](file);
  };
}

function lengthOf(bytes: number): HeaderList {
  return [['Content-Length', String(bytes)]];
}

function complaints({ log }: TestServer): string[] {
  return log.filter(({ level }) => level !== 'debug').map(({ message }) => message.split('\n')[0]!);
}

async function isClosed(file: CountedFile): Promise<void> {
  await eventually('the file is closed', () => file.closed > 0);
  await turns(5);
  assert.equal(file.closed, 1);
}

async function download({ at }: TestServer, path = '/'): Promise<IncomingMessage> {
  const to = typeof at === 'string' ? { socketPath: at } : { port: at, host: '127.0.0.1' };
  return new Promise((resolve, reject) => {
    http.get({ ...to, path, agent: false }, resolve).once('error', reject);
  });
}

async function downloadSecure({ at }: TestServer, path: string): Promise<IncomingMessage> {
  const to = { port: Number(at), host: '127.0.0.1', rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    https.get({ ...to, path, agent: false }, resolve).once('error', reject);
  });
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a file as a body', TIMEOUT, () => {
  it('is sent whole, and closed', async () => {
    const file = new CountedFile(text('whole'));
    await using server = await startTestServer(giving(file, lengthOf(5)));
    await using client = await server.client();
    await client.send(get('/') + get('/next'));
    assert.deepEqual([(await client.response())?.body, (await client.response())?.body], ['whole', 'next']);
    await isClosed(file);
  });

  it('may be empty, with its length and without', async () => {
    for (const headers of [lengthOf(0), []]) {
      for (const chunkedTransfer of [true, false]) {
        const file = new CountedFile(text(''));
        await using server = await startTestServer(giving(file, headers), { chunkedTransfer });
        await using client = await server.client();
        await client.send(get('/', 'Connection: close'));
        assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n(0\r\n\r\n)?$/s);
        await isClosed(file);
        assert.deepEqual(complaints(server), []);
      }
    }
  });

  it('is not read for HEAD', async () => {
    const file = new CountedFile(text('whole'));
    await using server = await startTestServer(giving(file, lengthOf(5)));
    await using client = await server.client();
    await client.send(get('/').replace('GET', 'HEAD') + get('/next'));
    assert.match((await client.response({ isHead: true }))!.head, /\r\nContent-Length: 5\r\n/);
    assert.equal((await client.response())?.body, 'next');
    await isClosed(file);
    assert.equal(file.reads, 0);
  });

  it('is not sent with 304', async () => {
    const file = new CountedFile(zeros());
    await using server = await startTestServer(giving(file, [], '304 Not Modified'));
    await using client = await server.client();
    await client.send(get('/') + get('/next'));
    assert.equal((await client.response())?.status, 304);
    assert.equal((await client.response())?.body, 'next');
    await isClosed(file);
    assert.deepEqual(complaints(server), []);
  });

  it('that is longer than its Content-Length is sent as far as that, and read no further', async () => {
    const file = new CountedFile(zeros());
    await using server = await startTestServer(giving(file, lengthOf(100_000)));
    await using client = await server.client();
    await client.send(get('/') + get('/next'));
    assert.equal((await client.response())?.body.length, 100_000);
    assert.equal((await client.response())?.body, 'next');
    await isClosed(file);
    assert.deepEqual([file.readBytes, complaints(server)], [100_000, []]);
  });

  it('that is shorter than its Content-Length closes the connection, and the log says so', async () => {
    const file = new CountedFile(zeros(100_000));
    await using server = await startTestServer(giving(file, lengthOf(100_001)));
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\n\r\n\0{100000}$/);
    await isClosed(file);
    assert.deepEqual(complaints(server), ['GET /path: the body ended after 100000 of 100001 bytes; the connection is closed']);
  });
});

describe('a file that fails', TIMEOUT, () => {
  it('at its first read is a 500', async () => {
    const file = new CountedFile({ ...zeros(), read: () => Promise.reject(new Error('EIO')) });
    await using server = await startTestServer(giving(file, lengthOf(5)));
    await using client = await server.client();
    await client.send(get('/path'));
    assert.equal((await client.response())?.status, 500);
    await isClosed(file);
    assert.deepEqual(complaints(server), ['GET /path: the app failed: Error: EIO']);
  });

  it('halfway breaks its answer off', async () => {
    const half = zeros(MIB / 2);
    const read: ReadableFile['read'] = async (buffer, offset, length) => {
      const { bytesRead } = await half.read(buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('EIO');
      return { bytesRead };
    };
    const file = new CountedFile({ ...half, read });
    await using server = await startTestServer(giving(file, lengthOf(MIB)), { listen: 'tcp' });
    await assert.rejects(bytesOf(await download(server, '/path')), { code: 'ECONNRESET' });
    await isClosed(file);
    assert.deepEqual(complaints(server), ['GET /path: the app failed: Error: EIO']);
  });

  it('when it is closed is told in the log, behind an answer that is whole', async () => {
    const file = new CountedFile({ ...text('whole'), close: () => Promise.reject(new Error('EBADF')) });
    await using server = await startTestServer(giving(file, lengthOf(5)));
    await using client = await server.client();
    await client.send(get('/path') + get('/next'));
    assert.deepEqual([(await client.response())?.body, (await client.response())?.body], ['whole', 'next']);
    await isClosed(file);
    await eventually('the log says so', () => complaints(server).length > 0);
    assert.deepEqual(complaints(server), ['GET /path: the app failed after its answer: Error: EBADF']);
  });
});

describe('a file whose client leaves', TIMEOUT, () => {
  it('while he does not take it is closed, and read no further', async () => {
    const file = new CountedFile(zeros());
    await using server = await startTestServer(giving(file), { listen: 'tcp' });
    await using client = await server.client();
    client.pause();
    await client.send(get('/'));
    let readBytes = 0;
    let looks = 0;
    // As long as somebody takes it, it is read on.
    await eventually('nobody takes it any more', () => {
      looks = file.readBytes === readBytes ? looks + 1 : 0;
      readBytes = file.readBytes;
      return readBytes > 0 && looks === 20;
    });
    client.reset();
    await isClosed(file);
    assert.ok(file.readBytes <= readBytes + MIB, `${file.readBytes - readBytes} bytes were read for nobody`);
    assert.deepEqual(complaints(server), []);
  });

  it('while it is read is closed after that', async () => {
    const isReading = new Deferred();
    const mayRead = new Deferred();
    const file = new CountedFile({
      ...zeros(),
      read: async (buffer) => {
        isReading.resolve();
        await mayRead.promise;
        return { bytesRead: buffer.length };
      },
    });
    await using server = await startTestServer(giving(file), { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isReading.promise;
    client.reset();
    await eventually('he is gone', () => server.server.connections === 0);
    assert.equal(file.closed, 0);
    mayRead.resolve();
    await isClosed(file);
    assert.deepEqual([file.reads, complaints(server)], [1, []]);
  });

  it('before the app gives it is closed, and not read', async () => {
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const file = new CountedFile(zeros());
    const gives = giving(file);
    const app: GatewayApp = async (environ, startResponse) => {
      isRunning.resolve();
      await mayAnswer.promise;
      return gives(environ, startResponse);
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    client.reset();
    await eventually('he is gone', () => server.server.connections === 0);
    mayAnswer.resolve();
    await isClosed(file);
    assert.deepEqual([file.reads, complaints(server)], [0, []]);
  });

  it('since the server does not wait any longer is closed', async () => {
    const file = new CountedFile(zeros());
    await using server = await startTestServer(giving(file));
    await using client = await server.client();
    client.pause();
    await client.send(get('/'));
    await eventually('it is read', () => file.reads > 0);
    assert.equal(await server.server.close(0), 1);
    await isClosed(file);
    assert.deepEqual(complaints(server), []);
  });
});

/** Files of random bytes in a folder, and an app that gives them by their number. */
async function library(folder: string, count: number, bytes: number): Promise<{ app: GatewayApp; contents: Buffer[] }> {
  const contents = Array.from({ length: count }, () => randomBytes(bytes));
  await Promise.all(contents.map((content, index) => writeFile(join(folder, String(index)), content)));
  const app: GatewayApp = async (environ, startResponse) => {
    startResponse('200 OK', lengthOf(bytes));
    return environ['wsgi.file_wrapper'](await open(join(folder, environ.PATH_INFO)));
  };
  return { app, contents };
}

describe('a file that comes in small reads', TIMEOUT, () => {
  it('arrives as it is, though its client is slow', async () => {
    // Too large for text, too small to fill a socket.
    const READ_BYTES = 12_000;
    const content = randomBytes(4 * MIB);
    let at = 0;
    const read: ReadableFile['read'] = async (buffer, offset, length) => {
      const piece = content.subarray(at, at + Math.min(length, READ_BYTES));
      at += piece.length;
      buffer.set(piece, offset);
      return { bytesRead: piece.length };
    };
    await using server = await startTestServer(giving({ ...zeros(), read }, lengthOf(content.length)));
    const pieces: Buffer[] = [];
    for await (const piece of await download(server)) {
      pieces.push(piece as Buffer);
      await turns(2);
    }
    assert.ok(Buffer.concat(pieces).equals(content));
  });
});

describe('many files at once', TIMEOUT, () => {
  for (const listen of ['unix', 'tcp', 'tls'] as const) {
    it(`arrive each as it is over ${listen}, though blocks are used again`, async () => {
      using folder = temporaryFolder();
      const { app, contents } = await library(folder.path, 24, 700_001);
      await using server = await startTestServer(app, { listen });
      const arrived = await Promise.all(
        contents.map(async (_, index) =>
          bytesOf(await (listen === 'tls' ? downloadSecure(server, `/${index}`) : download(server, `/${index}`))),
        ),
      );
      assert.deepEqual(
        arrived.map((bytes, index) => bytes.equals(contents[index]!)),
        contents.map(() => true),
      );
    });
  }

  it('arrive each as it is, though other clients leave halfway', async () => {
    using folder = temporaryFolder();
    const { app, contents } = await library(folder.path, 24, 3 * MIB);
    await using server = await startTestServer(app, { listen: 'tcp' });
    const isWhole = await Promise.all(
      contents.map(async (content, index) => {
        const response = await download(server, `/${index}`);
        if (index % 2 === 0) return (await bytesOf(response)).equals(content);
        for await (const _ of response) break;
        response.socket.resetAndDestroy();
        return true;
      }),
    );
    assert.deepEqual(
      isWhole,
      contents.map(() => true),
    );
    await eventually('no connection is left', () => server.server.connections === 0);
    assert.deepEqual(complaints(server), []);
  });
});

describe('a file of 64 MiB', TIMEOUT, () => {
  it('is read at the pace of its client, and nearly nothing of it is held', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'big');
    await writeFile(path, '');
    await truncate(path, 64 * MIB);
    let file: CountedFile | undefined;
    const app: GatewayApp = async (environ, startResponse) => {
      const handle: FileHandle = await open(path);
      file = new CountedFile(handle);
      startResponse('200 OK', lengthOf(64 * MIB));
      return environ['wsgi.file_wrapper'](file);
    };
    await using server = await startTestServer(app);
    let receivedBytes = 0;
    let heldBytesMost = 0;
    for await (const piece of await download(server)) {
      await turns(2);
      receivedBytes += (piece as Buffer).length;
      heldBytesMost = Math.max(heldBytesMost, file!.readBytes - receivedBytes);
    }
    assert.equal(receivedBytes, 64 * MIB);
    assert.ok(heldBytesMost < HELD_BYTES_MAX, `${heldBytesMost} bytes were held`);
    await isClosed(file!);
  });
});
