// A file that a gateway app gives, behind conversions and filters: what is between may hold a piece for as long as it likes, so that
// its bytes must be nobody else's.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { toFetch, toGateway, toNode, type App, type FetchContext, type FetchObject, type GatewayApp } from '@appserve/core/app';
import { startTestServer } from '../../support/http-server.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };
/** Several blocks, and a part of one. */
const WORDS = 800_000;
const NOBODY = undefined as unknown as FetchContext;

const NAMES = ['public', 'secret'];
let folder: TemporaryFolder;
before(async () => {
  folder = temporaryFolder();
  await Promise.all(NAMES.map((name, index) => writeFile(join(folder.path, name), contentOf(index))));
});
after(() => folder[Symbol.dispose]());

/** No two of its words are alike, nor like those of the other file. */
function contentOf(file: number): Buffer {
  const content = Buffer.alloc(4 * WORDS);
  for (let word = 0; word < WORDS; word += 1) content.writeUInt32BE(file * WORDS + word, 4 * word);
  return content;
}

function digestOf(bytes: Uint8Array | readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) hash.update(piece);
  return hash.digest('hex');
}

const PUBLIC = digestOf(contentOf(0));

/** The file that the path names. */
const files: GatewayApp = async (environ, startResponse) => {
  const file = await open(join(folder.path, environ.PATH_INFO.slice(1)));
  startResponse('200 OK', [['Content-Length', String(4 * WORDS)]]);
  return environ['wsgi.file_wrapper'](file);
};

/** A fetch filter, as everybody writes it. */
function marked(app: FetchObject): FetchObject {
  return {
    async fetch(request, context) {
      const response = await app.fetch(request, context);
      return new Response(response.body, { headers: { ...Object.fromEntries(response.headers), 'x-filter': 'yes' } });
    },
  };
}

const APPS: readonly (readonly [name: string, app: App])[] = [
  ['as it is', files],
  ['as a fetch app', toFetch(files)],
  ['behind a fetch filter', marked(toFetch(files))],
  ['as a node app', toNode(files)],
  ['as a fetch app, and a gateway app again', toGateway(toFetch(files))],
  ['as a node app, and a gateway app again', toGateway(toNode(files))],
  ['as a fetch app that is a node app', toNode(toFetch(files))],
];

interface Arrived {
  readonly digest: string;
  readonly bytes: number;
}

/** `isSlow`: some turns of the loop lie between two reads. */
async function arrived(options: http.RequestOptions, isSlow: boolean): Promise<Arrived> {
  const hash = createHash('sha256');
  let bytes = 0;
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ ...options, path: '/public', agent: false }, resolve).on('error', reject);
  });
  for await (const piece of response as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
    if (isSlow) for (let turns = 0; turns < 5; turns += 1) await turn();
  }
  return { digest: hash.digest('hex'), bytes };
}

const WHOLE: Arrived = { digest: PUBLIC, bytes: 4 * WORDS };

for (const [name, app] of APPS) {
  describe(`a file of an app ${name}`, TIMEOUT, () => {
    for (const isSlow of [false, true]) {
      it(`arrives as it is at a ${isSlow ? 'slow' : 'fast'} client`, async () => {
        await using server = await startTestServer(app);
        assert.deepEqual(await arrived({ socketPath: String(server.at) }, isSlow), WHOLE);
      });
    }

    it('holds nothing of what another client gets meanwhile', async () => {
      await using server = await startTestServer(app);
      await using slow = await server.client();
      slow.pause();
      await slow.send('GET /public HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      // The one is blocked in the middle of its file while the other is served.
      for (let index = 0; index < 3; index += 1) {
        await using other = await server.client();
        await other.send('GET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        await other.untilEnd();
      }
      slow.resume();
      const answer = await slow.untilEnd();
      assert.equal(digestOf(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')), PUBLIC);
    });
  });
}

describe('a file in a Response', TIMEOUT, () => {
  it('can be read as a whole', async () => {
    const response = await toFetch(files).fetch(new Request('http://a/public'), NOBODY);
    assert.equal(digestOf(Buffer.from(await response.arrayBuffer())), PUBLIC);
  });

  it('belongs to who reads it, also while others read theirs', async () => {
    const app = toFetch(files);
    const kept: Uint8Array[] = [];
    const response = await app.fetch(new Request('http://a/public'), NOBODY);
    for await (const piece of response.body!) {
      kept.push(piece);
      const other = await app.fetch(new Request('http://a/secret'), NOBODY);
      await other.body!.getReader().read();
    }
    assert.equal(digestOf(kept), PUBLIC);
  });
});

describe('a file on node:http', TIMEOUT, () => {
  for (const isSlow of [false, true]) {
    it(`arrives as it is at a ${isSlow ? 'slow' : 'fast'} client`, async () => {
      const server = http.createServer(toNode(files));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = server.address() as AddressInfo;
        assert.deepEqual(await arrived({ host: '127.0.0.1', port }, isSlow), WHOLE);
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    });
  }
});
