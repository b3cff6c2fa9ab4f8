// logging/encode.ts: records on their way from a thread to the log thread: JSON as pino writes it.
//
// Law: whatever an app has logged can be read. pino writes level, time and logger first, and then what the app has brought, which may bear
// the same names: JSON.parse would take the last ones for the record's own. So the beginning is read by itself.

import { LEVEL_WORDS, levelOf, pinoLevel, pythonLevel, type Caller, type LogEvent, type LoggedError } from '@appserve/core/log';
import { errorFields, messageOf, type LogRecord } from '../log.ts';

/** Of a record of the server's own. */
export function encodeRecord({ level, epochMs, message, failure }: LogRecord, name: string, more: object = {}): string {
  const said =
    failure === undefined
      ? { msg: message }
      : { err: errorFields(failure.error), msg: `${failure.what}: ${messageOf(failure.error)}` };
  return JSON.stringify({ level: pinoLevel(LEVEL_WORDS[level]!), time: epochMs, name, ...more, ...said });
}

/** Who speaks: known of a ring, and not said with each record. */
export type Speaker = Pick<LogEvent, 'thread' | 'threadId' | 'pid' | 'startMs'>;

type Fields = Readonly<Record<string, unknown>>;

/** A line of pino's. */
export interface PinoLine {
  /** pino's number. */
  readonly level: number;
  readonly epochMs: number;
  /** Of the logger. */
  readonly name: string;
  /** What stands behind these: also fields of an app that are called as they are. */
  readonly rest: Fields;
}

const HEAD = /^\{"level":([0-9]+),"time":([0-9]+),"name":("(?:[^"\\]|\\.)*")(?:,|(?=\}))/;

export function readLine(json: string): PinoLine {
  const found = HEAD.exec(json);
  if (found === null) return unusual(objectIn(json) ?? { msg: json });
  const [head, level, time, name] = found;
  const rest = objectIn(`{${json.slice(head.length)}`) ?? { msg: json };
  return { level: Number(level), epochMs: Number(time), name: JSON.parse(name!) as string, rest };
}

function objectIn(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a Date can be (ECMA-262, 21.4.1.1). */
const TIME_MAX = 8.64e15;
const INFO = 30;

/** An app may give a child of pino's formatters of its own: what is not what it should be stays among the fields. */
function unusual({ level, time, name, ...rest }: Fields): PinoLine {
  const python = typeof level === 'string' ? levelOf(level) : undefined;
  const number = python === undefined ? level : pinoLevel(python);
  const isLevel = typeof number === 'number' && Number.isFinite(number);
  const isTime = typeof time === 'number' && Math.abs(time) <= TIME_MAX;
  const isName = typeof name === 'string';
  return {
    level: isLevel ? number : INFO,
    epochMs: isTime ? time : Date.now(),
    name: isName ? name : '',
    rest: {
      ...(!isLevel && level !== undefined && { level }),
      ...(!isTime && time !== undefined && { time }),
      ...(!isName && name !== undefined && { name }),
      ...rest,
    },
  };
}

export function decodeRecord(json: string, speaker: Speaker): LogEvent {
  const { level, epochMs, name, rest } = readLine(json);
  const { msg = '', requestId, caller, err, ...others } = rest;
  const isId = typeof requestId === 'string';
  const error = errorOf(err);
  const fields = {
    ...(!isId && requestId !== undefined && { requestId }),
    ...(!isCaller(caller) && caller !== undefined && { caller }),
    ...(error === undefined && err !== undefined && { err }),
    ...others,
  };
  return {
    ...speaker,
    name,
    level: pythonLevel(level),
    epochMs,
    message: typeof msg === 'string' ? msg : JSON.stringify(msg),
    requestId: isId ? requestId : undefined,
    caller: isCaller(caller) ? caller : undefined,
    error,
    fields: Object.keys(fields).length === 0 ? undefined : fields,
  };
}

function isCaller(value: unknown): value is Caller {
  if (!isObject(value)) return false;
  return typeof value['path'] === 'string' && typeof value['line'] === 'number' && typeof value['func'] === 'string';
}

/** Nothing where it is no error as pino tells one: an app may call anything `err`. */
function errorOf(err: unknown): LoggedError | undefined {
  if (!isObject(err)) return undefined;
  const { type, message, stack } = err;
  if (typeof stack === 'string' && stack !== '') return { ...err, stack };
  return typeof type === 'string' && typeof message === 'string' ? { ...err, stack: `${type}: ${message}` } : undefined;
}
