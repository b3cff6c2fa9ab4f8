// logging/server-log.ts: the log of one server, in the main thread: what it opens, what its workers are given, what an operator may change.

import type { LoggingConfig } from '@appserve/core/log';
import { levelOf } from '@appserve/core/log';
import { closeSync } from 'node:fs';
import { Fault } from '@appserve/core';
import type { Logger } from '../log.ts';
import { LogChannel, type LogSource } from './log-service.ts';
import type { LogPlan } from './log-plan.ts';
import { Outlet } from './outlet.ts';
import { eventsOf } from './outlet-events.ts';
import type { OpenDescriptors } from './router.ts';
import { openFile } from './sinks/file-sink.ts';
import { openStream } from './sinks/stream-sink.ts';
import { WorkerLog, type LogBirth, type LogObjects } from './worker-log.ts';

/** Descriptors of the log's own for the streams of the process, opened by whoever may: before it changes its user. */
export interface Streams {
  readonly stderr: number;
  readonly stdout: number;
}

export function openStreams(): Streams {
  return { stderr: openStream(2), stdout: openStream(1) };
}

function closeOwn(fd: number): void {
  if (fd > 2) closeSync(fd);
}

export class ServerLog {
  readonly #channel: LogChannel;
  #plan: LogPlan;
  readonly #streams: Streams;
  readonly #own: WorkerLog;
  readonly #source: LogSource;
  readonly #levels = new Map<string, number>();
  readonly #startMs = Date.now();

  /** Opens what handlers write to. Faults: LOG_REFUSED. */
  constructor(plan: LogPlan, streams: Streams, objects: LogObjects) {
    this.#plan = plan;
    this.#streams = streams;
    this.#channel = new LogChannel(plan.channel, openAll(plan.channel.logging, streams));
    this.#source = this.#channel.source({ hasLines: false, isForProcess: false });
    this.#source.begin({ thread: 'main', threadId: 0, pid: process.pid, startMs: this.#startMs });
    this.#own = new WorkerLog('main', this.birth(plan), this.outlet(this.#source), () => objects);
  }

  /** The main thread's. */
  get log(): Logger {
    return this.#own.log;
  }

  /** What workers log by: those that a reload starts by what it has found. */
  birth({ channel, access, needsCaller, waits, hasRequestIds }: LogPlan): LogBirth {
    return {
      logger: channel.logger,
      loggers: channel.logging.loggers,
      levels: [...this.#levels],
      needsCaller,
      waits,
      hasRequestIds,
      access,
      startMs: this.#startMs,
    };
  }

  get bell(): SharedArrayBuffer {
    return this.#channel.bell.memory;
  }

  /** A way into the log for one more thread or process. */
  source(isForProcess: boolean): LogSource {
    return this.#channel.source({ hasLines: this.#plan.access?.to === 'lines', isForProcess });
  }

  /** For a thread of this process: the main thread, and an inline worker. */
  outlet({ memory }: LogSource): Outlet {
    return new Outlet(
      { records: memory.records.memory, lines: memory.lines?.memory },
      eventsOf(this.#channel.bell, this.#plan.waits),
    );
  }

  /** Faults: OPTION_INVALID. */
  setLevel(logger: string, level: string): number {
    const number = levelOf(level);
    if (number === undefined)
      throw new Fault('OPTION_INVALID', { key: 'level', value: level, allowed: 'one of debug, info, warn, error, critical' });
    this.#levels.set(logger, number);
    this.#own.setLevel(logger, number);
    return number;
  }

  /** What a reload has found. Faults: LOG_REFUSED; then all stays as it was. */
  configure(plan: LogPlan): void {
    this.#channel.configure(plan.channel, openAll(plan.channel.logging, this.#streams));
    this.#plan = plan;
    this.#own.configure(plan.channel.logging.loggers);
    // As in the workers that the reload has brought: what somebody has set while the server ran is still meant.
    for (const [logger, level] of this.#levels) this.#own.setLevel(logger, level);
  }

  /** Files were moved away: new ones of the same names. */
  reopen(): Promise<{ readonly paths: readonly string[]; readonly faults: readonly string[] }> {
    return this.#channel.reopen();
  }

  /** What was said is written, or the time is over. */
  flush(limitMs: number): void {
    this.#channel.flush(limitMs);
  }

  close(): void {
    const ended = this.#channel.close();
    this.#source.end();
    for (const fd of Object.values(this.#streams)) closeOwn(fd);
    void ended;
  }
}

/** What handlers write to, by their names. When one is refused, those before it are closed. Faults: LOG_REFUSED. */
function openAll({ handlers }: LoggingConfig, streams: Streams): OpenDescriptors {
  const opened: Record<string, number> = {};
  const ofFiles: number[] = [];
  try {
    for (const [name, { to, at }] of Object.entries(handlers)) {
      if (to.type === 'stream') opened[name] = streams[to.stream];
      else if ('path' in to && !to.isDelayed && !isRepeated(handlers, name))
        ofFiles.push((opened[name] = openFile(to.path, to.isTruncated, at)));
    }
    return opened;
  } catch (error) {
    for (const fd of ofFiles) closeSync(fd);
    throw error;
  }
}

/** One before it has the same destination, and they share what writes there. */
function isRepeated(handlers: LoggingConfig['handlers'], name: string): boolean {
  const same = JSON.stringify(handlers[name]!.to);
  return Object.keys(handlers).find((other) => JSON.stringify(handlers[other]!.to) === same) !== name;
}
