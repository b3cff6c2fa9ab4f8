// control/commands.ts: what can be asked for on the control socket: the table that its server and the guide read.

import { Fault } from '@appserve/core';
import type { Report } from '../metrics/report.ts';
import { WORKERS_ALLOWED } from '../workers/fleet.ts';

/** What they act on. */
export interface Controllable {
  readonly report: () => Report;
  readonly size: number;
  /** What the last reload has left for a restart, in words, each. */
  readonly leftOut: readonly string[];
  reload(): Promise<void>;
  scale(workers: number): void;
  /** Patient: requests that are on their way on idle connections are waited for. */
  stop(isPatient: boolean): void;
  stopNow(): void;
  /** Of one logger, or of all. */
  setLevel(logger: string, level: string): void;
}

type Fields = Readonly<Record<string, unknown>>;

export interface ControlCommand {
  /** Fields of the request, beside the command itself. */
  readonly fields: readonly string[];
  readonly means: string;
  /** Gives what is answered. Faults: OPTION_INVALID, and those of what it does. */
  readonly act: (server: Controllable, fields: Fields) => unknown;
}

export const CONTROL_COMMANDS: Readonly<Record<string, ControlCommand>> = {
  status: { fields: [], means: 'how the server goes', act: (server) => server.report() },
  reload: {
    fields: [],
    means:
      'fresh code, and a configuration that is read again; answered when the new workers serve, with what is left for a restart (`leftOut`), or why they do not',
    act: async (server) => {
      await server.reload();
      return { workers: server.size, ...(server.leftOut.length > 0 && { leftOut: server.leftOut }) };
    },
  },
  scale: {
    fields: ['workers'],
    means: 'so many workers',
    act: (server, { workers }) => {
      if (typeof workers !== 'number') throw invalid('workers', workers, WORKERS_ALLOWED);
      server.scale(workers);
      return { workers };
    },
  },
  stop: {
    fields: ['now'],
    means: 'answers what is under way, then ends; with `"now": true` at once',
    act: (server, { now = false }) => {
      if (typeof now !== 'boolean') throw invalid('now', now, 'true or false');
      // Behind the answer, which a server that has gone could not give.
      setImmediate(() => (now ? server.stopNow() : server.stop(true)));
      return {};
    },
  },
  'log-level': {
    fields: ['level', 'logger'],
    means: 'has a logger say this level and above from now on: `appserve` when none is named, `""` is the root',
    act: (server, { level, logger = 'appserve' }) => {
      if (typeof level !== 'string') throw invalid('level', level, 'the name of a level');
      if (typeof logger !== 'string') throw invalid('logger', logger, 'the name of a logger');
      server.setLevel(logger, level);
      return { logger, level };
    },
  },
};

function invalid(key: string, value: unknown, allowed: string): Fault {
  return new Fault('OPTION_INVALID', { key, value: JSON.stringify(value) ?? 'nothing', allowed });
}
