// idle.ts: connections that are open and say nothing: what each holds, how soon all are served when they wake, and what they make
// of the cost of a request on others.

import { setTimeout as later } from 'node:timers/promises';
import { GATEWAY } from '../contenders.ts';
import { Contestant } from '../contestant.ts';
import { runLoad } from '../load.ts';
import { median, type Effort } from '../measure.ts';
import { OpenConnections, possibleConnections } from '../open-connections.ts';
import { renderLimit } from '../table.ts';

const WANTED = 10_000;
const HEAP_KIB_MAX = 6;
const WAKE_MS_MAX = 1_000;
/** Beside the idle ones. */
const BUSY = 64;
const STEPS = [0, 10, 100, 1_000, 10_000];

export async function idle({ rounds, seconds }: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const count = possibleConnections(WANTED);
  await using server = await Contestant.start(GATEWAY, ['--expose-gc']);
  const title = `${count.toLocaleString('en')} idle keep-alive connections`;
  print(`\n${title}${count < WANTED ? ` (ulimit -n lets no more)` : ''}`);
  const { heapKiB, wakeMs } = await held(server, count, 'http');
  print(renderLimit('each holds', heapKiB, HEAP_KIB_MAX, 'KiB of heap'));
  print(renderLimit('all are served when they wake within', wakeMs, WAKE_MS_MAX, 'ms'));

  const steps = STEPS.filter((step) => step <= count);
  print(`\ncost of a request on ${BUSY} connections, by how many others are open`);
  const curve: { idle: number; cpuUsPerRequest: number }[] = [];
  for (const step of steps) {
    const cpuUsPerRequest = await costBeside(server, step, rounds, seconds);
    curve.push({ idle: step, cpuUsPerRequest });
    print(`  ${step.toLocaleString('en').padStart(6)} idle${`${cpuUsPerRequest.toFixed(2)} us`.padStart(14)}`);
  }
  return [{ title, count, heapKiB, wakeMs, curve }];
}

/** What each of them holds, when a tenth as many have come and gone, and have shown what is paid once. */
export async function held(
  server: Contestant,
  count: number,
  kind: 'http' | 'websocket',
): Promise<{ heapKiB: number; wakeMs: number }> {
  {
    await using _warm = await OpenConnections.to(server.port, Math.floor(count / 10), kind);
  }
  await untilAlone(server);
  const before = await figure(server, '/heap');
  await using connections = await OpenConnections.to(server.port, count, kind);
  const heapKiB = ((await figure(server, '/heap')) - before) / count / 1_024;
  return { heapKiB, wakeMs: await connections.wake() };
}

const ALONE_WITHIN_MS = 40_000;

/** The server has forgotten all connections but ours: it hears of their end one by one, after they have gone. */
async function untilAlone(server: Contestant): Promise<void> {
  const sinceMs = performance.now();
  while ((await figure(server, '/sockets')) > 1) {
    if (performance.now() - sinceMs > ALONE_WITHIN_MS) throw new Error('the server keeps connections that have gone');
    await later(10);
  }
}

/** What it says of itself. */
async function figure(server: Contestant, path: '/heap' | '/sockets'): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { Connection: 'close' } });
  if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}`);
  return Number(await answer.text());
}

async function costBeside(server: Contestant, count: number, rounds: number, seconds: number): Promise<number> {
  await using connections = await OpenConnections.to(server.port, count);
  const costs: number[] = [];
  // The first round is for the compilers, and for what the new connections have left to do.
  for (let round = 0; round <= rounds; round += 1) {
    const before = server.cpuUs();
    const requests = await runLoad(server.port, { connections: BUSY, seconds });
    if (round > 0) costs.push((server.cpuUs() - before) / requests);
  }
  await connections.assertOpen();
  return median(costs);
}
