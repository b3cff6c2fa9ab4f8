// logging/encode.ts: records on their way from a thread to the log thread: JSON as pino writes it.

import { LEVEL_WORDS, pinoLevel, pythonLevel, type Caller, type LogEvent } from '@appserve/core/log';
import type { LogRecord } from '../log.ts';

/** Of a record of the server's own. */
export function encodeRecord({ level, epochMs, message }: LogRecord, name: string, more: object = {}): string {
  return JSON.stringify({ level: pinoLevel(LEVEL_WORDS[level]!), time: epochMs, name, ...more, msg: message });
}

/** Who speaks: known of a ring, and not said with each record. */
export type Speaker = Pick<LogEvent, 'thread' | 'threadId' | 'pid' | 'startMs'>;

interface Encoded {
  readonly level: number;
  readonly time: number;
  readonly name?: string;
  readonly requestId?: string;
  readonly caller?: Caller;
  readonly msg?: string;
  readonly err?: { readonly stack?: string; readonly message?: string; readonly type?: string };
  readonly [field: string]: unknown;
}

export function decodeRecord(json: string, speaker: Speaker): LogEvent {
  const { level, time, name = '', requestId, caller, msg = '', err, ...fields } = parsed(json);
  const error = err === undefined ? undefined : (err.stack ?? err.message ?? String(err.type));
  return {
    ...speaker,
    name,
    level: pythonLevel(level),
    epochMs: time,
    message: typeof msg === 'string' ? msg : JSON.stringify(msg),
    requestId,
    caller,
    error,
    fields: Object.keys(fields).length === 0 ? undefined : fields,
  };
}

/** Whatever an app brings pino to write: it is told as it is, and does not end the log. */
function parsed(json: string): Encoded {
  try {
    return JSON.parse(json) as Encoded;
  } catch {
    return { level: pinoLevel(30), time: Date.now(), msg: json };
  }
}
