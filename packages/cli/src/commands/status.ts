// status.ts: `appserve status`: how a server that runs goes, once. With `--ready` a health check, for whoever reads exit codes.

import type { Report } from '@appserve/server/control';
import type { Given } from '../command.ts';
import type { STATUS_FLAGS } from '../control-flags.ts';
import { askNow, connectToServer, printAnswer } from '../control-socket.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { PLAIN, screenOf, stateOf } from '../top/screen.ts';

export async function run(given: Given<typeof STATUS_FLAGS>): Promise<number> {
  const { json, ready } = given.flags;
  using client = await connectToServer(given.operands[0], given);
  const report = (await askNow(client, 'status')) as Report;
  if (!ready) {
    printAnswer(report, json, screenOf(report, PLAIN).join('\n'));
    return EXIT_CODES.asked.code;
  }
  const { isReady } = report.server;
  printAnswer({ isReady, phase: report.server.phase }, json, isReady ? 'ready' : `not ready: ${stateOf(report)}`);
  return isReady ? EXIT_CODES.asked.code : EXIT_CODES.start.code;
}
