// examples/docker without an engine: its Dockerfile is read, and what it says of the container is done to the site.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { write } from './support/command.ts';
import { Container, noContainers, type Said } from './support/container.ts';
import { imageOf } from './support/dockerfile.ts';
import { eventually } from './support/eventually.ts';
import { inRepository } from './support/repository.ts';
import { PACKAGES } from './support/sources.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from './support/temporary.ts';
import { replaceAll } from './support/web-server.ts';

const text = (name: string): string => readFileSync(inRepository(`examples/docker/${name}`), 'utf8');
const IMAGE = imageOf(text('Dockerfile'), process.env['PATH']!);

/** What we use of Dockerfiles (docs.docker.com/reference/dockerfile), stage by stage. */
const STAGES: readonly (readonly string[])[] = [
  ['FROM', 'WORKDIR', 'COPY', 'RUN'],
  ['FROM', 'ENV', 'ENV', 'WORKDIR', 'COPY', 'COPY', 'RUN', 'USER', 'EXPOSE', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD'],
];

describe('the Dockerfile of examples/docker', () => {
  it('has instructions that Docker knows, in this order', () => {
    const names = DockerfileParser.parse(text('Dockerfile'))
      .getInstructions()
      .map((one) => one.getKeyword());
    assert.deepEqual(names, STAGES.flat());
    assert.deepEqual(validate(text('Dockerfile')), []);
  });

  it('would be refused with a mistake in it', () => {
    const broken = text('Dockerfile').replace('HEALTHCHECK --interval=10s', 'HEALTHCHECK --interval=10');
    assert.equal(validate(broken).length, 1);
  });

  it('installs what the lock file says, without what is for development, and copies no secrets', () => {
    assert.match(text('Dockerfile'), /^RUN npm ci --omit=dev$/m);
    const ignored = text('.dockerignore').split('\n');
    for (const name of ['node_modules', '.git', '.env*']) assert.ok(ignored.includes(name), name);
  });

  it('finds what the lock file names, which is made as the README says', { timeout: 120_000 }, () => {
    using folder = temporaryFolder();
    cpSync(inRepository('examples/docker'), folder.path, { recursive: true });
    const [, commands] = /^```sh\n(.*?)^```$/ms.exec(text('README.md'))!;
    const script = replaceAll(commands!, [
      ['/path/to/the/clone', inRepository('')],
      // Nothing has to be there but the lock file.
      ['npm install', 'npm install --package-lock-only --prefer-offline --no-audit --no-fund'],
    ]);
    execFileSync('sh', ['-ec', script], { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] });
    const { packages } = JSON.parse(readFileSync(`${folder.path}/package-lock.json`, 'utf8')) as Lock;
    const named = Object.values(packages).flatMap(({ resolved }) => (resolved?.startsWith('file:') === true ? [resolved] : []));
    assert.equal(named.length, PACKAGES.length);
    for (const name of named) assert.match(name, /^file:[\w.-]+\.tgz$/);
    assert.match(text('Dockerfile'), /^COPY package\.json package-lock\.json \*\.tgz \.\/$/m);
  });

  it('starts appserve itself, not by a shell, as somebody who is not root', () => {
    assert.deepEqual(IMAGE.command, ['appserve', 'production.ini']);
    assert.equal(IMAGE.user, 1_000);
    assert.equal(IMAGE.stopSignal, 'SIGTERM');
  });

  it('looks for the control socket where the ini has it, and shows its ports', () => {
    const [, control] = /^control = (.+)$/m.exec(text('production.ini'))!;
    assert.deepEqual(IMAGE.health.slice(-2), ['--control', control]);
    const said = Array.from(text('production.ini').matchAll(/^(?:listen|metrics) = 0\.0\.0\.0:(\d+)$/gm), ([, port]) => port);
    const exposed = Array.from(text('Dockerfile').matchAll(/^EXPOSE (\d+)$/gm), ([, port]) => port);
    assert.deepEqual(exposed, said);
  });
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

interface Service {
  readonly ports: readonly string[];
  readonly read_only: boolean;
  readonly tmpfs: readonly string[];
  readonly stop_grace_period: string;
}

describe('the compose.yaml of examples/docker', () => {
  const { site } = (parse(text('compose.yaml')) as { services: { site: Service } }).services;

  it('gives the user of the image the one folder that is written to', () => {
    assert.equal(site.read_only, true);
    assert.deepEqual(site.tmpfs, [`/run/site:uid=${IMAGE.user},gid=${IMAGE.user},mode=0700`]);
    assert.deepEqual(site.ports, ['8080:8080']);
  });

  it('waits for longer than requests may take', () => {
    const [, graceful] = /^graceful_timeout = (\d+)s$/m.exec(text('production.ini'))!;
    assert.ok(Number(site.stop_grace_period.replace(/s$/, '')) > Number(graceful));
  });
});

/** The site as it is in the image, with an app that can be slow. */
function contained(folder: TemporaryFolder, app: string): Container {
  cpSync(inRepository('examples/docker'), folder.path, { recursive: true });
  linkPackages(folder);
  chmodSync(folder.path, 0o755);
  write(folder, { 'app.js': app });
  // Ports of this machine may be taken.
  const env = { APPSERVE_SOCKET: '127.0.0.1:0', APPSERVE_METRICS: '127.0.0.1:0', APPSERVE_WORKERS: '1' };
  const image = { ...IMAGE, folder: folder.path, writable: ['/run/site'] };
  return Container.run(image, IMAGE.command, { env });
}

const APP = `
import { existsSync, writeFileSync } from 'node:fs';

const wait = () => new Promise((resolve) => setTimeout(resolve, 10));
while (!existsSync('go')) await wait();

const tried = (path) => {
  try {
    writeFileSync(path, '');
    return 'written';
  } catch ({ code }) {
    return code;
  }
};

const ANSWERS = {
  '/process': () => Response.json({ pid: process.pid, uid: process.getuid() }),
  '/write': () => Response.json(['/x', '/srv/x', 'x', '/run/x', '/run/site/x'].map(tried)),
  '/slow': async () => {
    console.log('under way');
    while (!existsSync('answer')) await wait();
    return new Response('done');
  },
};

export const makeApp = () => (request) => ANSWERS[new URL(request.url).pathname]();
`;

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

describe('the container of examples/docker', { ...TIMEOUT, skip: noContainers() }, () => {
  it('is process 1, is not root, and writes nothing but its control socket', async () => {
    using folder = temporaryFolder();
    await using container = contained(folder, APP);
    write(folder, { go: '' });
    assert.deepEqual(JSON.parse((await container.command.get('/process'))!.body), { pid: 1, uid: 1_000 });
    const files = await container.exec(['ls', '-A', '/run/site']);
    assert.equal(files.stdout, 'control.sock\n');
    const written = JSON.parse((await container.command.get('/write'))!.body) as string[];
    assert.deepEqual(written, ['EROFS', 'EROFS', 'EROFS', 'EROFS', 'written']);
  });

  it('is healthy when it answers, and not before', async () => {
    using folder = temporaryFolder();
    await using container = contained(folder, APP);
    await container.command.says(/metrics and status page/);
    const starting = await container.exec(IMAGE.health);
    assert.deepEqual([starting.code, starting.stdout], [1, 'not ready: starting\n']);
    write(folder, { go: '' });
    await container.command.url();
    const serving = await container.exec(IMAGE.health);
    assert.deepEqual([serving.code, serving.stdout], [0, 'ready\n']);
  });

  it('answers what is under way when it is stopped, and ends with 0; it is not healthy meanwhile', async () => {
    using folder = temporaryFolder();
    await using container = contained(folder, APP);
    write(folder, { go: '' });
    await container.command.url();
    const slow = container.command.get('/slow');
    await eventually('it is under way', () => container.command.stdout.includes('under way'));
    container.signal(IMAGE.stopSignal as NodeJS.Signals);
    await container.command.says(/SIGTERM: stopping/);
    const stopping: Said = await container.exec(IMAGE.health);
    assert.deepEqual([stopping.code, stopping.stdout], [1, 'not ready: stopping\n']);
    write(folder, { answer: '' });
    assert.equal((await slow)?.body, 'done');
    assert.deepEqual(await container.ending(), { code: 0, signal: null });
  });
});
