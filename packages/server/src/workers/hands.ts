// workers/hands.ts: the workers of a fleet as they really are: started, told, ended, and what all of them share.
//
// Law: nothing is decided here. What happens goes to the machine, and what it says is done.

import type { DevelopmentNews } from '../development/news.ts';
import { descriptorsMax } from '../listen/descriptor.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import { describeError, messageOf, type Logger } from '../log.ts';
import type { ServerLog } from '../logging/server-log.ts';
import { isWatched } from '../metrics/is-watched.ts';
import type { ServerSettings } from '../settings.ts';
import { Spares } from './carriers/spares.ts';
import { Claims } from './claims.ts';
import type { Crew } from './crew.ts';
import { Dispatcher } from './dispatcher.ts';
import { Hand } from './hand.ts';
import { lookEveryMs } from './heartbeat.ts';
import type { Command, Happening, Member } from './life.ts';
import type { WorkerBirth } from './messages.ts';
import { resourceLimits } from './resource-limits.ts';
import { Scoreboard } from './scoreboard.ts';
import { shareOf } from './share.ts';
import { newSharedMemory, type Shared } from './shared-memory.ts';
import { SlowLoading } from './slow-loading.ts';
import { TICKET_KEYS_MS, TicketKeys } from './ticket-keys.ts';
import { tellExit, tellStart } from './worker-channels.ts';

export interface HandsFacts {
  readonly sockets: readonly ListeningSocket[];
  readonly software: string;
  readonly log: Logger;
  readonly serverLog: ServerLog;
  /** Of all generations: what they share cannot change. */
  readonly workerClass: ServerSettings['workerClass'];
  readonly dispatch: ServerSettings['dispatch'];
}

export interface HandsEvents {
  happen(happening: Happening): void;
  /** Before it happens: somebody may want to tell. */
  exiting(id: number, name: string, code: number, error: Error | undefined): void;
  /** Of a worker where development is going on. */
  development(news: DevelopmentNews): void;
  members(): readonly Member[];
  /** Open connections that the process may have now. */
  maxConnections(): number;
}

/** Workers that live at the same time, with those that drain; beyond it some are not watched. */
const ROWS = 512;
/** Connections that are on their way to workers; beyond it the next ones wait. */
const OFFERS = 4_096;
/** What a worker may take beyond the grace of its connections, to end by itself. */
const EXIT_MS = 1_000;
/** One that is ended is gone in some milliseconds, but for where it is in a call that nobody can break off. */
const TERMINATE_MS = 2_000;

const WHY_NOT_ENDED = 'it is in a call of the system or of native code (SIGQUIT kills the whole process)';

export class Hands {
  readonly #facts: HandsFacts;
  readonly #events: HandsEvents;
  readonly #hands = new Map<number, Hand>();
  /** Of workers that will be born, or should have ended. */
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #shared: Shared;
  readonly #scoreboard: Scoreboard;
  readonly #claims: Shared | undefined;
  /** Workers that are asked to end from here on are the last to accept. */
  #areSocketsClosed = false;
  readonly #dispatcher: Dispatcher | undefined;
  #spares: Spares | undefined;
  readonly #slow: SlowLoading;
  readonly #tickets = new TicketKeys();
  #renewal: NodeJS.Timeout | undefined;

  constructor(facts: HandsFacts, events: HandsEvents) {
    this.#facts = facts;
    this.#events = events;
    this.#slow = new SlowLoading(facts.log);
    const isForProcesses = facts.workerClass === 'process';
    this.#shared = newSharedMemory(Scoreboard.bytesFor(ROWS), isForProcesses);
    this.#scoreboard = Scoreboard.of(this.#shared.memory);
    if (facts.dispatch === 'shared') return;
    this.#claims = newSharedMemory(Claims.bytesFor(OFFERS), isForProcesses);
    this.#dispatcher = new Dispatcher({
      sockets: facts.sockets,
      claims: new Claims(this.#claims.memory),
      log: facts.log,
      serving: () => this.#serving(),
      hands: () => this.#hands.values(),
      maxConnections: () => events.maxConnections(),
    });
  }

  /** Who may be given connections. */
  #serving(): ReadonlyMap<number, Hand> {
    const serving = this.#events.members().filter(({ state, isHung }) => state === 'serving' && !isHung);
    return new Map(serving.flatMap(({ id }) => (this.#hands.has(id) ? [[id, this.#hands.get(id)!] as const] : [])));
  }

  /** What the workers have counted that are gone, and the slowest requests of theirs. */
  get retired(): Pick<Scoreboard, 'retired' | 'slowOfRetired'> {
    return this.#scoreboard;
  }

  of(id: number): Hand | undefined {
    return this.#hands.get(id);
  }

  /** Who serves may have changed: connections that wait may go on. */
  refresh(): void {
    this.#dispatcher?.refresh();
  }

  spawn(command: Command & { readonly do: 'spawn' }, crew: Crew, size: number): void {
    const { id, slot, generation, afterMs, why } = command;
    if (why === 'death') this.#facts.log.warn(`worker-${slot} is started again${afterMs === 0 ? '' : ` in ${afterMs} ms`}`);
    tellStart({ name: `worker-${slot}`, generation, why });
    const start = (): void => this.#start(id, this.#birth(`worker-${slot}`, crew, size, generation), crew.settings);
    if (afterMs === 0) start();
    else this.#after(id, afterMs, start);
  }

  #after(id: number, ms: number, act: () => void): void {
    this.#forgetTimer(id);
    const fire = (): void => {
      this.#timers.delete(id);
      act();
    };
    this.#timers.set(id, setTimeout(fire, ms));
  }

  #birth(
    name: string,
    { source, settings, plan, development }: Crew,
    size: number,
    generation: number,
  ): Omit<WorkerBirth, 'row'> {
    const isShared = this.#dispatcher === undefined;
    const tls = settings.tls && { ...settings.tls, ticketKeys: this.#ticketKeys(generation) };
    return {
      name,
      source: { module: source.module, export: source.export, args: source.args },
      listeners: isShared ? this.#facts.sockets.length : 0,
      settings: { ...withoutObjects(shareOf(settings, size, isShared)), descriptorsMax: descriptorsMax(), tls },
      workers: size,
      software: this.#facts.software,
      log: this.#facts.serverLog.birth(plan),
      beatEveryMs: lookEveryMs(settings.workerTimeoutMs),
      isTimed: isWatched(settings),
      development: development && { ...development, token: `${process.pid}-${generation}` },
    };
  }

  #ticketKeys(generation: number): Uint8Array {
    this.#renewal ??= setInterval(() => this.#renewTickets(), TICKET_KEYS_MS).unref();
    return this.#tickets.of(generation);
  }

  #renewTickets(): void {
    this.#tickets.renew();
    for (const { id, generation } of this.#events.members()) this.#hands.get(id)?.renewTickets(this.#tickets.of(generation));
  }

  #start(id: number, birth: Omit<WorkerBirth, 'row'>, settings: Crew['settings']): void {
    const { name } = birth;
    const { sockets, log, serverLog, workerClass } = this.#facts;
    const happen = (happening: Happening): void => this.#events.happen(happening);
    const berthOf = () => ({
      birth,
      sockets: birth.listeners === 0 ? [] : sockets,
      scoreboard: this.#shared,
      claims: this.#claims,
      resourceLimits: resourceLimits(settings),
      spares: this.#spares,
      log: serverLog.source(workerClass === 'process'),
      serverLog,
    });
    try {
      const hand = new Hand(workerClass, berthOf(), this.#scoreboard, {
        ready: () => {
          this.#slow.end(id);
          happen({ type: 'ready', id });
        },
        failed: (error) => {
          this.#slow.end(id);
          happen({ type: 'failed', id, error });
        },
        exited: (code, error, answered) => this.#exited(id, name, code, error, answered),
        development: (news) => {
          if (news.type === 'reads') this.#slow.read(id, news.reads.at(-1)?.path);
          this.#events.development(news);
        },
        late: () => this.#dispatcher?.heard(id),
        short: (error) => log.error(`${name} has to wait before it can accept again: ${messageOf(error)}`),
      });
      this.#hands.set(id, hand);
      if (birth.development !== undefined && birth.development.failure === undefined) this.#slow.begin(id, name, hand.threadId);
    } catch (error) {
      // No descriptor, no memory: the same as a worker that ends at once.
      log.error(`${name} cannot be started: ${describeError(error)}`);
      happen({ type: 'exited', id, code: 1, error: error instanceof Error ? error : undefined });
    }
  }

  #exited(id: number, name: string, code: number, error: Error | undefined, answered: number | undefined): void {
    this.#hands.delete(id);
    this.#slow.end(id);
    this.#dispatcher?.gone(id);
    this.#forgetTimer(id);
    this.#events.exiting(id, name, code, error);
    tellExit({ name, code, error });
    const exit = { type: 'exited', id, code, error } as const;
    this.#events.happen(answered === undefined ? exit : { ...exit, answered });
  }

  #forgetTimer(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  setLevel(logger: string, level: number): void {
    for (const hand of this.#hands.values()) hand.setLevel(logger, level);
  }

  accept(id: number): void {
    this.#hands.get(id)?.accept();
  }

  /** It serves, and says that it will not for long. */
  forewarn(id: number): void {
    this.#hands.get(id)?.forewarn();
  }

  drain({ id, graceMs, isPatient }: Command & { readonly do: 'drain' }): void {
    const hand = this.#hands.get(id);
    if (hand === undefined) {
      this.terminate(id);
      return;
    }
    hand.drain(graceMs, isPatient, this.#areSocketsClosed);
    this.#after(id, graceMs + EXIT_MS, () => this.#events.happen({ type: 'overdue', id }));
  }

  terminate(id: number): void {
    const hand = this.#hands.get(id);
    if (hand !== undefined) {
      hand.terminate();
      this.#after(id, TERMINATE_MS, () => this.#facts.log.error(`${hand.name} cannot be ended: ${WHY_NOT_ENDED}`));
      return;
    }
    // It had not been started yet: there is no thread to wait for.
    this.#forgetTimer(id);
    this.#events.happen({ type: 'exited', id, code: 0, error: undefined });
  }

  /** Threads that will be wanted soon, for development. */
  prepare({ source, settings, size }: Crew): void {
    if (this.#facts.workerClass !== 'thread') return;
    this.#spares ??= new Spares();
    this.#spares.prepare(size, { protocol: settings.protocol ?? 'http', appSource: source.module }, resourceLimits(settings));
  }

  /** When every worker has ended. */
  leave(): void {
    clearInterval(this.#renewal);
    this.#spares?.close();
    this.#shared.free();
    this.#claims?.free();
  }

  /** The main thread accepts, and shall go on for those who wait for it. Nothing, where workers accept: they finish by themselves. */
  finishAccepting(): Promise<void> | undefined {
    return this.#dispatcher?.finish();
  }

  /** No new connection is queued any more. Once; further calls do nothing. */
  closeSockets(): void {
    this.#areSocketsClosed = true;
    this.#dispatcher?.close();
    for (const socket of this.#facts.sockets) socket.close();
  }
}

/** Those of a script cannot cross; each worker has its own. */
function withoutObjects(settings: Crew['settings']): Crew['settings'] {
  return { ...settings, log: undefined, errorLog: undefined };
}
