// A log thread that ends by itself: another one takes its place, and opens what it writes to by its path.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command, write } from '../../support/command.ts';
import { serveIni, type Served } from '../../support/fleet.ts';
import { linkPackages, temporaryFolder } from '../../support/temporary.ts';

/** It keeps hold of the log thread, and has files of its own, which may get the numbers that those of the log have had. */
const SCRIPT = `
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
const threads = createRequire(import.meta.url)('node:worker_threads');
let logThread;
if (isMainThread) {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(url, options) {
      super(url, options);
      if (options.name === 'log') logThread = this;
    }
  };
  syncBuiltinESMExports();
}
const { serve } = await import('@appserve/server');
const app = (environ, start) => { environ['wsgi.errors'].write('complaint ' + environ.QUERY_STRING + '\\n'); start('200 OK', []); return []; };
const server = await serve(app, { socket: '127.0.0.1:0', workers: 1, errorLog: 'app.log' });
const ask = async (what) => { await (await fetch(server.url + '?' + what)).text(); };
const until = async (isTrue) => { while (!isTrue()) await sleep(5); };
const has = (file, text) => existsSync(file) && readFileSync(file, 'utf8').includes(text);
await ask('first');
await until(() => has('app.log', 'complaint first'));
renameSync('app.log', 'app.log.1');
process.kill(process.pid, 'SIGUSR1');
await until(() => has('app.log', 'opened again'));
for (let number = 0; number < 40; number += 1) openSync('victim', 'a');
const ended = logThread;
await ended.terminate();
await ask('second');
await until(() => logThread !== ended && has('app.log', 'complaint second'));
await (await server.reload(), ask('third'));
await until(() => has('app.log', 'complaint third'));
const last = logThread;
await last.terminate();
await ask('fourth');
await server.close();
`;

describe('a log thread that has ended by itself', { timeout: 240_000 }, () => {
  it('writes on into the files of these names, and into nothing else', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, { 'script.mjs': SCRIPT });
    await using command = Command.node(['script.mjs'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    const log = readFileSync(`${folder.path}/app.log`, 'utf8');
    for (const what of ['second', 'third', 'fourth']) assert.match(log, new RegExp(`complaint ${what}\n`));
    assert.equal(readFileSync(`${folder.path}/victim`, 'utf8'), '');
    assert.doesNotMatch(command.stderr, /Warning:|complaint/);
  });
});

/** Runs that in the log thread before anything of it is loaded. It is the one that is given a bell and nothing else. */
function serveWithLogThread(begins: string): Served {
  const script = `
const { isMainThread, workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
if (!isMainThread && Object.keys(workerData ?? {}).join() === 'bell') {
${begins}
}
`;
  // Not an argument of Node: the log thread is given none of those.
  const options = { env: { NODE_OPTIONS: '--require ./begin.cjs' } };
  return serveIni(['socket = 127.0.0.1:0', 'workers = 1'], [], options, { 'begin.cjs': script });
}

describe('a log thread that is slow to begin', { timeout: 240_000 }, () => {
  it('is waited for: an app that takes all descriptors then takes none that the log needs', async () => {
    await using server = serveWithLogThread(
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);\nwriteSync(2, 'the log begins\\n');",
    );
    await server.command.url();
    assert.match(server.command.stderr, /^the log begins\n[^]*; ready in /);
  });
});

describe('a log thread that cannot begin', { timeout: 240_000 }, () => {
  it('is tried again and again, told once, and the server serves', async () => {
    await using server = serveWithLogThread("writeSync(2, 'another one\\n');\nthrow new Error('no files left');");
    const url = await server.command.url();
    await server.command.says(/another one/, 3);
    assert.equal((await fetch(url)).status, 200);
    assert.equal(server.command.stderr.match(/the log thread failed, and is tried again: no files left/g)?.length, 1);
  });
});
