// Proxies in front, with the configurations that docs/guide/proxies.md and scaling.md show: what they say of their clients is what apps see,
// and HAProxy hears whether a server is ready.

import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import type { GatewayApp } from '@appserve/core/app';
import { freePort } from '../../bench/free-port.ts';
import { get, ok } from '../support/apps.ts';
import { Command, write } from '../support/command.ts';
import { readGuide } from '../support/guide.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/http-server.ts';
import { demand, WITH_SBIN } from '../support/programs.ts';
import { ENDS, line } from '../support/proxy-header.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { apacheFrame, replaceAll, WebServer } from '../support/web-server.ts';

const TIMEOUT = { timeout: 240_000 };
const BEHIND = { listen: 'tcp', proxyAllow: ['127.0.0.1'] } as const;

/** What the page writes. */
function pageOf(file: string, page = 'docs/guide/proxies.md'): string {
  const fences = readGuide(page).chapters.flatMap((chapter) => chapter.fences);
  return fences.find(({ info }) => info === file)!.text;
}

/** The address of `metrics`, as far as HAProxy asks there. */
class Health implements AsyncDisposable {
  isReady = true;
  readonly #server = http.createServer(({ method, url }, response) => {
    response.statusCode = method === 'GET' && url === '/-/ready' ? (this.isReady ? 200 : 503) : 404;
    response.end();
  });

  static async start(): Promise<Health> {
    const health = new Health();
    await new Promise<void>((resolve) => health.#server.listen(0, '127.0.0.1', resolve));
    return health;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Proxy extends AsyncDisposable {
  readonly port: number;
  readonly says: (pattern: RegExp) => Promise<unknown>;
}

type Change = readonly [from: string, to: string];

/** A port that somebody takes first is nobody's mistake. */
const ATTEMPTS = 3;

/** What nobody is asked about by a test that leaves it out is ready. */
async function startHaproxy(server: TestServer, file: string, changes: readonly Change[], asked?: Health): Promise<Proxy> {
  const health = asked ?? (await Health.start());
  const proxy = await startWith((port) =>
    replaceAll(pageOf(file), [
      [file === 'tcp.cfg' ? 'bind 0.0.0.0:443' : 'bind 0.0.0.0:80', `bind 127.0.0.1:${port}`],
      ...changes,
      ['10.0.0.5:8080', `127.0.0.1:${server.at}`],
      ...(changes.some(([from]) => from.includes('9090')) ? [] : [['port 9090', `port ${health.port}`] as const]),
    ]),
  );
  const dispose = async (): Promise<void> => {
    await proxy[Symbol.asyncDispose]();
    if (asked === undefined) await health[Symbol.asyncDispose]();
  };
  return { ...proxy, [Symbol.asyncDispose]: dispose };
}

async function startWith(configure: (port: number) => string): Promise<Proxy> {
  demand('haproxy');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const folder = temporaryFolder();
    write(folder, { 'haproxy.cfg': `global\n  maxconn 100\n${configure(port)}` });
    const options = ['-W', '-db', '-f', `${folder.path}/haproxy.cfg`];
    const command = Command.program('haproxy', options, { cwd: folder.path, env: { PATH: WITH_SBIN.PATH } });
    const dispose = async (): Promise<void> => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    };
    try {
      await command.says(/Loading success/);
      assert.doesNotMatch(command.stderr, /\[WARNING\].*config/i);
      return { port, says: async (pattern) => command.says(pattern), [Symbol.asyncDispose]: dispose };
    } catch (error) {
      await dispose();
      if (attempt === ATTEMPTS || !/in use/i.test(command.stderr)) throw error;
    }
  }
}

/** `127.0.0.1 40000 > 127.0.0.1 8443 http`. */
const endsApp: GatewayApp = (environ, startResponse) => {
  const { REMOTE_ADDR, REMOTE_PORT, SERVER_NAME, SERVER_PORT, 'wsgi.url_scheme': scheme } = environ;
  return ok(startResponse, `${REMOTE_ADDR} ${REMOTE_PORT} > ${SERVER_NAME} ${SERVER_PORT} ${scheme}`);
};

const pathApp: GatewayApp = ({ RAW_URI, REMOTE_ADDR, 'wsgi.url_scheme': scheme }, startResponse) =>
  ok(startResponse, `${RAW_URI} of ${REMOTE_ADDR} by ${scheme}`);

function named(name: string): GatewayApp {
  return (_environ, startResponse) => ok(startResponse, name);
}

function startSeeing(options: TestServerOptions): Promise<TestServer> {
  return startTestServer(endsApp, options);
}

const LOOKS_MS = 100;

const WAYS = {
  v1: ['send-proxy'],
  v2: ['send-proxy-v2', 'send-proxy-v2 proxy-v2-options crc32c,ssl,cert-cn,unique-id'],
} as const;

for (const [version, ways] of Object.entries(WAYS))
  for (const way of ways)
    describe(`HAProxy with ${way}`, TIMEOUT, () => {
      const sending: readonly Change[] = [['send-proxy-v2', way]];
      /** To us, and not to metrics. */
      const looking: readonly Change[] = [
        ['  option httpchk GET /-/ready\n', '  log stderr format raw local0\n  option log-health-checks\n'],
        ['check port 9090 send-proxy-v2', `check inter ${LOOKS_MS} ${way}`],
      ];
      const options = { ...BEHIND, proxyProtocol: version as keyof typeof WAYS };

      it('names its client, for all requests of a connection', async () => {
        await using server = await startSeeing(options);
        await using proxy = await startHaproxy(server, 'tcp.cfg', sending);
        await using client = await RawClient.connect(proxy.port);
        for (let time = 0; time < 3; time += 1) {
          await client.send(get('/'));
          assert.equal((await client.response())?.body, `127.0.0.1 ${client.localPort} > 127.0.0.1 ${proxy.port} http`);
        }
      });

      it('names its client ahead of TLS, which it passes on', async () => {
        await using server = await startSeeing({ ...options, listen: 'tls' });
        await using proxy = await startHaproxy(server, 'tcp.cfg', sending);
        await using client = await RawClient.secure(proxy.port);
        await client.send(get('/'));
        assert.equal((await client.response())?.body, `127.0.0.1 ${client.localPort} > 127.0.0.1 ${proxy.port} https`);
      });

      it('looks whether we are there without a word in the log', async () => {
        await using server = await startSeeing(options);
        await using proxy = await startHaproxy(server, 'tcp.cfg', looking);
        await proxy.says(/Health check for server \S+ succeeded/);
        // We have met those looks that were before an answer of ours: whether we have read their line is up to who is faster.
        for (let time = 0; time < 3; time += 1) {
          await later(LOOKS_MS);
          await using client = await RawClient.connect(proxy.port);
          await client.send(get('/'));
          assert.ok(await client.response());
        }
        assert.deepEqual(
          server.log.filter(({ level }) => level === 'warn'),
          [],
        );
      });

      it('does not pass on a header of its client as its own', async () => {
        await using server = await startSeeing(options);
        await using proxy = await startHaproxy(server, 'tcp.cfg', sending);
        await using client = await RawClient.connect(proxy.port);
        await client.send(line({ ...ENDS, from: '6.6.6.6' }) + get('/'));
        assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 /);
      });
    });

/** What clients say who would like to be somebody else. */
const FORGED = ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.test', 'Forwarded: for=7.7.7.7'];

/** Four requests on one connection, one of them forged. */
async function assertSeen(port: number): Promise<void> {
  await using client = await RawClient.connect(port);
  for (const fields of [[], FORGED, [], FORGED]) {
    await client.send(get('/', ...fields));
    assert.equal((await client.response())?.body.replace(/ > \S+/, ''), '127.0.0.1  80 http');
  }
}

describe('a proxy that speaks HTTP is believed, and its client is not', TIMEOUT, () => {
  it('HAProxy', async () => {
    // So that it has another address than its client.
    await using server = await startSeeing({ listen: 'tcp', forwardedAllow: ['127.0.0.2'] });
    await using proxy = await startHaproxy(server, 'http.cfg', [['check port', 'source 127.0.0.2 check port']]);
    await assertSeen(proxy.port);
  });

  it('nginx, by a unix socket', async () => {
    await using server = await startSeeing({ listen: 'unix', forwardedAllow: ['unix'] });
    await using proxy = await WebServer.startWith('nginx', (port, folder) => {
      const site = replaceAll(pageOf('http.conf'), [
        ['listen 0.0.0.0:80;', `listen 127.0.0.1:${port};`],
        ['unix:/run/site/http.sock', `unix:${server.at}`],
      ]);
      const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
      return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
        events { worker_connections 64; }
        http { access_log off; ${folders.join(' ')} ${site} }`;
    });
    await assertSeen(proxy.port);
  });

  it('Apache, which passes a path on as it was sent', async () => {
    // It has the address of its client: what that says would be believed if it were passed on.
    await using server = await startTestServer(pathApp, { listen: 'tcp', forwardedAllow: ['127.0.0.1'] });
    await using proxy = await WebServer.startWith('apache2', (port, folder) => {
      const site = replaceAll(pageOf('site.conf'), [['10.0.0.5:8080', `127.0.0.1:${server.at}`]]);
      return apacheFrame(`Listen 127.0.0.1:${port}\n${site}`, folder, ['authz_core', 'headers', 'proxy', 'proxy_http']);
    });
    await using client = await RawClient.connect(proxy.port);
    await client.send(get('/a%2Fb/%7Ec', ...FORGED));
    assert.equal((await client.response())?.body, '/a%2Fb/%7Ec of 127.0.0.1 by http');
  });
});

/** HAProxy says it by itself. */
function leaves(server: string): RegExp {
  return new RegExp(`Server site/${server} is DOWN, reason: Layer7 wrong status, code: 503`);
}

describe('HAProxy hears that a server is not ready', TIMEOUT, () => {
  for (const file of ['tcp.cfg', 'http.cfg'])
    it(file, async () => {
      await using health = await Health.start();
      await using server = await startSeeing({ listen: 'tcp' });
      await using proxy = await startHaproxy(server, file, [], health);
      health.isReady = false;
      await proxy.says(leaves('one'));
    });

  it('and sends its clients to the other one, whatever their cookie says: affinity.cfg', async () => {
    await using health = await Health.start();
    await using leaving = await Health.start();
    await using one = await startTestServer(named('one'), { listen: 'tcp' });
    await using two = await startTestServer(named('two'), { listen: 'tcp' });
    await using proxy = await startWith((port) =>
      [
        'defaults\n  mode http\n  timeout connect 2s\n  timeout client 20s\n  timeout server 20s',
        `frontend web\n  bind 127.0.0.1:${port}\n  default_backend site`,
        replaceAll(pageOf('affinity.cfg', 'docs/guide/scaling.md'), [
          ['10.0.0.5:8080 check port 9090', `127.0.0.1:${one.at} check port ${health.port}`],
          ['10.0.0.6:8080 check port 9090', `127.0.0.1:${two.at} check port ${leaving.port}`],
        ]),
      ].join('\n'),
    );
    const answerTo = async (cookie: string): Promise<string | undefined> => {
      await using client = await RawClient.connect(proxy.port);
      await client.send(get('/', `Cookie: server=${cookie}`));
      return (await client.response())?.body;
    };
    assert.deepEqual([await answerTo('one'), await answerTo('two')], ['one', 'two']);
    leaving.isReady = false;
    await proxy.says(leaves('two'));
    assert.deepEqual([await answerTo('one'), await answerTo('two')], ['one', 'one']);
  });
});
