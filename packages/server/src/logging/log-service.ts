// logging/log-service.ts: the log thread in the main thread's hand: started with the first server of the process, ended with the last.
//
// Law: everything that was said before somebody asks for `flush` is written when it comes back, or the time is over. The numbers of files do
// not cross over to the thread: one that is started again would write into whatever has these numbers by then.

import { Worker } from 'node:worker_threads';
import { OnceAMinute } from '../once-a-minute.ts';
import { newSharedMemory, type Shared } from '../workers/shared-memory.ts';
import { Bell } from './bell.ts';
import type { Speaker } from './encode.ts';
import type { OutletMemory } from './outlet.ts';
import { Relay } from './relay.ts';
import { LineRing, RecordRing, Ring } from './ring.ts';
import type { Streams } from './sinks/stream-sink.ts';
import type { ChannelConfig, FromLogThread, LogThreadData, ToLogThread } from './thread-messages.ts';

/** Of one thread: some thousand records, or ten thousand lines. */
const RECORDS_BYTES = 512 * 1_024;
const LINES_BYTES = 1_024 * 1_024;
/** When the process ends and nobody takes its log. */
const EXIT_MS = 2_000;
/** The log thread closes files in no time; one that is in a call that blocks is not waited for. */
const CLOSE_MS = 500;
/** One that has ended by itself is started again, but not at once again and again. */
const AGAIN_MS = 1_000;

/** What a channel is opened with. */
export interface ChannelOpening {
  readonly config: ChannelConfig;
  readonly streams: Streams;
  /** The log thread has opened its files, or has ended: those of the main thread are not needed any more. */
  readonly isOpen: () => void;
}

interface Channel extends ChannelOpening {
  readonly flush: (limitMs: number) => void;
}

interface Answer {
  readonly thread: Worker;
  readonly resolve: (message: FromLogThread | undefined) => void;
}

class LogService {
  readonly bell = new Bell(new SharedArrayBuffer(Bell.BYTES));
  readonly #channels = new Map<number, Channel>();
  readonly #sources = new Map<number, ToLogThread & { readonly type: 'source' }>();
  /** Of those: nobody writes into them any more. */
  readonly #ended = new Set<number>();
  readonly #answers = new Map<number, Answer>();
  #thread: Worker | undefined;
  /** It has ended by itself, and is started again then. */
  #again: NodeJS.Timeout | undefined;
  readonly #complaints = new OnceAMinute<'failed'>();
  #next = 1;
  ending: Promise<void> = Promise.resolve();

  number(): number {
    this.#next += 1;
    return this.#next;
  }

  /** Again with the same number: other handlers for what is said from here on. */
  openChannel(channel: number, opened: Channel): void {
    this.#channels.set(channel, opened);
    if (this.#thread !== undefined) this.#postChannel(channel, opened);
    else if (this.#again === undefined) this.#start();
  }

  #postChannel(channel: number, { config, streams, isOpen }: Channel): void {
    void this.#ask((ask) => ({ type: 'channel', channel, config, streams, ask })).then(isOpen);
  }

  addSource(source: ToLogThread & { readonly type: 'source' }): void {
    this.#sources.set(source.source, source);
    this.#post(source);
  }

  /** What it has said is for the thread that is started again, where there is none now. */
  endSource(source: number): void {
    if (this.#again !== undefined) {
      this.#ended.add(source);
      return;
    }
    this.#sources.delete(source);
    this.#post({ type: 'source-ends', source });
  }

  async reopen(channel: number): Promise<Reopened> {
    const answer = await this.#ask((ask) => ({ type: 'reopen', channel, ask }));
    if (answer?.type === 'reopened') return answer;
    // One that is started again opens all of them.
    return { paths: pathsOf(this.#channels.get(channel)), faults: [] };
  }

  /** What its threads have said is written; then nobody writes there any more. */
  async endChannel(channel: number): Promise<void> {
    for (const { source, channel: of } of this.#sources.values()) if (of === channel) this.#sources.delete(source);
    const isOpen = this.#channels.get(channel)?.isOpen;
    this.#channels.delete(channel);
    const thread = this.#thread;
    const { ends } = this.bell;
    const ended = this.#ask((ask) => ({ type: 'channel-ends', channel, ask }));
    if (this.#channels.size === 0) {
      this.#thread = undefined;
      clearTimeout(this.#again);
      this.#again = undefined;
      process.off('exit', this.#onExit);
      // Whoever waits for its end shall see it.
      thread?.ref();
    }
    // What it had open is closed when this comes back: who could not start leaves nothing behind.
    if (thread !== undefined) this.bell.wait(() => this.bell.ends !== ends, CLOSE_MS);
    isOpen?.();
    await ended;
    if (this.#thread !== thread) await thread?.terminate();
  }

  /** Whether all of it is written. Blocks this thread for so long at most. */
  flush(rings: () => readonly Ring[], limitMs: number): boolean {
    // Nobody would come back from here to start it.
    if (this.#again !== undefined) this.#start();
    if (this.#thread === undefined) return true;
    return this.bell.wait(() => rings().every((ring) => ring.isEmpty) && this.bell.isWritten, limitMs);
  }

  /** Nothing where there is no thread, or where it ends before it answers. */
  #ask(message: (ask: number) => ToLogThread): Promise<FromLogThread | undefined> {
    const thread = this.#thread;
    if (thread === undefined) return Promise.resolve(undefined);
    const ask = this.number();
    return new Promise((resolve) => {
      this.#answers.set(ask, { thread, resolve });
      thread.postMessage(message(ask));
    });
  }

  #post(message: ToLogThread): void {
    this.#thread?.postMessage(message);
  }

  #start(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    const workerData: LogThreadData = { bell: this.bell.memory };
    const thread = new Worker(new URL('log-thread.js', import.meta.url), {
      name: 'log',
      workerData,
      // It has nothing of an app: what Node was told for apps is not for it.
      execArgv: [],
      stdout: false,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
    });
    this.#thread = thread;
    thread.on('message', (message: FromLogThread) => {
      this.#answers.get(message.ask)?.resolve(message);
      this.#answers.delete(message.ask);
    });
    thread.on('error', ({ message }) => {
      // Where it is out of files, it will be a second later, too.
      if (this.#complaints.isDue('failed')) process.stderr.write(`the log thread failed, and is tried again: ${message}\n`);
    });
    thread.on('exit', () => this.#hasEnded(thread));
    // The servers keep the process alive, not their log.
    thread.unref();
    for (const [channel, opened] of this.#channels) this.#postChannel(channel, opened);
    for (const source of this.#sources.values()) this.#post(source);
    for (const source of this.#ended) this.endSource(source);
    this.#ended.clear();
    process.off('exit', this.#onExit).on('exit', this.#onExit);
  }

  #hasEnded(thread: Worker): void {
    for (const [ask, answer] of this.#answers) {
      if (answer.thread !== thread) continue;
      this.#answers.delete(ask);
      answer.resolve(undefined);
    }
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    this.#again = setTimeout(() => this.#start(), AGAIN_MS).unref();
  }

  readonly #onExit = (): void => {
    const untilMs = performance.now() + EXIT_MS;
    for (const { flush } of this.#channels.values()) flush(Math.max(0, untilMs - performance.now()));
  };
}

function pathsOf(channel: Channel | undefined): readonly string[] {
  const handlers = Object.values(channel?.config.logging.handlers ?? {});
  return [...new Set(handlers.flatMap(({ to }) => ('path' in to ? [to.path] : [])))];
}

/** One for the process. */
const service = new LogService();

/** Resolves when what was closed has ended: the thread too, where it was for nobody else. */
export function logEnded(): Promise<void> {
  return service.ending;
}

function ringsOf({ records, lines }: OutletMemory): Ring[] {
  return [new RecordRing(records), ...(lines === undefined ? [] : [new LineRing(lines)])];
}

/** Files that were opened again, and why others were not. */
export type Reopened = Pick<FromLogThread & { readonly type: 'reopened' }, 'paths' | 'faults'>;

/** What a thread or a process says goes into this memory. */
export interface LogSource {
  /** For the thread or the process itself. */
  readonly memory: { readonly records: Shared; readonly lines: Shared | undefined };
  /** It is there from here on. */
  begin(speaker: Speaker): void;
  /** A process has called. */
  move(): void;
  /** Nobody writes into it any more. */
  end(): void;
}

export class LogChannel {
  readonly bell = service.bell;
  readonly #number = service.number();
  readonly #rings = new Map<number, readonly Ring[]>();
  readonly #ended = new Set<number>();
  /** The log thread is loaded and has opened it, or has ended. Before that it may still need what an app takes away, such as descriptors. */
  readonly opened: Promise<void>;

  constructor(opening: ChannelOpening) {
    this.opened = new Promise((resolve) => {
      const isOpen = (): void => {
        opening.isOpen();
        resolve();
      };
      this.configure({ ...opening, isOpen });
    });
  }

  configure(opening: ChannelOpening): void {
    service.openChannel(this.#number, { ...opening, flush: (limitMs) => void this.flush(limitMs) });
  }

  source({ hasLines, isForProcess }: { readonly hasLines: boolean; readonly isForProcess: boolean }): LogSource {
    const source = service.number();
    const make = (shared: boolean): LogSource['memory'] => ({
      records: newSharedMemory(Ring.bytesFor(RECORDS_BYTES), shared),
      lines: hasLines ? newSharedMemory(Ring.bytesFor(LINES_BYTES), shared) : undefined,
    });
    const ours = make(false);
    const theirs = isForProcess ? make(true) : ours;
    const records = ours.records.memory as SharedArrayBuffer;
    const lines = ours.lines?.memory as SharedArrayBuffer | undefined;
    const from = { records: theirs.records.memory, lines: theirs.lines?.memory };
    const relay = isForProcess ? new Relay(from, { records, lines }, () => service.bell.ring()) : undefined;
    this.#rings.set(source, ringsOf({ records, lines }));
    return {
      memory: theirs,
      begin: (speaker) => service.addSource({ type: 'source', channel: this.#number, source, speaker, records, lines }),
      move: () => relay?.move(),
      end: () => {
        relay?.end();
        if (isForProcess) {
          theirs.records.free();
          theirs.lines?.free();
        }
        service.endSource(source);
        this.#ended.add(source);
        this.#forgetWritten();
      },
    };
  }

  /** Of who has ended: `flush` waits for these too. */
  #forgetWritten(): void {
    for (const source of this.#ended) {
      if (!this.#rings.get(source)!.every((ring) => ring.isEmpty)) continue;
      this.#rings.delete(source);
      this.#ended.delete(source);
    }
  }

  reopen(): Promise<Reopened> {
    return service.reopen(this.#number);
  }

  flush(limitMs: number): boolean {
    return service.flush(() => [...this.#rings.values()].flat(), limitMs);
  }

  /**
   * Waits for what was said, as long as at the end of the process, with what was waited for it just now. Resolves when nobody writes there
   * any more.
   */
  close(): Promise<void> {
    const waitedMs = performance.now() - (service.bell.vainSinceMs ?? Number.NEGATIVE_INFINITY);
    this.flush(waitedMs < EXIT_MS ? EXIT_MS - waitedMs : EXIT_MS);
    const ended = service.endChannel(this.#number);
    service.ending = ended;
    return ended;
  }
}
