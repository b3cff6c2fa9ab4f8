// Where a worker hangs: asked of real threads, which hang for real.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { stackOf, type StackOf } from '@appserve/server/machines';
import { write } from '../support/command.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };
/** A thread that is in JavaScript stops in milliseconds; the machine may be busy. */
const LIMIT_MS = PATIENCE_MS;

const APP = `import { readFileSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';

export function spin() {
  let turns = 0;
  parentPort.postMessage('hangs');
  for (;;) turns = next(turns);
}
const next = (turns) => (turns + 1) % 1_000;

export function backtrack() {
  parentPort.postMessage('hangs');
  return /^(a+)+$/.test('a'.repeat(60) + '!');
}

export function wait() {
  parentPort.postMessage('hangs');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

export function deep(depth = 100) {
  return depth === 0 ? spin() : deep(depth - 1);
}

export function native(pipe) {
  parentPort.postMessage('hangs');
  parentPort.postMessage(readFileSync(pipe, 'utf8')); // until somebody has written to it
}

export function rest() {
  parentPort.on('message', (word) => parentPort.postMessage(word));
  parentPort.postMessage('rests');
}
`;

/** A thread that calls one function of the app, and has told that it does. */
class Thread implements AsyncDisposable {
  readonly worker: Worker;

  private constructor(worker: Worker) {
    this.worker = worker;
  }

  static async calling({ path }: TemporaryFolder, name: string, argument = ''): Promise<Thread> {
    const code = `
      const { pathToFileURL } = require('node:url');
      import(pathToFileURL(${JSON.stringify(`${path}/app.mjs`)}).href).then((app) => app.${name}(${argument}));
    `;
    const worker = new Worker(code, { eval: true, name: 'worker-1' });
    await once(worker, 'message');
    return new Thread(worker);
  }

  async stack(limitMs = LIMIT_MS): Promise<StackOf> {
    return stackOf(this.worker.threadId, limitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
  }
}

function appFolder(): TemporaryFolder {
  const folder = temporaryFolder();
  write(folder, { 'app.mjs': APP });
  return folder;
}

/** The line of the app, from 1, that says so first. */
function lineOf(text: string): number {
  return APP.split('\n').findIndex((line) => line.includes(text)) + 1;
}

function assertStack(found: StackOf): asserts found is StackOf & { readonly type: 'stack' } {
  assert.equal(found.type, 'stack', JSON.stringify(found));
}

describe('the stack of a thread', TIMEOUT, () => {
  it('in a loop names its functions, files and lines, as V8 would', async () => {
    using folder = appFolder();
    await using thread = await Thread.calling(folder, 'deep', '1');
    const found = await thread.stack();
    assertStack(found);
    const lines = found.stack.split('\n');
    const app = `file://${folder.path}/app.mjs`;
    // The loop itself, or the small function that it calls.
    const at = lines.findIndex((line) => line.startsWith(`    at spin (${app}:${lineOf('for (;;)')}:`));
    assert.ok(at === 0 || (at === 1 && lines[0]!.startsWith(`    at next (${app}:${lineOf('const next')}:`)), found.stack);
    const deep = new RegExp(`^    at deep \\(${app}:${lineOf('return depth')}:[0-9]+\\)$`);
    assert.match(lines[at + 1]!, deep);
    assert.match(lines[at + 2]!, deep);
    assert.ok(
      lines.every((line) => /^ {4}at .+:[0-9]+:[0-9]+\)?$/.test(line)),
      found.stack,
    );
  });

  const STOPPED = [
    ['in a regular expression that backtracks', 'backtrack', 'return /^'],
    ['in Atomics.wait', 'wait', 'Atomics.wait('],
  ] as const;
  for (const [where, name, text] of STOPPED) {
    it(`${where} is had too`, async () => {
      using folder = appFolder();
      await using thread = await Thread.calling(folder, name);
      const found = await thread.stack();
      assertStack(found);
      assert.ok(found.stack.startsWith(`    at ${name} (file://${folder.path}/app.mjs:${lineOf(text)}:`), found.stack);
    });
  }

  it('that is deep is cut, and says so', async () => {
    using folder = appFolder();
    await using thread = await Thread.calling(folder, 'deep');
    const found = await thread.stack();
    assertStack(found);
    const lines = found.stack.split('\n');
    assert.equal(lines.length, 33);
    assert.match(lines.at(-1)!, /^ {4}and [0-9]{2} more$/);
  });

  it('can be asked again, and of several threads at once: each is told its own', async () => {
    using folder = appFolder();
    await using spinning = await Thread.calling(folder, 'spin');
    await using waiting = await Thread.calling(folder, 'wait');
    for (let round = 0; round < 2; round += 1) {
      const [one, other] = await Promise.all([spinning.stack(), waiting.stack()]);
      assertStack(one);
      assertStack(other);
      assert.match(one.stack, /^ {4}at (spin|next) /);
      assert.match(other.stack, /^ {4}at wait /);
    }
  });
});

describe('a thread', TIMEOUT, () => {
  it('that was looked at can be ended', async () => {
    using folder = appFolder();
    const thread = await Thread.calling(folder, 'spin');
    assertStack(await thread.stack());
    assert.equal(await thread.worker.terminate(), 1);
  });

  it('in native code is told as such, and goes on when it comes back', async () => {
    using folder = appFolder();
    const pipe = `${folder.path}/pipe`;
    execFileSync('mkfifo', [pipe]);
    await using thread = await Thread.calling(folder, 'native', JSON.stringify(pipe));
    const back = once(thread.worker, 'message');
    try {
      let stack = await thread.stack(50);
      // It may be on its way there still.
      for (let times = 0; stack.type === 'stack' && times < 10; times += 1) stack = await thread.stack(50);
      assert.deepEqual(stack, {
        type: 'unknown',
        why: 'the thread did not stop within 50 ms, so it is in native code, or in a machine that is too busy',
      });
    } finally {
      await writeFile(pipe, 'came back');
    }
    assert.deepEqual(await back, ['came back']);
  });

  it('that only rests has no stack, and works on', async () => {
    using folder = appFolder();
    await using thread = await Thread.calling(folder, 'rest');
    assert.equal((await thread.stack(50)).type, 'unknown');
    const answer = once(thread.worker, 'message');
    thread.worker.postMessage('hello');
    assert.deepEqual(await answer, ['hello']);
  });

  it('beside the one that hangs is not stopped', async () => {
    using folder = appFolder();
    await using spinning = await Thread.calling(folder, 'spin');
    await using resting = await Thread.calling(folder, 'rest');
    assertStack(await spinning.stack());
    const answer = once(resting.worker, 'message');
    resting.worker.postMessage('hello');
    assert.deepEqual(await answer, ['hello']);
  });

  it('that has ended is told as such', async () => {
    using folder = appFolder();
    const { worker } = await Thread.calling(folder, 'spin');
    const { threadId } = worker;
    await worker.terminate();
    assert.deepEqual(await stackOf(threadId, LIMIT_MS), { type: 'unknown', why: 'the thread has ended' });
  });
});
