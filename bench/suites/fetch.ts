// fetch.ts: what a plain Response costs, against @hono/node-server with the same app.

import { FETCH, FETCH_LIGHT, HONO_NODE_SERVER } from '../contenders.ts';
import { measure, type Answer, type Effort, type Question } from '../measure.ts';
import { renderAnswer } from '../table.ts';

const CONTENDERS = [FETCH_LIGHT, FETCH, HONO_NODE_SERVER];
const BARS = [
  { of: FETCH_LIGHT.name, over: HONO_NODE_SERVER.name, atMost: 1 },
  { of: FETCH.name, over: HONO_NODE_SERVER.name, atMost: 1 },
];

const QUESTIONS: readonly Question[] = [
  {
    title: 'fetch: a plain Response of text, 64 connections',
    contenders: CONTENDERS,
    load: { connections: 64 },
    bars: BARS,
  },
  {
    title: 'fetch: POST of 1 KiB, read as text, 64 connections',
    contenders: CONTENDERS,
    load: { connections: 64, kind: 'post' },
    bars: BARS,
  },
];

export async function fetchApps(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of QUESTIONS) {
    const answer = await measure(question, effort);
    print(renderAnswer(answer));
    answers.push(answer);
  }
  return answers;
}
