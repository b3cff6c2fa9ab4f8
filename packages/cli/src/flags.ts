// flags.ts: how a flag of the command line is declared, and the flags that several commands share. Parsing, --help and completion
// read these rows.

export interface Flag {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** It may be given several times: a list. */
  readonly isMany?: true;
  /** A boolean that may have its value behind an `=`. */
  readonly mayHaveValue?: true;
  /** What stands for the value in help. */
  readonly value?: string;
  readonly doc: string;
}

export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F extends { readonly isMany: true }
  ? readonly string[]
  : F extends { readonly type: 'boolean' }
    ? boolean
    : string | undefined;

/** What a table of flags comes to: `false`, `undefined` and no words for those that were not given. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** How much is said. */
export const TALK_FLAGS = {
  verbose: { type: 'boolean', short: 'v', doc: 'say more: --log-level debug' },
  quiet: { type: 'boolean', short: 'q', doc: 'say less: warnings and errors only' },
} as const satisfies Flags;

/** What is said to single sections of a configuration. */
export const SET_FLAGS = {
  set: { type: 'string', isMany: true, value: 'SECTION.KEY=VALUE', doc: 'what a section says: --set app:main.debug=true' },
} as const satisfies Flags;

/** What is said over what a configuration says. */
export const SAID_FLAGS = {
  server: { type: 'string', short: 's', value: 'PKG#NAME', doc: 'this server instead of what [server:main] says' },
  ...SET_FLAGS,
} as const satisfies Flags;

/** Every command takes these. */
export const COMMON_FLAGS = {
  trace: { type: 'boolean', doc: 'print stack traces with errors of configuration' },
  version: { type: 'boolean', doc: 'print the version' },
  help: { type: 'boolean', short: 'h', doc: 'print this text' },
} as const satisfies Flags;

/** Which server of a configuration. */
export const SERVER_SECTION_FLAGS = {
  'server-name': { type: 'string', value: 'NAME', doc: '[server:NAME] instead of [server:main]' },
} as const satisfies Flags;

/** Which app of a configuration. */
export const APP_SECTION_FLAGS = {
  'app-name': { type: 'string', short: 'n', value: 'NAME', doc: '[app:NAME] instead of [app:main]' },
} as const satisfies Flags;

/** Which app and which server of a configuration. */
export const SECTION_FLAGS = {
  ...APP_SECTION_FLAGS,
  ...SERVER_SECTION_FLAGS,
} as const satisfies Flags;
