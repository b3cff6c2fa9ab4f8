// One app in three contracts, as it is and converted to another one: the same scenes on every carrier. A carrier is a row.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { toFetch, toGateway, toNode, type App } from '@appserve/core/app';
import { answersOf } from '../../support/answers-of.ts';
import { fetchApp, gatewayApp, nodeApp, type Tell } from '../../support/contract-apps.ts';
import { SCENES, type Scene } from '../../support/contract-scenes.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 240_000 };

interface Carrier {
  readonly name: string;
  start(app: App): Promise<TestServer>;
  readonly scheme: 'http' | 'https';
  /** What the app sees of the client's address. */
  readonly remoteAddress: string;
}

const CARRIERS: readonly Carrier[] = [
  {
    name: 'HTTP/1.1 over TCP',
    start: (app) => startTestServer(app, { listen: 'tcp', chunkedTransfer: true }),
    scheme: 'http',
    remoteAddress: '127.0.0.1',
  },
  {
    name: 'HTTP/1.1 over TLS',
    start: (app) => startTestServer(app, { listen: 'tls', chunkedTransfer: true }),
    scheme: 'https',
    remoteAddress: '127.0.0.1',
  },
  {
    name: 'HTTP/1.1 over a unix socket',
    start: (app) => startTestServer(app, { listen: 'unix', chunkedTransfer: true }),
    scheme: 'http',
    remoteAddress: '',
  },
];

interface Contract {
  readonly name: string;
  readonly make: (tell: Tell) => App;
}

const gateway: Contract = { name: 'gateway', make: gatewayApp };
const fetch: Contract = { name: 'fetch', make: fetchApp };
const node: Contract = { name: 'node', make: nodeApp };

function converted({ name, make }: Contract, to: string, convert: (app: App) => App): Contract {
  return { name: `${name} as ${to}`, make: (tell) => convert(make(tell)) };
}

const CONTRACTS: readonly Contract[] = [
  gateway,
  fetch,
  node,
  converted(gateway, 'fetch', (app) => toFetch(app)),
  converted(gateway, 'node', (app) => toNode(app)),
  converted(fetch, 'gateway', (app) => toGateway(app)),
  converted(fetch, 'node', (app) => toNode(app)),
  converted(node, 'gateway', (app) => toGateway(app)),
  converted(node, 'fetch', (app) => toFetch(app)),
];

async function play(
  server: TestServer,
  { says, methods = ['GET'], endsSending = false, untilEnd = false, hears }: Scene,
): Promise<void> {
  await using client = await server.client();
  await client.send(says);
  if (endsSending) client.endSending();
  const isEnough = (text: string): boolean => {
    const answers = answersOf(text, methods);
    return answers.length === methods.length && answers.every(({ isWhole }) => isWhole);
  };
  const text = untilEnd ? await client.untilEnd() : await client.until(isEnough);
  hears(answersOf(text, methods), text);
}

let played = 0;
after(() =>
  console.log(
    `# contracts: ${played} scenes played: ${SCENES.length + 3} on ${CARRIERS.length} carriers with ${CONTRACTS.length} apps`,
  ),
);

describe('the contracts', () => {
  it('are held to 60 scenes and more', () => assert.ok(SCENES.length + 3 > 60));
});

for (const carrier of CARRIERS) {
  for (const { name, make } of CONTRACTS) {
    describe(`an app on ${carrier.name}: ${name}`, TIMEOUT, () => {
      for (const scene of SCENES) {
        it(scene.name, async () => {
          await using server = await carrier.start(make(() => undefined));
          await play(server, scene);
          played += 1;
        });
      }

      it('is told the host', async () => {
        await using server = await carrier.start(make(() => undefined));
        const says = 'GET /url HTTP/1.1\r\nHost: example.test\r\n\r\n';
        const url = `${carrier.scheme}://example.test`;
        await play(server, { name: '', says, hears: ([answer]) => assert.equal(answer?.body, url) });
        played += 1;
      });

      it('is told who the client is', async () => {
        await using server = await carrier.start(make(() => undefined));
        const says = 'GET /remote HTTP/1.1\r\nHost: a\r\n\r\n';
        await play(server, { name: '', says, hears: ([answer]) => assert.equal(answer?.body, carrier.remoteAddress) });
        played += 1;
      });

      it('stops for a client that takes nothing, and leaves when it has gone', async () => {
        const told: string[] = [];
        await using server = await carrier.start(make((line) => told.push(line)));
        await using client = await server.client();
        client.pause();
        await client.send('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n');
        await eventually('it has begun', () => told.includes('piece'));
        let before = -1;
        let looks = 0;
        await eventually('it has stopped', () => {
          looks = told.length === before ? looks + 1 : 0;
          before = told.length;
          return looks > 30;
        });
        assert.ok(!told.includes('left'));
        await client[Symbol.asyncDispose]();
        await eventually('it has left', () => told.includes('left'));
        played += 1;
      });
    });
  }
}
