// metrics.ts: what it costs each request that operators may ask how long requests take.

import { GATEWAY, GATEWAY_METRICS } from '../contenders.ts';
import { measure, type Answer, type Effort, type Question } from '../measure.ts';
import { renderAnswer } from '../table.ts';

const METRICS_QUESTION: Question = {
  title: 'a gateway app with and without metrics, 64 connections',
  contenders: [GATEWAY, GATEWAY_METRICS],
  load: { connections: 64 },
  bars: [{ of: 'with metrics', over: 'gateway', atMost: 1.02 }],
};

export async function metrics(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  const answer = await measure(METRICS_QUESTION, effort);
  print(renderAnswer(answer));
  return [answer];
}
