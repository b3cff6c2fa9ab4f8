// snapshots.ts: a server at some moment, without a server.

import { newTally, NO_TOTALS, Scoreboard, type Row, type Snapshot } from '@appserve/server/machines';

export function snapshot(given: Partial<Snapshot> = {}): Snapshot {
  return {
    version: '0.1.0',
    node: 'v20.0.0',
    pid: 7,
    title: 'site.ini',
    urls: ['http://127.0.0.1:8080'],
    phase: 'serving',
    isReady: true,
    size: 1,
    workers: [],
    totals: NO_TOTALS,
    slow: [],
    tally: newTally(),
    startedEpochMs: 1_500,
    cpuMs: 250,
    rssBytes: 1_000,
    nowMs: 10_000,
    ...given,
  };
}

/** The readings of a worker that has done that. */
export function readingsAfter(act: (row: Row) => void): ReturnType<Row['read']> {
  const row = Scoreboard.create(1).row(0, true);
  row.ready(1);
  act(row);
  return row.read();
}
