// logging/log-thread.ts: where the log thread begins, one for the whole process: it takes what all threads have said, and writes it.
//
// Law: nobody waits for it but who asks to. It sleeps when nothing is said; while something is, it looks every few milliseconds, so that
// threads need not call it for each record.

import { parentPort, workerData } from 'node:worker_threads';
import { Bell } from './bell.ts';
import type { Speaker } from './encode.ts';
import { LineRing, RecordRing } from './ring.ts';
import { Router } from './router.ts';
import { toStderr } from './sinks/complaint.ts';
import type { Streams } from './sinks/stream-sink.ts';
import type { ChannelConfig, FromLogThread, LogThreadData, ToLogThread } from './thread-messages.ts';

/** Between two looks, while something is said. */
const LOOK_MS = 10;
/** So many looks find nothing before it sleeps. */
const LOOKS = 3;
/** A stream that takes nothing is tried again after so long. */
const RETRY_MS = 20;
const SLEEP_MS = 60_000;
/** So many that have ended, with lines that nobody takes: each holds the memory of a ring. */
const ENDED_MAX = 16;
/** Between two warnings of records that cannot be written. */
const QUIET_MS = 60_000;

interface Channel {
  readonly config: ChannelConfig;
  router: Router;
  /** On performance.now(). */
  quietUntilMs: number;
}

interface Source {
  readonly channel: Channel;
  readonly speaker: Speaker;
  readonly records: RecordRing;
  readonly lines: LineRing | undefined;
  lost: number;
  /** Nobody writes into it any more: it goes when it is empty. */
  hasEnded: boolean;
}

const port = parentPort!;
const bell = new Bell((workerData as LogThreadData).bell);
const channels = new Map<number, Channel>();
const sources = new Map<number, Source>();

function tell(message: FromLogThread): void {
  port.postMessage(message);
}

/** In order: a channel may take a moment to open. */
let obeyed: Promise<void> = Promise.resolve();
port.on('message', (message: ToLogThread) => {
  obeyed = obeyed.then(() => obey(message));
});

async function obey(message: ToLogThread): Promise<void> {
  switch (message.type) {
    case 'channel':
      await openChannel(message.channel, message.config, message.streams);
      tell({ type: 'opened', ask: message.ask });
      return;
    case 'source': {
      const { source, speaker, records, lines } = message;
      const channel = channels.get(message.channel)!;
      sources.set(source, {
        channel,
        speaker,
        records: new RecordRing(records),
        lines: lines === undefined ? undefined : new LineRing(lines),
        lost: 0,
        hasEnded: false,
      });
      bell.ringAtOnce();
      return;
    }
    case 'source-ends': {
      const source = sources.get(message.source);
      if (source !== undefined) source.hasEnded = true;
      round();
      dropOldest();
      return;
    }
    case 'reopen':
      reopen(channels.get(message.channel)!, message.ask);
      return;
    case 'channel-ends':
      round();
      channels.get(message.channel)?.router.close();
      channels.delete(message.channel);
      for (const [id, { channel }] of sources) if (![...channels.values()].includes(channel)) sources.delete(id);
      bell.tellEnd();
      tell({ type: 'ended', ask: message.ask });
  }
}

/** Where workers come and go, and nobody takes what they have said. */
function dropOldest(): void {
  const ended = [...sources].filter(([, { hasEnded }]) => hasEnded);
  for (const [id, { channel, speaker }] of ended.slice(0, -ENDED_MAX)) {
    sources.delete(id);
    warn(channel.router, channel.config, `lines of ${speaker.thread}, which has ended, were lost: nobody has taken them`);
  }
}

/** Again: what is said from here on is for the new handlers. */
async function openChannel(id: number, config: ChannelConfig, streams: Streams): Promise<void> {
  const known = channels.get(id);
  // What was said before belongs to the old files.
  round();
  const router = await Router.open(config.logging, streams, known?.router);
  if (known === undefined) {
    channels.set(id, { config, router, quietUntilMs: 0 });
    return;
  }
  round();
  known.router.close(router);
  known.router = router;
}

function reopen({ router }: Channel, ask: number): void {
  // What was said before belongs to the old files.
  round();
  const paths: string[] = [];
  const faults: string[] = [];
  for (const sink of router.sinks) {
    try {
      const path = sink.reopen();
      if (path !== undefined) paths.push(path);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  tell({ type: 'reopened', ask, paths, faults });
}

/** Takes all that is there. Gives whether there was something. */
function round(): boolean {
  bell.beginRound();
  let isSome = false;
  for (const [id, source] of sources) {
    isSome = takeFrom(source) || isSome;
    if (source.hasEnded && source.lines?.isEmpty !== false) sources.delete(id);
  }
  let isStalled = false;
  for (const channel of channels.values()) {
    const { router, config } = channel;
    router.flush();
    tellLost(router, config);
    tellDropped(channel);
    isStalled = isStalled || router.isStalled;
  }
  bell.endRound(!isStalled);
  return isSome || isStalled;
}

function takeFrom(source: Source): boolean {
  const { channel, speaker, records, lines } = source;
  const { router, config } = channel;
  const count = records.take((json) => router.tell(json, speaker));
  const written = lines === undefined ? 0 : writeLines(lines, router, config);
  const lost = records.lost + (lines?.lost ?? 0);
  // Said when there is room again: as long as a stream takes nothing, the number grows.
  if (lost !== source.lost && !router.isStalled && lines?.isEmpty !== false) {
    warn(
      router,
      config,
      `${lost - source.lost} log records of ${speaker.thread} were lost: they came faster than they could be written`,
    );
    source.lost = lost;
  }
  return count > 0 || written > 0;
}

function writeLines(lines: LineRing, router: Router, { accessHandler }: ChannelConfig): number {
  let total = 0;
  for (let bytes = lines.next; bytes.length > 0; bytes = lines.next) {
    const written = router.writeLines(accessHandler!, bytes);
    lines.drop(written);
    total += written;
    if (written < bytes.length) break;
  }
  return total;
}

const WARNING = 30;
const OURS: Speaker = { thread: 'log', threadId: 0, pid: process.pid, startMs: Date.now() };

function warn(router: Router, { logger }: ChannelConfig, message: string): void {
  if (!router.write({ ...OURS, name: logger, level: WARNING, epochMs: Date.now(), message })) toStderr(`${message}\n`);
  router.flush();
}

function tellLost(router: Router, config: ChannelConfig): void {
  let lost = 0;
  for (const sink of router.sinks) lost += sink.takeLost();
  if (lost > 0) warn(router, config, `${lost} log records were lost: nobody took them`);
}

function tellDropped(channel: Channel): void {
  const { router, config } = channel;
  if (performance.now() < channel.quietUntilMs) return;
  const dropped = router.takeDropped();
  if (dropped === undefined) return;
  channel.quietUntilMs = performance.now() + QUIET_MS;
  const { count, why } = dropped;
  warn(router, config, `dropped ${count} log ${count === 1 ? 'record' : 'records'} that could not be written: ${why}`);
}

async function run(): Promise<never> {
  for (let idle = 0; ;) {
    const { calls } = bell;
    idle = round() ? 0 : idle + 1;
    const isStalled = [...channels.values()].some(({ router }) => router.isStalled);
    if (idle < LOOKS) {
      await bell.called(calls, isStalled ? RETRY_MS : LOOK_MS);
      continue;
    }
    bell.fallAsleep();
    // What was said in between did not call.
    if (round()) bell.wake();
    else await bell.called(calls, SLEEP_MS);
    bell.wake();
    idle = 0;
  }
}

void run();
