// One connection and the requests on it: how long it is kept, in which order it answers, and whom it leaves time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { echoApp, get, ok, pathApp, post } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };

const readsInSteps: GatewayApp = async (environ, startResponse) => {
  const input = environ['wsgi.input'];
  return ok(startResponse, Buffer.concat([await input.read(1), await input.read(1), await input.read()]).toString());
};

describe('a connection that is kept', TIMEOUT, () => {
  it('serves one request after the other', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    await client.send(get('/first'));
    assert.equal((await client.response())?.body, '/first');
    await client.send(get('/second'));
    assert.equal((await client.response())?.body, '/second');
    assert.equal(client.isEnded, false);
  });

  it('is closed after the first answer where max_reuse_count is 0', async () => {
    await using server = await startTestServer(pathApp, { maxReuseCount: 0 });
    await using client = await server.client();
    await client.send(get('/'));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n\r\n\/$/s);
  });

  it('serves max_reuse_count further requests and says with the last answer that it will close', async () => {
    await using server = await startTestServer(pathApp, { maxReuseCount: 2 });
    await using client = await server.client();
    const saysClose: (boolean | undefined)[] = [];
    for (const path of ['/1', '/2', '/3']) {
      await client.send(get(path));
      saysClose.push((await client.response())?.head.includes('Connection: close'));
    }
    assert.deepEqual(saysClose, [false, false, true]);
    assert.equal(await client.untilEnd(), '');
  });

  it('does not serve what was pipelined behind the last request', async () => {
    const served: string[] = [];
    const app: GatewayApp = (environ, startResponse) => {
      served.push(environ.PATH_INFO);
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startTestServer(app, { maxReuseCount: 0 });
    await using client = await server.client();
    await client.send(get('/first') + get('/second'));
    await client.untilEnd();
    assert.deepEqual(served, ['/first']);
  });

  it('knows when it is gone', async () => {
    await using server = await startTestServer(pathApp, { maxReuseCount: 0 });
    await using client = await server.client();
    await client.send(get('/'));
    await client.untilEnd();
    await eventually('the connection is forgotten', () => server.server.connections === 0);
  });
});

describe('requests that are pipelined', TIMEOUT, () => {
  it('are answered in their order, one at a time', async () => {
    const told: string[] = [];
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      told.push(`begin ${environ.PATH_INFO}`);
      isRunning.resolve();
      if (environ.PATH_INFO === '/slow') await mayAnswer.promise;
      told.push(`end ${environ.PATH_INFO}`);
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/slow') + get('/fast'));
    await isRunning.promise;
    mayAnswer.resolve();
    assert.deepEqual([(await client.response())?.body, (await client.response())?.body], ['/slow', '/fast']);
    assert.deepEqual(told, ['begin /slow', 'end /slow', 'begin /fast', 'end /fast']);
  });

  it('may have bodies: each ends where it says', async () => {
    await using server = await startTestServer(echoApp);
    await using client = await server.client();
    await client.send(post('/', 'one') + post('/', '') + post('/', 'three'));
    const bodies = [await client.response(), await client.response(), await client.response()].map((answer) => answer?.body);
    assert.deepEqual(bodies, ['one', '', 'three']);
  });

  it('are all answered, a thousand in one write', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    const paths = Array.from({ length: 1_000 }, (_, index) => `/${index}`);
    await client.send(paths.map((path) => get(path)).join('') + get('/last', 'Connection: close'));
    const bodies = Array.from((await client.untilEnd()).matchAll(/\r\n\r\n(\/[a-z0-9]+)/g), ([, body]) => body);
    assert.deepEqual(bodies, [...paths, '/last']);
  });

  it('do not starve the other clients', async () => {
    let greedyServed = 0;
    const hasBegun = new Deferred();
    const app: GatewayApp = (environ, startResponse) => {
      if (environ.PATH_INFO === '/greedy') greedyServed += 1;
      hasBegun.resolve();
      return ok(startResponse, String(greedyServed));
    };
    await using server = await startTestServer(app);
    await using greedy = await server.client();
    await using modest = await server.client();
    void greedy.send(get('/greedy').repeat(5_000));
    await hasBegun.promise;
    await modest.send(get('/modest'));
    const servedBefore = Number((await modest.response())?.body);
    assert.ok(servedBefore > 0 && servedBefore < 5_000, `${servedBefore} of 5000 were served first`);
    await greedy.until(() => greedyServed === 5_000);
  });

  it('wait while their client reads nothing, and so do not starve the others either', async () => {
    let greedyServed = 0;
    const app: GatewayApp = (environ, startResponse) => {
      if (environ.PATH_INFO === '/greedy') greedyServed += 1;
      return ok(startResponse, 'x'.repeat(8_192));
    };
    await using server = await startTestServer(app);
    await using greedy = await server.client();
    await using modest = await server.client();
    greedy.pause();
    // 80 MB of answers, were they all given.
    void greedy.send(get('/greedy').repeat(10_000)).catch(() => undefined);
    for (let request = 0; request < 100; request += 1) {
      await modest.send(get('/modest'));
      assert.equal((await modest.response())?.status, 200);
    }
    assert.ok(greedyServed > 0 && greedyServed < 1_000, `${greedyServed} answers were made for nobody`);
  });
});

describe('a client that expects 100-continue', TIMEOUT, () => {
  const EXPECTS = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n';

  it('is told to go on when the app reads the body', async () => {
    await using server = await startTestServer(echoApp);
    await using client = await server.client();
    await client.send(EXPECTS);
    assert.equal((await client.response())?.head, 'HTTP/1.1 100 Continue');
    await client.send('body');
    assert.equal((await client.response())?.body, 'body');
  });

  it('is told once, in however many reads the body comes', async () => {
    await using server = await startTestServer(readsInSteps);
    await using client = await server.client();
    await client.send(EXPECTS);
    await client.response();
    for (const byte of 'body') await client.send(byte);
    assert.equal((await client.response())?.body, 'body');
  });

  it('is told nothing but the answer by an app that does not read', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    await client.send(EXPECTS);
    assert.equal((await client.response())?.status, 200);
  });

  it('is not told when its body has come by itself', async () => {
    await using server = await startTestServer(echoApp);
    await using client = await server.client();
    await client.send(`${EXPECTS}body`);
    assert.equal((await client.response())?.body, 'body');
  });

  it('is closed after an answer that did not want its body: what it sends next would have two readings', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    await client.send(EXPECTS);
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n\r\n\/$/s);
  });
});

describe('a client that has closed its side', TIMEOUT, () => {
  for (const listen of ['unix', 'tcp'] as const) {
    it(`gets its answer all the same, over ${listen}`, async () => {
      const isRunning = new Deferred();
      const mayAnswer = new Deferred();
      const app: GatewayApp = async (_environ, startResponse) => {
        isRunning.resolve();
        await mayAnswer.promise;
        return ok(startResponse, 'late');
      };
      await using server = await startTestServer(app, { listen });
      await using client = await server.client();
      await client.send(get('/'));
      client.endSending();
      await isRunning.promise;
      mayAnswer.resolve();
      assert.equal((await client.response())?.body, 'late');
      assert.equal(await client.untilEnd(), '');
    });
  }

  it('gets all answers to what it pipelined', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    await client.send(get('/1') + get('/2'));
    client.endSending();
    const bodies = Array.from((await client.untilEnd()).matchAll(/\r\n\r\n(\/[12])/g), ([, body]) => body);
    assert.deepEqual(bodies, ['/1', '/2']);
  });

  it('is left without a word when it has asked nothing', async () => {
    await using server = await startTestServer(pathApp);
    await using client = await server.client();
    client.endSending();
    assert.equal(await client.untilEnd(), '');
  });
});
