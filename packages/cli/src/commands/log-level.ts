// log-level.ts: `appserve log-level LEVEL`: a logger of a server that runs says more, or less.

import type { Given } from '../command.ts';
import type { LOG_LEVEL_FLAGS } from '../control-flags.ts';
import { connectToServer, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';

export async function run(given: Given<typeof LOG_LEVEL_FLAGS>): Promise<number> {
  const [level, config] = given.operands;
  const { logger, json } = given.flags;
  using client = await connectToServer(config, given);
  const fields = logger === undefined ? { level } : { level, logger: logger === 'root' ? '' : logger };
  const answer = (await client.ask('log-level', fields)) as { readonly logger: string; readonly level: string };
  printAnswer(answer, json, `the level of the logger ${answer.logger === '' ? 'root' : answer.logger} is ${answer.level} now`);
  return EXIT_CODES.asked.code;
}
