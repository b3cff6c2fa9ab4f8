// http.ts: the HTTP/1.1 engine against node:http, a bare socket and Bun, case by case, with the bars it must meet.

import { BUN, GATEWAY, GATEWAY_CLOSING, NET, NODE_HTTP } from '../contenders.ts';
import { measure, type Effort, type Question } from '../measure.ts';
import { renderAnswer } from '../table.ts';
import { counting } from './counting.ts';
import { heads } from './heads.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';

const BOTH = [GATEWAY, NODE_HTTP] as const;
const GROWTH_MAX = 16 * 1_024 ** 2;

const QUESTIONS: readonly Question[] = [
  {
    title: 'hello, keep-alive, 64 connections',
    contenders: [GATEWAY, NODE_HTTP, NET, BUN],
    load: { connections: 64 },
    bars: [
      { of: 'gateway', over: 'node:http', atMost: 0.62 },
      { of: 'gateway', over: 'net', atMost: 1 },
      { of: 'gateway', over: 'Bun.serve', atMost: 1.1 },
    ],
  },
  {
    title: 'hello, pipelined 16, 64 connections',
    contenders: BOTH,
    load: { connections: 64, kind: 'pipeline' },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 0.15 }],
  },
  {
    title: "hello with a browser's head (20 fields, 1 KiB), 64 connections",
    contenders: BOTH,
    load: { connections: 64, kind: 'browser' },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 0.7 }],
  },
  {
    title: 'POST of 1 KiB, body read whole, 64 connections',
    contenders: BOTH,
    load: { connections: 64, kind: 'post', path: '/post' },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 0.75 }],
  },
  {
    title: 'an answer of 1 MiB from memory, 16 connections',
    contenders: BOTH,
    load: { connections: 16, path: '/mib' },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 1 }],
    growsAtMostBytes: GROWTH_MAX,
  },
  {
    title: 'a file of 100 MiB, 4 connections',
    contenders: BOTH,
    load: { connections: 4, path: '/file' },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 1 }],
    growsAtMostBytes: GROWTH_MAX,
  },
  {
    title: 'a connection for each request (max_reuse_count = 0), 64 at a time',
    contenders: [GATEWAY_CLOSING, NODE_HTTP],
    load: { connections: 64, closes: true },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 0.85 }],
  },
];

export async function http(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const answers: object[] = [];
  for (const question of QUESTIONS) {
    const answer = await measure(question, effort);
    print(renderAnswer(answer));
    answers.push(answer);
  }
  return [...answers, ...(await latency(effort, print)), ...(await idle(effort, print)), ...heads(print), ...counting(print)];
}
