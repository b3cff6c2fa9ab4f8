// workers/slow-requests.ts: the slowest requests of a worker in the last minutes, in memory that the main thread reads.
//
// Law: a path is kept without its query, which may hold a secret. A place is odd while it is written: who reads it then, or sees it
// change meanwhile, has nothing. What is no candidate costs a comparison.

import type { RequestName } from '../connection/counters.ts';
import { NameArea, TEXT_BYTES } from './name-area.ts';
import type { SharedMemory } from './shared-memory.ts';

export interface SlowRequest {
  readonly method: string;
  /** Without its query; cut, with an ellipsis, when it is long. Clients' text: whoever shows it must escape it. */
  readonly path: string;
  /** 0: the client had gone before an answer began. */
  readonly status: number;
  /** From its head to the end of its answer; and how much of that it waited for a place. */
  readonly tookMs: number;
  readonly waitedMs: number;
  /** On the writer's clock here, on the reader's where a row has read it. */
  readonly endedMs: number;
}

/** Of one worker. */
export const SLOW_MAX = 5;
/** Nobody looks for these. */
const LEAST_MS = 1;
/** How long one is remembered. */
export const SLOW_FOR_MS = 5 * 60_000;

const NUMBERS = ['turn', 'endedMs', 'tookMs', 'waitedMs', 'status', 'pathBytes'] as const;
const [TURN, ENDED, TOOK, WAITED, STATUS, PATH_BYTES] = [0, 1, 2, 3, 4, 5] as const;
const PLACE_BYTES = NUMBERS.length * Float64Array.BYTES_PER_ELEMENT + TEXT_BYTES;

export class SlowArea {
  static readonly bytes = SLOW_MAX * PLACE_BYTES;
  readonly #places: readonly Place[];
  /** The writer's own: what is quicker is not kept. */
  #floorMs = LEAST_MS;

  constructor(buffer: SharedMemory, offset: number) {
    this.#places = Array.from({ length: SLOW_MAX }, (_, n) => new Place(buffer, offset + n * PLACE_BYTES));
  }

  consider(request: RequestName, status: number, waitedMs: number, tookMs: number, nowMs: number): void {
    if (tookMs <= this.#floorMs) return;
    this.#leastPlace(nowMs).write(request, status, waitedMs, tookMs, nowMs);
    this.refresh(nowMs);
  }

  /** What is too old makes room. To be called now and then. */
  refresh(nowMs: number): void {
    this.#floorMs = Math.max(LEAST_MS, this.#leastPlace(nowMs).worth(nowMs));
  }

  #leastPlace(nowMs: number): Place {
    return this.#places.reduce((least, place) => (place.worth(nowMs) < least.worth(nowMs) ? place : least));
  }

  /** Times on the writer's clock. */
  read(): SlowRequest[] {
    return this.#places.flatMap((place) => place.read() ?? []);
  }
}

class Place {
  readonly #slots: Float64Array;
  readonly #name: NameArea;

  constructor(buffer: SharedMemory, offset: number) {
    this.#slots = new Float64Array(buffer, offset, NUMBERS.length);
    this.#name = new NameArea(buffer, offset + NUMBERS.length * Float64Array.BYTES_PER_ELEMENT);
  }

  /** How slow it was; 0 where there is none any more. */
  worth(nowMs: number): number {
    return nowMs - this.#slots[ENDED]! > SLOW_FOR_MS ? 0 : this.#slots[TOOK]!;
  }

  write({ method, target }: RequestName, status: number, waitedMs: number, tookMs: number, nowMs: number): void {
    const slots = this.#slots;
    const query = target.indexOf('?');
    slots[TURN]! += 1;
    slots[ENDED] = nowMs;
    slots[TOOK] = tookMs;
    slots[WAITED] = waitedMs;
    slots[STATUS] = status;
    slots[PATH_BYTES] = this.#name.write({ method, target: query === -1 ? target : target.slice(0, query) });
    slots[TURN]! += 1;
  }

  read(): SlowRequest | undefined {
    const slots = this.#slots;
    const turn = slots[TURN]!;
    if (turn === 0 || turn % 2 === 1) return undefined;
    const found = {
      method: this.#name.readMethod(),
      path: this.#name.readTarget(slots[PATH_BYTES]!),
      status: slots[STATUS]!,
      tookMs: slots[TOOK]!,
      waitedMs: slots[WAITED]!,
      endedMs: slots[ENDED]!,
    };
    return slots[TURN] === turn ? found : undefined;
  }
}

/** The slowest of several workers that are remembered still, slowest first. */
export function slowestOf(all: readonly SlowRequest[], nowMs: number, most: number): SlowRequest[] {
  return all
    .filter(({ endedMs }) => nowMs - endedMs <= SLOW_FOR_MS)
    .toSorted((one, other) => other.tookMs - one.tookMs)
    .slice(0, most);
}
