// workers/dispatcher.ts: dispatch = balanced: the main thread accepts, and gives each connection to the least loaded worker.
//
// Law: a connection that its worker has not come to in a few milliseconds goes to another one; the claim says who has it. What can be
// given to nobody waits here, and the kernel queues behind it.

import { DescriptorTable } from '../connection/descriptor-table.ts';
import { lastComers } from '../connection/last-comers.ts';
import { descriptorsMax } from '../listen/descriptor.ts';
import type { ListeningSocket } from '../listen/sockets.ts';
import { messageOf, type Logger } from '../log.ts';
import { OnceAMinute } from '../once-a-minute.ts';
import { choose, type Candidate } from './balance.ts';
import type { Claim, Claims } from './claims.ts';
import type { Offered } from './carriers/carrier.ts';
import type { Hand } from './hand.ts';
import { Intake, type Accepted } from './intake.ts';

export interface DispatcherFacts {
  readonly sockets: readonly ListeningSocket[];
  readonly claims: Claims;
  readonly log: Logger;
  /** Workers that serve, by their id. */
  readonly serving: () => ReadonlyMap<number, Hand>;
  /** All that there are, those that drain too. */
  readonly hands: () => Iterable<Hand>;
  /** Open connections that the process may have. */
  readonly maxConnections: () => number;
}

/** On its way to a worker. */
interface Pending {
  readonly connection: Accepted;
  readonly id: number;
  readonly claim: Claim;
  readonly offered: Offered;
  readonly sinceMs: number;
}

/** A worker that turns its loop comes to an offer in well under a millisecond. */
const PATIENCE_MS = 15;
/** How soon it is looked again whether there is room, or a descriptor. */
const RETRY_MS = 100;

export class Dispatcher {
  readonly #facts: DispatcherFacts;
  readonly #intakes: readonly Intake[];
  readonly #pending = new Set<Pending>();
  readonly #late = new Set<number>();
  #waiting: Accepted[] = [];
  #last = 0;
  #isOpen = true;
  #isAccepting = false;
  /** How many have come. */
  #accepts = 0;
  readonly #descriptors: DescriptorTable;
  #timer: NodeJS.Timeout | undefined;
  readonly #warnings = new OnceAMinute<'connections' | 'descriptors' | 'takers'>();

  constructor(facts: DispatcherFacts) {
    this.#facts = facts;
    const events = {
      accepted: (connection: Accepted) => this.#accepted(connection),
      failed: (error: NodeJS.ErrnoException) => this.#failed(error),
    };
    this.#intakes = facts.sockets.map((socket) => new Intake(socket, events));
    this.#descriptors = new DescriptorTable({
      onShort: (max) => {
        this.#warn(
          'descriptors',
          `the process has nearly all the descriptors that it may have (ulimit -n is ${max}): the kernel queues further connections`,
        );
        this.#regulate();
      },
      onRoom: () => this.refresh(),
      hasConnections: () => this.#open > 0,
    });
    this.#descriptors.watch(descriptorsMax());
  }

  /** It concerns one connection only, or there is no descriptor for any. */
  #failed(error: NodeJS.ErrnoException): void {
    if (!this.#descriptors.refused(error)) this.#facts.log.warn(`a connection was not accepted: ${error.message}`);
  }

  /** Somebody has become ready, or has ended: what waits may go on. */
  refresh(): void {
    if (!this.#isOpen) return;
    for (const connection of this.#waiting.splice(0)) this.#dispatch(connection);
    this.#regulate();
  }

  /** When it resolves, whoever was in the kernel's queue is on the way to a worker, which hears of it before all that is said to it later. */
  async finish(): Promise<void> {
    if (this.#isAccepting) await lastComers(() => this.#accepts);
  }

  /** No further connection is accepted; those that nobody has taken are closed. */
  close(): void {
    this.#isOpen = false;
    this.#descriptors.rest();
    this.#regulate();
    for (const connection of this.#waiting.splice(0)) connection.leave();
    clearTimeout(this.#timer);
  }

  /** That worker has come to an offer: its loop turns again. */
  heard(id: number): void {
    this.#late.delete(id);
  }

  /** That worker has ended. */
  gone(id: number): void {
    this.#late.delete(id);
    for (const one of [...this.#pending].filter((pending) => pending.id === id)) this.#takeBack(one);
    this.refresh();
  }

  #accepted(connection: Accepted): void {
    this.#accepts += 1;
    this.#settle();
    this.#descriptors.taken(connection.handle?.fd);
    this.#dispatch(connection);
    this.#regulate();
  }

  #dispatch(connection: Accepted): void {
    if (connection.handle === undefined || !this.#isOpen) {
      connection.leave();
      return;
    }
    const { claims } = this.#facts;
    const serving = this.#facts.serving();
    const id = choose(this.#candidates(serving), this.#last);
    const claim = id === undefined ? undefined : claims.open();
    if (id === undefined || claim === undefined) {
      this.#waiting.push(connection);
      return;
    }
    this.#last = id;
    try {
      const offered = serving.get(id)!.offer({ claim, listener: connection.listener }, connection.handle);
      this.#pending.add({ connection, id, claim, offered, sinceMs: performance.now() });
    } catch (error) {
      claims.close(claim);
      this.#waiting.push(connection);
      this.#warn('takers', `a connection has to wait: ${messageOf(error)}`);
    }
  }

  #candidates(serving: ReadonlyMap<number, Hand>): Candidate[] {
    return [...serving].map(([id, { row }]) => ({ id, load: loadOf(row) + this.#onTheWayTo(id), isLate: this.#late.has(id) }));
  }

  #onTheWayTo(id: number): number {
    let count = 0;
    for (const one of this.#pending) if (one.id === id) count += 1;
    return count;
  }

  /** What has been taken is the worker's: our end of it goes. */
  #settle(): void {
    for (const one of this.#pending) {
      if (!this.#facts.claims.isSettled(one.claim)) continue;
      this.#late.delete(one.id);
      this.#forget(one);
      one.connection.leave();
    }
  }

  #forget(one: Pending): boolean {
    this.#pending.delete(one);
    return this.#facts.claims.close(one.claim);
  }

  #takeBack(one: Pending): void {
    if (this.#forget(one)) {
      one.offered.takenBack();
      this.#dispatch(one.connection);
    } else {
      // It has come to it after all.
      this.#late.delete(one.id);
      one.connection.leave();
    }
  }

  get #open(): number {
    const rows = [...this.#facts.hands()].map(({ row }) => row?.connections ?? 0);
    return rows.reduce((sum, connections) => sum + connections, this.#pending.size);
  }

  /** Accepts while there is somebody to serve and room for more; looks again soon while something is not settled. */
  #regulate(): void {
    // One that has been taken since would count twice: as pending, and among its worker's.
    this.#settle();
    const serving = this.#facts.serving();
    const open = this.#open;
    const max = this.#facts.maxConnections();
    const isFull = this.#isAccepting ? open >= max : open > max - Math.ceil(max / 10);
    if (isFull && this.#isAccepting)
      this.#warn(
        'connections',
        `${open} connections are open, which is max_connections (FastCGI: max_conns): the kernel queues further ones`,
      );
    const isShort = this.#descriptors.isShort || this.#waiting.length > 0;
    const shouldAccept = this.#isOpen && serving.size > 0 && !isFull && !isShort;
    if (shouldAccept !== this.#isAccepting) {
      this.#isAccepting = shouldAccept;
      for (const intake of this.#intakes) {
        if (shouldAccept) intake.open();
        else intake.pause();
      }
    }
    if (this.#isOpen && this.#timer === undefined) this.#lookAgain(isFull || this.#waiting.length > 0);
  }

  #lookAgain(isStuck: boolean): void {
    if (this.#pending.size === 0 && !isStuck) return;
    const look = (): void => {
      this.#timer = undefined;
      this.#look();
    };
    this.#timer = setTimeout(look, this.#pending.size > 0 ? PATIENCE_MS : RETRY_MS);
  }

  #look(): void {
    this.#settle();
    const nowMs = performance.now();
    const overdue = [...this.#pending].filter(({ sinceMs }) => nowMs - sinceMs >= PATIENCE_MS);
    for (const { id } of overdue) this.#late.add(id);
    const isAnybodyPrompt = [...this.#facts.serving().keys()].some((id) => !this.#late.has(id));
    if (isAnybodyPrompt) for (const one of overdue) this.#takeBack(one);
    this.refresh();
  }

  #warn(about: 'connections' | 'descriptors' | 'takers', message: string): void {
    if (this.#warnings.isDue(about)) this.#facts.log.warn(message);
  }
}

function loadOf(row: Hand['row']): number {
  return row === undefined ? 0 : row.connections + row.requests;
}
