// logging/worker-log.ts: what a thread logs with: the server's own logger, the loggers of apps, the access log. Each thread has one, the
// main thread too.

import { AsyncLocalStorage } from 'node:async_hooks';
import { LoggerTree, provideLoggers, type LoggingConfig } from '@appserve/core/log';
import type { Exchange, Handler } from '@appserve/core/exchange';
import { formatRecord, Logger, type LogRecord } from '../log.ts';
import { accessLog, type AccessSettings } from './access/access-log.ts';
import type { AccessLog } from './access/answered.ts';
import { AppLoggers } from './app-loggers.ts';
import { callerHere } from './caller.ts';
import { encodeRecord } from './encode.ts';
import { lineWriter, type LogObject } from './log-object.ts';

/** What a thread must know to log. Plain data. */
export interface LogBirth {
  /** Of the server itself. */
  readonly logger: string;
  readonly loggers: LoggingConfig['loggers'];
  /** What was set while the server ran. */
  readonly levels: readonly (readonly [logger: string, level: number])[];
  readonly needsCaller: boolean;
  readonly waits: boolean;
  readonly hasRequestIds: boolean;
  readonly access: AccessSettings | undefined;
  readonly startMs: number;
}

/** Where it goes. */
export interface LogOutlet {
  record(json: string): void;
  line(text: string): void;
}

/** What a script has given; each thread has its own. */
export interface LogObjects {
  readonly log?: LogObject | undefined;
  readonly errorLog?: LogObject | undefined;
}

const INFO = 20;
/** `#write`, who calls it for the logger, and two of the logger. */
const OWN_FRAMES = 4;

export class WorkerLog {
  readonly log: Logger;
  readonly #tree = new LoggerTree();
  readonly #birth: LogBirth;
  readonly #outlet: LogOutlet;
  readonly #loggers: AppLoggers;
  readonly #current: AsyncLocalStorage<Exchange> | undefined;

  constructor(thread: string, birth: LogBirth, outlet: LogOutlet, objects: () => LogObjects = () => ({})) {
    this.#birth = birth;
    this.#outlet = outlet;
    this.#tree.configure({ loggers: birth.loggers, handlers: {} });
    for (const [name, level] of birth.levels) this.#tree.setLevel(name, level);
    this.#current = birth.hasRequestIds ? new AsyncLocalStorage() : undefined;
    const requestId = this.#current === undefined ? undefined : (): string | undefined => this.#current!.getStore()?.requestId;
    this.log = new Logger(thread, 'info', (record) => this.#write(record, objects().errorLog, requestId?.()));
    this.log.level = this.#tree.levelOf(birth.logger);
    this.#loggers = new AppLoggers({
      tree: this.#tree,
      needsCaller: birth.needsCaller,
      requestId,
      write: (json) => outlet.record(json),
    });
  }

  #write(record: LogRecord, object: LogObject | undefined, requestId: string | undefined): void {
    if (object !== undefined) {
      lineWriter(object)(formatRecord(record).slice(0, -1), record.level === 'error' ? 40 : INFO);
      return;
    }
    const caller = this.#birth.needsCaller ? callerHere(OWN_FRAMES) : undefined;
    // A failure is told when the app has come back, and nothing stands for its request any more.
    const id = this.#birth.hasRequestIds ? (requestId ?? record.failure?.requestId) : undefined;
    this.#outlet.record(encodeRecord(record, this.#birth.logger, { caller, requestId: id }));
  }

  /** From here on apps get their loggers of us. */
  provide(): void {
    provideLoggers((name) => this.#loggers.get(name));
  }

  setLevel(logger: string, level: number): void {
    this.#tree.setLevel(logger, level);
    this.#refresh();
  }

  configure(loggers: LoggingConfig['loggers']): void {
    this.#tree.configure({ loggers, handlers: {} });
    this.#refresh();
  }

  #refresh(): void {
    this.log.level = this.#tree.levelOf(this.#birth.logger);
    this.#loggers.refresh();
  }

  /** Nothing where there is none. Faults: LOG_FORMAT_INVALID. */
  accessLog(thread: string, objects: LogObjects): AccessLog | undefined {
    const { access } = this.#birth;
    if (access === undefined) return undefined;
    switch (access.to) {
      case 'lines':
        return accessLog(access.format, thread, (line) => this.#outlet.line(`${line}\n`));
      case 'logger': {
        const logger = access.logger ?? '';
        return accessLog(access.format, thread, (line) => {
          if (this.#tree.levelOf(logger) > INFO) return;
          this.#outlet.record(encodeRecord({ level: 'info', epochMs: Date.now(), thread, message: line }, logger));
        });
      }
      case 'object': {
        if (objects.log === undefined) return undefined;
        const write = lineWriter(objects.log);
        return accessLog(access.format, thread, (line) => write(line, INFO));
      }
    }
  }

  /** Where records shall have the id of their request: it is known in all that a request brings about. */
  within(handler: Handler): Handler {
    const current = this.#current;
    return current === undefined ? handler : (exchange) => current.run(exchange, handler, exchange);
  }
}
