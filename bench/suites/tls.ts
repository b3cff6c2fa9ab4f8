// tls.ts: what a request, and what a handshake costs over TLS. OpenSSL does most of it, for both.

import { GATEWAY_TLS, NODE_HTTPS } from '../contenders.ts';
import { measure, type Answer, type Effort, type Question } from '../measure.ts';
import { renderAnswer } from '../table.ts';

const QUESTIONS: readonly Question[] = [
  {
    title: 'hello over TLS, keep-alive, 64 connections',
    contenders: [GATEWAY_TLS, NODE_HTTPS],
    load: { connections: 64, isSecure: true },
    bars: [{ of: 'gateway', over: 'node:https', atMost: 0.9 }],
  },
  {
    title: 'hello over TLS, a handshake for each request',
    contenders: [GATEWAY_TLS, NODE_HTTPS],
    load: { connections: 64, isSecure: true, closes: true },
    bars: [{ of: 'gateway', over: 'node:https', atMost: 1.05 }],
  },
];

export async function tls(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of QUESTIONS) {
    const answer = await measure(question, effort);
    print(renderAnswer(answer));
    answers.push(answer);
  }
  return answers;
}
