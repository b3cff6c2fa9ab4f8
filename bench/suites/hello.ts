// hello.ts: the shortest question: what does a small answer cost?

import { GATEWAY, NET, NODE_HTTP } from '../contenders.ts';
import { measure, type Answer, type Effort } from '../measure.ts';
import { renderAnswer } from '../table.ts';

export async function hello(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  const answer = await measure(
    {
      title: 'hello, keep-alive, 64 connections',
      contenders: [GATEWAY, NODE_HTTP, NET],
      load: { connections: 64 },
      bars: [{ of: 'gateway', over: 'node:http', atMost: 0.75 }],
    },
    effort,
  );
  print(renderAnswer(answer));
  return [answer];
}
