// logging.ts: what the access log costs a request, and whether a log that nobody reads for a while makes anybody wait.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contestant, type Contender } from '../contestant.ts';
import { measure, median, type Effort } from '../measure.ts';
import { isInstalled } from '../pinned.ts';
import { renderAnswer } from '../table.ts';
import { slowest } from './latency.ts';

const CONNECTIONS = 64;
const COST_AT_MOST = 1.1;
/** Far from what the server can do: it is the log that is looked at. */
const PER_SECOND = 5_000;
/** Of a run of two seconds: 5. */
const STALL_FACTOR = 2.5;
/** Two runs of the same differ by as much. */
const WAIT_AT_MOST = 1.25;

export async function logging(effort: Effort, print: (text: string) => void): Promise<readonly object[]> {
  const folder = mkdtempSync(join(tmpdir(), 'appserve-bench-'));
  try {
    return [await cost(folder, effort, print), ...(await stall(folder, effort, print))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function logged(name: string, options: object): Contender {
  return { name, program: 'logged', args: [JSON.stringify(options)] };
}

async function cost(folder: string, effort: Effort, print: (text: string) => void): Promise<object> {
  const log = join(folder, 'access.log');
  const ours = [
    logged('no log', {}),
    logged('combined', { log }),
    logged('atoms', { log, accessLogFormat: '%(h)s "%(r)s" %(s)s %(b)s %(D)s %(id)s' }),
    logged('json', { log, accessLogFormat: 'json' }),
    logged('request ids', { logRequestId: true }),
  ];
  const answer = await measure(
    {
      title: 'hello with an access log, keep-alive, 64 connections: all threads',
      contenders: ours,
      load: { connections: CONNECTIONS },
      bars: [{ of: 'combined', over: 'no log', atMost: COST_AT_MOST }],
    },
    effort,
  );
  print(renderAnswer(answer));
  return answer;
}

/** A pipe that is full from the first tenth of a second on, and one that is read. */
async function stall(
  folder: string,
  { rounds, seconds: runSeconds }: Effort,
  print: (text: string) => void,
): Promise<readonly object[]> {
  const seconds = Math.ceil(runSeconds * STALL_FACTOR);
  const title = `slowest hundredth (p99) at ${PER_SECOND} requests/s, while nobody reads the log for ${seconds} s`;
  print(`\n${title}`);
  if (!isInstalled('h2load')) {
    print('  not measured: h2load is not installed: apt-get install nghttp2-client');
    return [];
  }
  const waits: { readUs: number[]; stalledUs: number[] } = { readUs: [], stalledUs: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const readUs = await p99(folder, seconds, true);
    const stalledUs = await p99(folder, seconds, false);
    if (round === 0) continue;
    waits.readUs.push(readUs);
    waits.stalledUs.push(stalledUs);
  }
  const [readUs, stalledUs] = [median(waits.readUs), median(waits.stalledUs)];
  const ratio = stalledUs / readUs;
  print(`  a log that is read   ${Math.round(readUs)} us`);
  print(`  a log that stalls    ${Math.round(stalledUs)} us`);
  const verdict = ratio <= WAIT_AT_MOST ? 'met' : 'NOT MET';
  print(`  it is ${ratio.toFixed(2)}x as long; the bar is ${WAIT_AT_MOST.toFixed(2)}x: ${verdict}`);
  return [{ title, readUs, stalledUs, ratio }];
}

async function p99(folder: string, seconds: number, isRead: boolean): Promise<number> {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const reader = isRead ? setInterval(() => drain(pipe), 1) : undefined;
  try {
    await using server = await Contestant.start(logged('stalled', { log: path, errorLog: path, logLevel: 'debug' }));
    return await slowest(server.port, PER_SECOND, seconds);
  } finally {
    clearInterval(reader);
    closeSync(pipe);
    rmSync(path);
  }
}

const bytes = Buffer.alloc(64 * 1_024);

function drain(pipe: number): void {
  try {
    while (readSync(pipe, bytes) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}
