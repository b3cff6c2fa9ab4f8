// logging/router.ts: from a record to the handlers of its logger: the log thread's half of logging.Logger.

import { LoggerTree, rendererOf, type LogEvent, type LoggingConfig } from '@appserve/core/log';
import { openSink } from './sinks/open-sink.ts';
import type { Sink } from './sinks/sink.ts';

interface Handler {
  readonly sink: Sink;
  readonly level: number;
  readonly render: (event: LogEvent) => string;
}

/** What the main thread has opened, by the name of the handler. */
export type OpenDescriptors = Readonly<Record<string, number>>;

export class Router {
  readonly #tree = new LoggerTree();
  readonly #handlers: ReadonlyMap<string, Handler>;
  /** Of a logger, found once. */
  readonly #ways = new Map<string, readonly Handler[]>();

  private constructor(config: LoggingConfig, handlers: ReadonlyMap<string, Handler>) {
    this.#tree.configure(config);
    this.#handlers = handlers;
  }

  static async open(config: LoggingConfig, descriptors: OpenDescriptors): Promise<Router> {
    const handlers = new Map<string, Handler>();
    const shared = new Map<string, Sink>();
    for (const [name, { to, level, formatter }] of Object.entries(config.handlers)) {
      const known = shared.get(JSON.stringify(to));
      const sink = known ?? (await openSink(to, descriptors[name]));
      shared.set(JSON.stringify(to), sink);
      handlers.set(name, { sink, level, render: rendererOf(formatter).render });
    }
    return new Router(config, handlers);
  }

  /** Where two handlers have one destination, they share what writes there: no line stands in the middle of another. */
  get sinks(): readonly Sink[] {
    return [...new Set(Array.from(this.#handlers.values(), ({ sink }) => sink))];
  }

  sinkOf(handler: string): Sink | undefined {
    return this.#handlers.get(handler)?.sink;
  }

  /** To all handlers that want it. Whether it is to be logged at all was decided where it was made. */
  write(event: LogEvent): void {
    for (const { sink, level, render } of this.#wayOf(event.name))
      if (event.level >= level) sink.write(render(event), event.level);
  }

  #wayOf(name: string): readonly Handler[] {
    const known = this.#ways.get(name);
    if (known !== undefined) return known;
    const way = this.#tree.handlersOf(name).flatMap((handler) => this.#handlers.get(handler) ?? []);
    this.#ways.set(name, way);
    return way;
  }

  flush(): void {
    for (const sink of this.sinks) sink.flush();
  }

  get isStalled(): boolean {
    return this.sinks.some((sink) => sink.isStalled);
  }

  close(): void {
    for (const sink of this.sinks) sink.close();
  }
}
