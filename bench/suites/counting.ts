// counting.ts: what the scoreboard costs each request, in this process: all that a connection and a call of the app write there.

import { Scoreboard } from '@appserve/server/machines';
import { median } from '../measure.ts';

const ROUNDS = 7;
const REQUESTS_A_ROUND = 1_000_000;
const HEADS = 64;

const TARGETS: Readonly<Record<string, string>> = {
  'a short path': '/',
  'a path of 34 bytes': '/articles/2026/11?page=2&sort=date',
  'a path that is cut': `/${'x'.repeat(200)}`,
};

export function counting(print: (text: string) => void): readonly object[] {
  print('\ncounting a request on the scoreboard, in this process');
  return Object.entries(TARGETS).map(([name, target]) => {
    const costs = Array.from({ length: ROUNDS + 1 }, () => round(target)).slice(1);
    const nsPerRequest = median(costs);
    print(`  ${name.padEnd(22)}${`${Math.round(nsPerRequest)} ns`.padStart(9)}`);
    return { title: `counting: ${name}`, nsPerRequest };
  });
}

function round(target: string): number {
  const row = Scoreboard.create(1).row(0);
  // Parts of a longer text, as those of an engine are.
  const heads = Array.from({ length: HEADS }, (_, index) => {
    const text = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${index}\r\n\r\n`).toString('latin1');
    return { method: text.slice(0, 3), target: text.slice(4, 4 + target.length) };
  });
  const before = process.cpuUsage();
  for (let request = 0; request < REQUESTS_A_ROUND; request += 1) {
    row.received(100);
    row.called(heads[request % HEADS]!, request);
    row.answered(200);
    row.returned();
    row.done();
    row.sent(150);
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / REQUESTS_A_ROUND;
}
