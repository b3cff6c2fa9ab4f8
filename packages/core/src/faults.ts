// faults.ts: every error that crosses a room's wall: its code, whose fault it is, its words, the next step.
//
// Law: a code is for programs and never changes; a message is for people and is never compared.
// docs/reference/faults.md is printed from these tables.

import { APP_FAULTS } from './app-faults.ts';
import { BUILD_FAULTS } from './build-faults.ts';
import { FACTORY_FAULTS } from './factory-faults.ts';
import type { Blame, Row } from './fault-row.ts';
import { INI_FAULTS } from './ini-faults.ts';
import { LOGGING_FAULTS } from './logging-faults.ts';
import { PART_FAULTS } from './part-faults.ts';
import { PEER_FAULTS } from './peer-faults.ts';
import type { Place } from './place.ts';
import { START_FAULTS } from './start-faults.ts';
import { TLS_FAULTS } from './tls-faults.ts';
import { WEBSOCKET_FAULTS } from './websocket-faults.ts';

export type { Blame } from './fault-row.ts';

const FAULTS = {
  ...PEER_FAULTS,
  ...WEBSOCKET_FAULTS,
  ...APP_FAULTS,
  ...INI_FAULTS,
  ...BUILD_FAULTS,
  ...FACTORY_FAULTS,
  ...PART_FAULTS,
  ...LOGGING_FAULTS,
  ...START_FAULTS,
  ...TLS_FAULTS,
} as const;

export type FaultCode = keyof typeof FAULTS;
export type FaultDetails<C extends FaultCode> = Parameters<(typeof FAULTS)[C]['says']>[0];

/** What a fault may carry beside its details. */
export interface FaultContext {
  /** Where the mistake stands. */
  readonly at?: Place | undefined;
  /** What led there, innermost first: `[app:main] development.ini:3:1`. */
  readonly askedBy?: readonly string[];
  readonly cause?: unknown;
  /** What it is about, where whoever throws it does not know where that stands. */
  readonly about?: OptionWord | undefined;
}

/** An option, and the word of its value that is meant. */
export interface OptionWord {
  readonly key: string;
  readonly word?: string | undefined;
}

/** An error with a stable code. Its message is lower case, without a full stop, with the value and the limit. */
export class Fault<C extends FaultCode = FaultCode> extends Error {
  override readonly name = 'Fault';
  readonly code: C;
  readonly details: FaultDetails<C>;
  readonly at: Place | undefined;
  readonly askedBy: readonly string[];
  readonly about: OptionWord | undefined;

  constructor(code: C, details: FaultDetails<C>, context: FaultContext = {}) {
    const says = FAULTS[code].says as (details: FaultDetails<C>) => string;
    super(says(details), context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.details = details;
    this.at = context.at;
    this.askedBy = context.askedBy ?? [];
    this.about = context.about;
  }

  get blame(): Blame {
    return FAULTS[this.code].blame;
  }

  /** The HTTP status that answers it. */
  get status(): number {
    return FAULTS[this.code].status;
  }

  /** The next step for whoever has to mend it. */
  get hint(): string | undefined {
    const row: Row<FaultDetails<C>> = FAULTS[this.code] as never;
    return row.hint?.(this.details);
  }
}

/** Several independent faults found in one go, so that a file is mended in one go. */
export class FaultList extends Error {
  override readonly name = 'FaultList';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.faults = faults;
  }
}

/** Throws what was found: nothing, the one fault, or the list. */
export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length === 1) throw faults[0]!;
  if (faults.length > 1) throw new FaultList(faults);
}

/** The table as data, for the reference page and its test. */
export function faultRows(): readonly { code: FaultCode; blame: Blame; status: number; means: string }[] {
  return Object.entries(FAULTS).map(([code, { blame, status, means }]) => ({ code: code as FaultCode, blame, status, means }));
}
