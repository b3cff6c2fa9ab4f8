// log/logging-config.ts: what is logged where, as plain data: what a loader reads of an ini, and a server obeys.
//
// Source: logging.config.fileConfig (docs/guide/logging.md tells what of it is read).

import type { Place } from '../place.ts';

/** Of one logger; the root is that with the empty name. */
export interface LoggerConfig {
  /** Python's number; 0: that of the logger above. Left out at the root it is WARNING, as in Python. */
  readonly level?: number;
  /** By name, in LoggingConfig.handlers. */
  readonly handlers: readonly string[];
  /** Whether the handlers of the loggers above get its records too. */
  readonly propagate: boolean;
}

export interface FormatterConfig {
  /** text: ours; pretty: the same with colours; json: pino's lines; pattern: `format` says it. */
  readonly type: 'text' | 'pretty' | 'json' | 'pattern';
  readonly format?: string;
  readonly datefmt?: string;
  readonly style?: '%' | '{' | '$';
  /** For fields that a record does not have. */
  readonly defaults?: Readonly<Record<string, string | number>>;
}

/** Where records of a handler go. Sizes in bytes, times in milliseconds. */
export type Destination =
  | { readonly type: 'null' }
  | { readonly type: 'stream'; readonly stream: 'stderr' | 'stdout' }
  | (FileDestination & { readonly type: 'file' })
  | (FileDestination & { readonly type: 'watched' })
  | (FileDestination & { readonly type: 'rotating'; readonly maxBytes: number; readonly backupCount: number })
  | (FileDestination & {
      readonly type: 'timed';
      readonly when: string;
      readonly interval: number;
      readonly backupCount: number;
      readonly isUtc: boolean;
    })
  | {
      readonly type: 'syslog';
      /** A unix datagram socket, or UDP. */
      readonly address: { readonly path: string } | { readonly host: string; readonly port: number };
      readonly facility: number;
    };

export interface FileDestination {
  readonly path: string;
  /** `w`: what it had is dropped at the start, once. */
  readonly isTruncated: boolean;
  /** It is opened with its first record. */
  readonly isDelayed: boolean;
}

export interface HandlerConfig {
  readonly to: Destination;
  /** Less grave records are not for it. */
  readonly level: number;
  readonly formatter: FormatterConfig;
  /** Where it stands in the ini. */
  readonly at?: Place;
}

export interface LoggingConfig {
  /** By name; the root is the empty one. */
  readonly loggers: Readonly<Record<string, LoggerConfig>>;
  readonly handlers: Readonly<Record<string, HandlerConfig>>;
}
