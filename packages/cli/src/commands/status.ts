// status.ts: `appserve status`: how a server that runs goes, once.

import type { Report } from '@appserve/server/control';
import type { Given } from '../command.ts';
import type { CONTROL_FLAGS } from '../control-flags.ts';
import { askNow, connectToServer, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { PLAIN, screenOf } from '../top/screen.ts';

export async function run(given: Given<typeof CONTROL_FLAGS>): Promise<number> {
  using client = await connectToServer(given.operands[0], given);
  const report = (await askNow(client, 'status')) as Report;
  printAnswer(report, given.flags.json, screenOf(report, PLAIN).join('\n'));
  return EXIT_CODES.asked.code;
}
