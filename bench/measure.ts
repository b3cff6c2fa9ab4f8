// measure.ts: CPU time per request of several servers, in interleaved rounds, as medians and ratios.
//
// Wall clock says how busy the machine is; CPU time says what a request costs. Rounds are interleaved, so that a slow minute hits
// all alike, and the first one is for the compilers and not counted.

import { Contestant, type Contender } from './contestant.ts';
import { runLoad, type Load } from './load.ts';

/** One line of a table: the same load on several servers. */
export interface Question {
  readonly title: string;
  readonly contenders: readonly Contender[];
  readonly load: Omit<Load, 'seconds'>;
  readonly bars: readonly Bar[];
  /** How far the resident memory of our server may rise above what it was after the first round. */
  readonly growsAtMostBytes?: number;
}

/** The cost of one contender over another's must not be higher. */
export interface Bar {
  readonly of: string;
  readonly over: string;
  readonly atMost: number;
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

export interface Answer {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** Of the first row. */
  readonly growth?: { readonly grownBytes: number; readonly atMostBytes: number };
}

export interface Row {
  readonly name: string;
  /** Median, and the spread of the rounds. */
  readonly cpuUsPerRequest: number;
  readonly lowest: number;
  readonly highest: number;
  readonly requestsPerSecond: number;
  /** How far resident memory rose above what it was after the first round. */
  readonly grownBytes: number;
}

export interface Verdict extends Bar {
  readonly ratio: number;
  readonly isMet: boolean;
}

export async function measure(question: Question, effort: Effort): Promise<Answer> {
  const contestants: Contestant[] = [];
  const rounds = new Map<string, Round[]>();
  const warmBytes = new Map<string, number>();
  const rows: Row[] = [];
  try {
    for (const contender of question.contenders) contestants.push(await Contestant.start(contender));
    for (let round = 0; round <= effort.rounds; round += 1) {
      for (const contestant of contestants) {
        const result = await runRound(contestant, { ...question.load, seconds: effort.seconds });
        if (round === 0) warmBytes.set(contestant.name, contestant.memory().peak);
        else rounds.set(contestant.name, [...(rounds.get(contestant.name) ?? []), result]);
      }
    }
    for (const contestant of contestants) {
      // The kernel counts pages on each CPU by itself and adds them up now and then: a peak is told some pages lower later (proc(5), VmRSS).
      const grownBytes = Math.max(0, contestant.memory().peak - warmBytes.get(contestant.name)!);
      rows.push(rowOf(contestant.name, rounds.get(contestant.name)!, grownBytes));
    }
  } finally {
    for (const contestant of contestants) await contestant[Symbol.asyncDispose]();
  }
  const verdicts = question.bars.map((bar) => judge(bar, rows));
  const { growsAtMostBytes } = question;
  return growsAtMostBytes === undefined
    ? { title: question.title, rows, verdicts }
    : { title: question.title, rows, verdicts, growth: { grownBytes: rows[0]!.grownBytes, atMostBytes: growsAtMostBytes } };
}

interface Round {
  readonly costUs: number;
  readonly requestsPerSecond: number;
}

async function runRound(contestant: Contestant, load: Load): Promise<Round> {
  const before = contestant.cpuUs();
  const requests = await runLoad(contestant.port, load).catch((cause: unknown) => {
    throw new Error(`${contestant.name} was not measured`, { cause });
  });
  const usedUs = contestant.cpuUs() - before;
  return { costUs: usedUs / requests, requestsPerSecond: requests / load.seconds };
}

function rowOf(name: string, rounds: readonly Round[], grownBytes: number): Row {
  const costs = rounds.map(({ costUs }) => costUs);
  const requestsPerSecond = median(rounds.map((round) => round.requestsPerSecond));
  return {
    name,
    cpuUsPerRequest: median(costs),
    lowest: Math.min(...costs),
    highest: Math.max(...costs),
    requestsPerSecond,
    grownBytes,
  };
}

function judge(bar: Bar, rows: readonly Row[]): Verdict {
  const cost = (name: string): number => rows.find((row) => row.name === name)!.cpuUsPerRequest;
  const ratio = cost(bar.of) / cost(bar.over);
  return { ...bar, ratio, isMet: ratio <= bar.atMost };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
