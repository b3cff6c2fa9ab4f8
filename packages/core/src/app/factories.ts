// app/factories.ts: the signatures of entry points (docs: entry-point groups), and what passes between a loader and a server.

import type { App } from './contracts.ts';

/** What [DEFAULT], the command line and the loader itself say to all factories of a file. */
export type GlobalConf = Readonly<Record<string, string>>;
/** What the section says to its factory: text, as it stands in the ini. */
export type FactorySettings = Readonly<Record<string, string>>;

/** `app_factory`: makes an app; runs in every worker. */
export type AppFactory = (globalConf: GlobalConf, settings: FactorySettings) => App | Promise<App>;

/** Where a worker gets its app. Plain data, so that it crosses a thread wall, and a server need not know what an ini file is. */
export interface AppSource {
  /** The URL of a module. */
  readonly module: string;
  /** A function of that module: `(args) => App`, at once or as a promise. */
  readonly export: string;
  readonly args: unknown;
}

/** A running server, as its caller holds it. */
export interface ServerHandle extends AsyncDisposable {
  /** The first address as a URL. */
  readonly url: string;
  /** Resolves when every worker has loaded the app. Rejects with the Fault that kept one from it. */
  readonly ready: Promise<void>;
  /** Resolves when the server has ended because somebody asked it to; rejects with a Fault when it gave up. */
  readonly closed: Promise<void>;
  /** Answers what is under way, then ends; a second call ends at once. */
  close(): Promise<void>;
}

/** What serves an app. */
export type Serve = (source: AppSource) => ServerHandle | Promise<ServerHandle>;

/** `server_factory` and `server_runner`. A factory with `options` gets settled values instead of text. */
export type ServerFactory = (globalConf: GlobalConf, settings: never) => Serve | Promise<Serve>;
export type ServerRunner = (source: AppSource, globalConf: GlobalConf, settings: never) => ServerHandle | Promise<ServerHandle>;
