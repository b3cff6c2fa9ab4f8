// examples/haproxy as its README tells it: three commands, a request, and a rolling restart, in which no request fails.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { freePort } from '../bench/free-port.ts';
import { Load } from './proxies/load.ts';
import { Command } from './support/command.ts';
import { ask } from './support/http-client.ts';
import { inRepository } from './support/repository.ts';
import { temporaryFolder } from './support/temporary.ts';
import { replaceAll, WebServer } from './support/web-server.ts';

const TIMEOUT = { timeout: 120_000 };

const readme = readFileSync(inRepository('examples/haproxy/README.md'), 'utf8');

function fence(language: string, text = readme): string {
  return new RegExp(`^\`\`\`${language}\\n(.*?)\\n^\`\`\`$`, 'ms').exec(text)![1]!;
}

interface Instance {
  /** As the README and the configuration have them. */
  readonly written: readonly [httpPort: string, metricsPort: string];
  readonly port: number;
  readonly metricsPort: number;
  /** Of the control sockets. */
  readonly run: string;
}

async function instanceOf(command: string, run: string): Promise<Instance> {
  const pattern = /^\$ npx appserve examples\/haproxy\/site\.ini http_port=(\d+) metrics_port=(\d+)$/;
  const [, httpPort, metricsPort] = pattern.exec(command) ?? assert.fail(command);
  return { written: [httpPort!, metricsPort!], port: await freePort(), metricsPort: await freePort(), run };
}

function start({ port, metricsPort, run }: Instance): Command {
  const settings = [`http_port=${port}`, `metrics_port=${metricsPort}`, `run=${run}`];
  return Command.appserve(['examples/haproxy/site.ini', ...settings], { cwd: inRepository('') });
}

/** Ends when the instance has ended. */
async function stop(command: string, { port, run }: Instance): Promise<void> {
  const [, file] = /^\$ npx appserve stop (\S+) http_port=8081$/.exec(command) ?? assert.fail(command);
  await using stopping = Command.appserve(['stop', file!, `http_port=${port}`, `run=${run}`], { cwd: inRepository('') });
  assert.deepEqual(await stopping.ending(), { code: 0, signal: null }, stopping.stderr);
}

/** Under load. The one that was started anew. */
async function restart(stopping: string, running: Command, instance: Instance, load: Load): Promise<Command> {
  const name = String(instance.port);
  await load.reaches(name, 50);
  await stop(stopping, instance);
  assert.deepEqual(await running.ending(), { code: 0, signal: null });
  await load.goesOn(50);
  const again = start(instance);
  // The next one may go when HAProxy has found out.
  await load.reaches(name, 1);
  return again;
}

/** The answer of the app, by what it was sent. */
function told(body: string | undefined): string {
  return `${body === undefined ? 'GET' : 'POST'} with ${body?.length ?? 0} bytes from 127.0.0.1 over http\n`;
}

async function startHaproxy(command: string, instances: readonly Instance[]): Promise<WebServer<'haproxy'>> {
  const [, file] = /^\$ haproxy -W -db -f (\S+)$/.exec(command) ?? assert.fail(command);
  const text = readFileSync(inRepository(file!), 'utf8');
  return WebServer.startWith('haproxy', (port) =>
    replaceAll(text, [
      ['bind 127.0.0.1:8080', `bind 127.0.0.1:${port}`],
      ...instances.map(({ written, port: at, metricsPort }): readonly [string, string] => [
        `127.0.0.1:${written[0]} port ${written[1]}`,
        `127.0.0.1:${at} port ${metricsPort}`,
      ]),
    ]),
  );
}

describe('examples/haproxy', () => {
  it('does what its README says', TIMEOUT, async () => {
    const [first, second, third] = fence('console').split('\n');
    using folder = temporaryFolder();
    const instances = [await instanceOf(first!, folder.path), await instanceOf(second!, folder.path)];
    await using one = start(instances[0]!);
    await using two = start(instances[1]!);
    await Promise.all([one.url(), two.url()]);
    await using haproxy = await startHaproxy(third!, instances);
    const ports = instances.map(({ port }) => String(port));

    const [head = '', body = ''] = fence('http').split('\n\n');
    const [, ...fields] = head.split('\n');
    const headers = Object.fromEntries(fields.map((field) => field.split(': ') as [string, string]));
    const answer = await ask(haproxy.port, { method: 'POST', path: '/', headers, body });
    assert.equal(answer.body.toString().trimEnd(), fence('response').split('\n\n')[1]);
    assert.ok(ports.includes(answer.field('x-instance')!));

    // Half of the requests are POSTs on connections that are kept: who sends one on a connection that is closed must not send it again.
    await using load = new Load(haproxy.port, { path: '/', answerTo: told });
    const [, rolling = ''] = readme.split('## A rolling restart');
    const [stopping, starting] = fence('console', rolling).split('\n');
    assert.equal(starting, first);
    await using _first = await restart(stopping!, one, instances[0]!, load);
    await using _second = await restart(stopping!, two, instances[1]!, load);
    await load.end();
    assert.deepEqual(load.failures, []);
  });
});
