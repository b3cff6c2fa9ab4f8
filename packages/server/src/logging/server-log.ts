// logging/server-log.ts: the log of one server, in the main thread: what it opens, what its workers are given, what an operator may change.

import type { LoggingConfig } from '@appserve/core/log';
import { levelOf } from '@appserve/core/log';
import { closeSync } from 'node:fs';
import { Fault } from '@appserve/core';
import type { Logger } from '../log.ts';
import { LogChannel, type ChannelOpening, type LogSource, type Reopened } from './log-service.ts';
import { optionOf, type LogPlan } from './log-plan.ts';
import { Outlet } from './outlet.ts';
import { eventsOf } from './outlet-events.ts';
import { openFile } from './sinks/file-sink.ts';
import { closeStreams, type Streams } from './sinks/stream-sink.ts';
import { WorkerLog, type LogBirth, type LogObjects } from './worker-log.ts';

export class ServerLog {
  readonly #channel: LogChannel;
  #plan: LogPlan;
  readonly #streams: Streams;
  readonly #own: WorkerLog;
  readonly #source: LogSource;
  readonly #levels = new Map<string, number>();
  readonly #words = new Map<string, string>();
  readonly #startMs = Date.now();

  /** Opens what handlers write to. `isFirst`: in nobody's place, so files that shall be empty at the start are emptied. Faults: LOG_REFUSED. */
  constructor(plan: LogPlan, streams: Streams, objects: LogObjects, isFirst: boolean) {
    this.#plan = plan;
    this.#streams = streams;
    this.#channel = new LogChannel(this.#opening(plan, isFirst));
    this.#source = this.#channel.source({ hasLines: false, isForProcess: false });
    this.#source.begin({ thread: 'main', threadId: 0, pid: process.pid, startMs: this.#startMs });
    this.#own = new WorkerLog('main', this.birth(plan), this.outlet(this.#source), () => objects);
  }

  /** Files are opened here so that one that is refused is told before anything else happens, and then by the log thread. */
  #opening({ channel }: LogPlan, truncates: boolean): ChannelOpening {
    const files = openFiles(channel.logging, truncates);
    return { config: channel, streams: this.#streams, isOpen: () => closeAll(files.splice(0)) };
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

  /** Whatever is said from here on is written, though the app leaves no descriptor for anything else. */
  get opened(): Promise<void> {
    return this.#channel.opened;
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
    this.#words.set(logger, level);
    this.#own.setLevel(logger, number);
    return number;
  }

  /** What was set while the server ran, as it was said. */
  get levels(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#words);
  }

  /** What a reload has found. Faults: LOG_REFUSED; then all stays as it was. */
  configure(plan: LogPlan): void {
    this.#channel.configure(this.#opening(plan, false));
    this.#plan = plan;
    this.#own.configure(plan.channel.logging.loggers);
    // As in the workers that the reload has brought: what somebody has set while the server ran is still meant.
    for (const [logger, level] of this.#levels) this.#own.setLevel(logger, level);
  }

  /** Files were moved away: new ones of the same names. What cannot be opened is said. */
  async reopen(): Promise<Reopened> {
    const reopened = await this.#channel.reopen();
    for (const why of reopened.faults) this.log.error(`the log goes on into the old file: ${why}`);
    return reopened;
  }

  /** What was said is written, or the time is over. */
  flush(limitMs: number): void {
    this.#channel.flush(limitMs);
  }

  close(): void {
    const ended = this.#channel.close();
    this.#source.end();
    closeStreams(this.#streams);
    void ended;
  }
}

/** Of all handlers that write to one at once. When one is refused, those before it are closed. Faults: LOG_REFUSED. */
function openFiles({ handlers }: LoggingConfig, truncates: boolean): number[] {
  const opened: number[] = [];
  try {
    for (const [name, { to, at }] of Object.entries(handlers))
      if ('path' in to && !to.isDelayed)
        opened.push(openFile(to.path, truncates && to.isTruncated, { at, about: optionOf(name) }));
    return opened;
  } catch (error) {
    closeAll(opened);
    throw error;
  }
}

function closeAll(files: readonly number[]): void {
  for (const fd of files) closeSync(fd);
}
