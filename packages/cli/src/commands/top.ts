// top.ts: `appserve top`: how a server goes, every second, until q; once, where there is no terminal.

import type { Report } from '@appserve/server/control';
import type { Given } from '../command.ts';
import type { CONTROL_FLAGS } from '../control-flags.ts';
import { askNow, connectToServer, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { PLAIN, screenOf } from '../top/screen.ts';
import { Terminal } from '../top/terminal.ts';

const EVERY_MS = 1_000;

export async function run(given: Given<typeof CONTROL_FLAGS>): Promise<number> {
  using client = await connectToServer(given.operands[0], given);
  const ask = async (): Promise<Report> => (await client.ask('status')) as Report;
  const first = (await askNow(client, 'status')) as Report;
  if (given.flags.json || !process.stdin.isTTY || !process.stdout.isTTY) {
    printAnswer(first, given.flags.json, screenOf(first, PLAIN).join('\n'));
    return EXIT_CODES.asked.code;
  }
  using terminal = new Terminal(process.stdin, process.stdout);
  const hasColour = (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  let report = first;
  const show = (silentMs = 0): void => terminal.show(screenOf(report, { ...terminal.size, hasColour, isLive: true, silentMs }));
  terminal.onResize(show);
  show();
  while (await terminal.isLeftAloneFor(EVERY_MS)) {
    const sinceMs = performance.now();
    // Asked once, however long it takes: who is silent gets no heap of questions.
    const silence = setInterval(() => show(performance.now() - sinceMs), EVERY_MS);
    const answer = await Promise.race([ask(), terminal.left]).finally(() => clearInterval(silence));
    if (answer === undefined) break;
    report = answer;
    show();
  }
  return EXIT_CODES.asked.code;
}
