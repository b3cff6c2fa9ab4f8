// reload.ts: `appserve reload`: fresh code and a configuration that is read again; back when the new workers serve.

import type { Given } from '../command.ts';
import type { CONTROL_FLAGS } from '../control-flags.ts';
import { connectToLiving, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { sayProgress, tellProgress } from '../progress.ts';
import { workersText } from '../top/words.ts';

export async function run(given: Given<typeof CONTROL_FLAGS>): Promise<number> {
  using client = await connectToLiving(given.operands[0], given);
  // How long it takes is the app's affair.
  const reloaded = client.ask('reload');
  tellProgress(reloaded, sayProgress, 'waiting for the new workers');
  const answer = (await reloaded) as { readonly workers: number; readonly leftOut?: readonly string[] };
  printAnswer(answer, given.flags.json, `reloaded: ${workersText(answer.workers)}`);
  for (const what of answer.leftOut ?? []) process.stderr.write(`${what}\n`);
  return EXIT_CODES.asked.code;
}
