// stop.ts: `appserve stop`: the server answers what is under way, then ends; back when it has.

import type { Given } from '../command.ts';
import type { STOP_FLAGS } from '../control-flags.ts';
import { askNow, connectToLiving, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { sayProgress, tellProgress } from '../progress.ts';

export async function run(given: Given<typeof STOP_FLAGS>): Promise<number> {
  using client = await connectToLiving(given.operands[0], given);
  const answer = await askNow(client, 'stop', { now: given.flags.now });
  tellProgress(client.closed, sayProgress, 'waiting for the server to end');
  await client.closed;
  printAnswer(answer, given.flags.json, 'stopped');
  return EXIT_CODES.asked.code;
}
