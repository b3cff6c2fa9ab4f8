// reload.ts: `appserve reload`: fresh code and a configuration that is read again; back when the new workers serve.

import type { Given } from '../command.ts';
import type { CONTROL_FLAGS } from '../control-flags.ts';
import { connectToServer, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { workersText } from '../top/words.ts';

export async function run(given: Given<typeof CONTROL_FLAGS>): Promise<number> {
  using client = await connectToServer(given.operands[0], given);
  const answer = (await client.ask('reload')) as { readonly workers: number };
  printAnswer(answer, given.flags.json, `reloaded: ${workersText(answer.workers)}`);
  return EXIT_CODES.asked.code;
}
