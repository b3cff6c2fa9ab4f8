// websocket.ts: WebSockets against ws on node:http: what a message costs, and what an open connection holds.

import { WEBSOCKET, WS_NODE_HTTP } from '../contenders.ts';
import { Contestant } from '../contestant.ts';
import { measure, type Effort } from '../measure.ts';
import { possibleConnections } from '../open-connections.ts';
import { renderAnswer, renderLimit } from '../table.ts';
import { held } from './idle.ts';

const WANTED = 10_000;
const KIB_MAX = 12;

export async function websocket(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const echo = await measure(
    {
      title: 'echo of text messages of 100 bytes, 64 WebSockets',
      contenders: [WEBSOCKET, WS_NODE_HTTP],
      load: { connections: 64, kind: 'websocket' },
      bars: [{ of: 'appserve', over: 'ws', atMost: 1.05 }],
    },
    effort,
  );
  print(renderAnswer(echo));
  return [echo, await open(print)];
}

async function open(print: (text: string) => void): Promise<object> {
  const count = possibleConnections(WANTED);
  const title = `${count.toLocaleString('en')} open WebSockets`;
  print(`\n${title}${count < WANTED ? ' (ulimit -n lets no more)' : ''}`);
  const rows: { name: string; heapKiB: number; wakeMs: number }[] = [];
  for (const contender of [WEBSOCKET, WS_NODE_HTTP]) {
    await using server = await Contestant.start(contender, ['--expose-gc']);
    const row = { name: contender.name, ...(await held(server, count, 'websocket')) };
    rows.push(row);
    print(
      `  ${row.name.padEnd(14)}${row.heapKiB.toFixed(2).padStart(8)} KiB of heap each; all answer within ${row.wakeMs.toFixed(0)} ms`,
    );
  }
  print(renderLimit('each of ours holds', rows[0]!.heapKiB, KIB_MAX, 'KiB of heap'));
  return { title, count, rows };
}
