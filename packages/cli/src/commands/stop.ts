// stop.ts: `appserve stop`: the server answers what is under way, then ends; back when it has.

import type { Given } from '../command.ts';
import type { STOP_FLAGS } from '../control-flags.ts';
import { connectToServer, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';

export async function run(given: Given<typeof STOP_FLAGS>): Promise<number> {
  using client = await connectToServer(given.operands[0], given);
  const answer = await client.ask('stop', { now: given.flags.now });
  await client.closed;
  printAnswer(answer, given.flags.json, 'stopped');
  return EXIT_CODES.asked.code;
}
