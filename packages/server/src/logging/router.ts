// logging/router.ts: from a record to the handlers of its logger: the log thread's half of logging.Logger.
//
// Law: no record ends the log, and no handler: what cannot be written is dropped and counted, and the others go on.

import { LoggerTree, rendererOf, type Destination, type LogEvent, type LoggingConfig } from '@appserve/core/log';
import { messageOf } from '../log.ts';
import { decodeRecord, type Speaker } from './encode.ts';
import { openSink } from './sinks/open-sink.ts';
import { toStderr } from './sinks/complaint.ts';
import type { Sink } from './sinks/sink.ts';
import { StreamSink, type Streams } from './sinks/stream-sink.ts';

interface Handler {
  readonly sink: Sink;
  readonly level: number;
  readonly render: (event: LogEvent) => string;
}

export class Router {
  readonly #tree = new LoggerTree();
  readonly #handlers: ReadonlyMap<string, Handler>;
  /** By their destinations. */
  readonly #sinks: ReadonlyMap<string, Sink>;
  #dropped = 0;
  #why = '';
  /** Of a logger, found once. */
  readonly #ways = new Map<string, readonly Handler[]>();

  private constructor(config: LoggingConfig, handlers: ReadonlyMap<string, Handler>, sinks: ReadonlyMap<string, Sink>) {
    this.#tree.configure(config);
    this.#handlers = handlers;
    this.#sinks = sinks;
  }

  /** `before`: in its place. What it has in common with it goes on, with what waits to be written there. */
  static async open(config: LoggingConfig, streams: Streams, before?: Router): Promise<Router> {
    const handlers = new Map<string, Handler>();
    // Where two handlers have one destination, they share what writes there: no line stands in the middle of another.
    const sinks = new Map<string, Sink>();
    for (const [name, { to, level, formatter }] of Object.entries(config.handlers)) {
      const destination = JSON.stringify(to);
      const sink = sinks.get(destination) ?? (before && before.#handOver(destination)) ?? (await openOrSay(name, to, streams));
      sinks.set(destination, sink);
      handlers.set(name, { sink, level, render: rendererOf(formatter).render });
    }
    return new Router(config, handlers, sinks);
  }

  /** A file that was moved away begins anew. Nothing where it cannot: then that is said by who opens another one. */
  #handOver(destination: string): Sink | undefined {
    const sink = this.#sinks.get(destination);
    try {
      sink?.reopen();
      return sink;
    } catch {
      return undefined;
    }
  }

  get sinks(): readonly Sink[] {
    return [...this.#sinks.values()];
  }

  /** A record as it was said. Whether it is to be logged at all was decided there. */
  tell(json: string, speaker: Speaker): void {
    this.#guarded(() => void this.write(decodeRecord(json, speaker)));
  }

  /** To all handlers that want it. False: they do, and none of them can write it. */
  write(event: LogEvent): boolean {
    let isWanted = false;
    let isWritten = false;
    for (const { sink, level, render } of this.#wayOf(event.name)) {
      if (event.level < level) continue;
      isWanted = true;
      if (this.#guarded(() => sink.write(render(event), event.level))) isWritten = true;
    }
    return isWritten || !isWanted;
  }

  /** Lines for one handler. Gives how many bytes need not be brought again. */
  writeLines(handler: string, lines: Uint8Array): number {
    let written = lines.length;
    this.#guarded(() => {
      written = this.#handlers.get(handler)?.sink.writeLines(lines) ?? written;
    });
    return written;
  }

  #guarded(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#dropped += 1;
      this.#why = messageOf(error);
      return false;
    }
  }

  /** What could not be written, since it was asked last; nothing where there was nothing. */
  takeDropped(): { readonly count: number; readonly why: string } | undefined {
    const count = this.#dropped;
    this.#dropped = 0;
    return count === 0 ? undefined : { count, why: this.#why };
  }

  #wayOf(name: string): readonly Handler[] {
    const known = this.#ways.get(name);
    if (known !== undefined) return known;
    const way = this.#tree.handlersOf(name).flatMap((handler) => this.#handlers.get(handler) ?? []);
    this.#ways.set(name, way);
    return way;
  }

  flush(): void {
    for (const sink of this.sinks) this.#guarded(() => sink.flush());
  }

  get isStalled(): boolean {
    return this.sinks.some((sink) => sink.isStalled);
  }

  /** `heir`: what it goes on with stays open. */
  close(heir?: Router): void {
    for (const sink of this.sinks) if (heir?.sinks.includes(sink) !== true) this.#guarded(() => sink.close());
  }
}

/** A handler that cannot be had, such as one whose library cannot be loaded, does not keep the others from theirs. */
async function openOrSay(name: string, to: Destination, streams: Streams): Promise<Sink> {
  try {
    return await openSink(to, streams);
  } catch (error) {
    toStderr(`the log of the handler ${name.trim()} comes here: it cannot be opened: ${messageOf(error)}\n`);
    return new StreamSink(streams.stderr);
  }
}
