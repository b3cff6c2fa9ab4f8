// The clock on the wall may be set, back or forward. So deadlines, pauses and ages are measured on one that only goes forward
// (`performance.now()`), and the other one is read where people, or files, are told the time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PACKAGES, sourcesOf, textOf } from '../support/sources.ts';

/** Each room that reads it, and what for. */
const READERS: Readonly<Record<string, string>> = {
  'loader/src/typescript/cache-folder.ts': 'how old a file is',
  'parts/src/filters/profile.ts': 'the name of a profile',
  'parts/src/filters/session-cookie.ts': 'whether a session has expired, as its cookie says it',
  'parts/src/filters/translogger.ts': 'the time of a line in the log',
  'server/src/connection/clock.ts': 'the field Date',
  'server/src/log.ts': 'the time of a line in the log',
  'server/src/logging/access/lines.ts': 'the time of a line in the access log',
  'server/src/logging/encode.ts': 'the time of a record that nobody can read',
  'server/src/logging/log-thread.ts': 'the time of a record of its own',
  'server/src/logging/server-log.ts': 'when the process began to log, for %(relativeCreated)d',
  'server/src/logging/sinks/timed-sink.ts': 'whether a file is one of yesterday',
  'server/src/logging/worker-log.ts': 'the time of a line in the access log',
  'server/src/metrics/snapshot.ts': 'process_start_time_seconds',
  'server/src/tls/tls-now.ts': 'whether a certificate has expired',
  'server/src/workers/worker.ts': 'since when a worker is ready, for the scoreboard',
};

const READS = /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|\bperformance\.timeOrigin\b/;

describe('the clock on the wall', () => {
  it('is read where it is told, and nowhere else', () => {
    const readers = PACKAGES.flatMap(sourcesOf).filter((path) => READS.test(textOf(path)));
    assert.deepEqual(new Set(readers), new Set(Object.keys(READERS)));
  });
});
