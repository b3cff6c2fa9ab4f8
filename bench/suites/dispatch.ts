// dispatch.ts: what a request costs by who gives connections to workers, and by what workers are. For the record: no bar.

import type { Contender } from '../contestant.ts';
import { measure, type Answer, type Effort, type Question } from '../measure.ts';
import { renderAnswer } from '../table.ts';

const FLEETS: Readonly<Record<string, object>> = {
  shared: { dispatch: 'shared' },
  balanced: { dispatch: 'balanced' },
  process: { workerClass: 'process' },
};

export function dispatchFleets(maxReuseCount: string): Contender[] {
  return Object.entries(FLEETS).map(([name, options]) => ({
    name,
    program: 'fleet',
    args: [JSON.stringify({ ...options, maxReuseCount })],
  }));
}

const QUESTIONS: readonly Question[] = [
  {
    title: '2 workers, hello, keep-alive, 64 connections',
    contenders: dispatchFleets('unlimited'),
    load: { connections: 64 },
    bars: [],
  },
  {
    title: '2 workers, hello, a connection for each request, 64 at a time',
    contenders: dispatchFleets('0'),
    load: { connections: 64, closes: true },
    bars: [],
  },
];

export async function dispatch(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of QUESTIONS) {
    const answer = await measure(question, effort);
    print(renderAnswer(answer));
    answers.push(answer);
  }
  return answers;
}
