// scale.ts: `appserve scale N`: more or fewer workers.

import { Fault } from '@appserve/core';
import type { Given } from '../command.ts';
import type { CONTROL_FLAGS } from '../control-flags.ts';
import { askNow, connectToLiving, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { workersText } from '../top/words.ts';

export async function run(given: Given<typeof CONTROL_FLAGS>): Promise<number> {
  const [word = '', config] = given.operands;
  // How many there may be, the server knows.
  if (!/^[1-9][0-9]{0,8}$/.test(word))
    throw new Fault('ARGUMENT_INVALID', { argument: word, why: 'must be a number of workers, such as 4' });
  using client = await connectToLiving(config, given);
  const answer = (await askNow(client, 'scale', { workers: Number(word) })) as { readonly workers: number };
  printAnswer(answer, given.flags.json, workersText(answer.workers));
  return EXIT_CODES.asked.code;
}
