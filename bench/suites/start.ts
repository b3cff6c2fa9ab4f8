// start.ts: from exec to the first answer, with two workers and a hello app: by the command and an ini, and by serve() in a script.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { threadsOf } from '../accounts.ts';
import { median, type Effort } from '../measure.ts';
import { APPSERVE, SiteFolder } from '../site.ts';
import { renderLimit } from '../table.ts';

const ANSWER_MS_MAX = 350;
const ASK_EVERY_MS = 2;
const SCRIPT = fileURLToPath(new URL('../servers/hello-script.js', import.meta.url));

interface Start {
  readonly wallMs: number;
  /** Of the thread that reads the configuration and starts the others. */
  readonly mainMs: number;
  /** Of the busiest of the others. */
  readonly workerMs: number;
}

export async function start({ rounds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  print('\nfrom exec to the first answer, 2 workers, hello');
  const ways: Record<string, Start[]> = { 'appserve site.ini': [], 'serve() in a script': [] };
  const floors: number[] = [];
  // The first time is for the page cache.
  for (let time = 0; time <= rounds; time += 1) {
    using folder = new SiteFolder({ workers: 2, socket: 'unix:site.sock' });
    const socket = join(folder.path, 'site.sock');
    const found = [
      await firstAnswer([APPSERVE, folder.ini], folder.path, socket),
      await firstAnswer([SCRIPT, `unix:${socket}`], folder.path, socket),
    ];
    const floorMs = await emptyNode();
    if (time === 0) continue;
    floors.push(floorMs);
    for (const [nth, starts] of Object.values(ways).entries()) starts.push(found[nth]!);
  }
  const floorMs = median(floors);
  print(`  node with an empty script ends after ${floorMs.toFixed(0)} ms`);
  return Object.entries(ways).map(([way, starts]) => {
    const [wallMs, mainMs, workerMs] = (['wallMs', 'mainMs', 'workerMs'] as const).map((key) =>
      median(starts.map((one) => one[key])),
    ) as [number, number, number];
    print(renderLimit(way, wallMs, ANSWER_MS_MAX, 'ms'));
    print(`    CPU time: main thread ${mainMs.toFixed(0)} ms, then the slower worker ${workerMs.toFixed(0)} ms`);
    return { title: way, wallMs, mainMs, workerMs, floorMs };
  });
}

async function firstAnswer(args: readonly string[], cwd: string, socket: string): Promise<Start> {
  const sinceMs = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    while (!(await isAnswered(socket))) {
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with code ${child.exitCode}`);
      await later(ASK_EVERY_MS);
    }
    const wallMs = performance.now() - sinceMs;
    const [main, ...others] = threadsOf(child.pid!);
    return { wallMs, mainMs: main!.ranMs, workerMs: Math.max(...others.map(({ ranMs }) => ranMs)) };
  } finally {
    await end(child);
  }
}

/** False: nobody listens yet. Once somebody does, the kernel keeps the connection until a worker takes it. */
async function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.once('connect', () => socket.write('GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n'));
    socket.once('data', (bytes) => {
      socket.destroy();
      if (bytes.toString('latin1').startsWith('HTTP/1.1 200 ')) resolve(true);
      else reject(new Error(`the first answer is ${bytes.toString('latin1')}`));
    });
    socket.once('error', () => resolve(false));
  });
}

/** What no program of Node's can be faster than. */
async function emptyNode(): Promise<number> {
  const sinceMs = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - sinceMs;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
