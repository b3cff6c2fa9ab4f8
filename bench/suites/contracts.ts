// contracts.ts: what it costs to keep each contract, against the server that its apps are written for, with the same app.

import { GATEWAY, NODE_HTTP } from '../contenders.ts';
import type { Contender } from '../contestant.ts';
import { measure, type Answer, type Effort, type Question } from '../measure.ts';
import { renderAnswer } from '../table.ts';

function on(server: string, contract: string): Contender {
  return { name: server, program: 'contracts', args: [contract, server] };
}

/** One app on our server and on the other, and how much dearer ours may be. */
function duel(what: string, contract: string, other: string, atMost: number): Question {
  return {
    title: `${what}, 64 connections`,
    contenders: [on('appserve', contract), on(other, contract)],
    load: { connections: 64 },
    bars: [{ of: 'appserve', over: other, atMost }],
  };
}

const HONO = '@hono/node-server';
const LIGHT = 'appserve, light_fetch';

/** That server puts a Response of its own in the place of the global one, as ours does with light_fetch; without it, for the record. */
function duelOfFetch(what: string, contract: string): Question {
  return {
    title: `${what}, 64 connections`,
    contenders: [on(LIGHT, contract), on('appserve', contract), on(HONO, contract)],
    load: { connections: 64 },
    bars: [{ of: LIGHT, over: HONO, atMost: 1 }],
  };
}

export const CONTRACT_QUESTIONS: readonly Question[] = [
  {
    title: 'a gateway app, 64 connections',
    contenders: [GATEWAY, NODE_HTTP],
    load: { connections: 64 },
    bars: [{ of: 'gateway', over: 'node:http', atMost: 0.62 }],
  },
  duel('a node app (request, response)', 'node', 'node:http', 1),
  duel('an Express app', 'express', 'node:http', 1.02),
  duel('a Fastify app', 'fastify', 'node:http', 1.02),
  duelOfFetch('a fetch app', 'fetch'),
  duelOfFetch('a Hono app', 'hono'),
];

export async function contracts(effort: Effort, print: (text: string) => void): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of CONTRACT_QUESTIONS) {
    const answer = await measure(question, effort);
    print(renderAnswer(answer));
    answers.push(answer);
  }
  return answers;
}
