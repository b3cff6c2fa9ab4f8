// logging/access/access-log.ts: the access log of a thread: from an answer to a line, and on to where lines go.

import { Fault } from '@appserve/core';
import type { AccessLog } from './answered.ts';
import { compileAtoms, type Compiled } from './atoms.ts';
import { combinedLine, commonLine, jsonLine } from './lines.ts';

/** Plain data: a worker makes its own of it. */
export interface AccessSettings {
  /** common, combined, json, or a format with atoms. */
  readonly format: string;
  /** lines: a file or a stream, as they are; logger: records of that logger; object: the script's own. */
  readonly to: 'lines' | 'logger' | 'object';
  readonly logger?: string;
}

/** Faults: LOG_FORMAT_INVALID. */
export function compileFormat(format: string, thread: string): Compiled {
  switch (format) {
    case 'common':
      return { line: commonLine, wantsTime: false };
    case 'combined':
      return { line: combinedLine, wantsTime: false };
    case 'json':
      return { line: jsonLine(thread), wantsTime: true };
    default:
      return compileAtoms(format, thread);
  }
}

/** What is wrong with a format; nothing where nothing is. */
export function whyNoFormat(format: string): string | undefined {
  try {
    compileFormat(format, '');
    return undefined;
  } catch (error) {
    if (error instanceof Fault && error.code === 'LOG_FORMAT_INVALID') return (error.details as { readonly why: string }).why;
    throw error;
  }
}

/** `write`: is given each line, without its end. */
export function accessLog(format: string, thread: string, write: (line: string) => void): AccessLog {
  const { line, wantsTime } = compileFormat(format, thread);
  return { wantsTime, answered: (answered) => write(line(answered)) };
}
