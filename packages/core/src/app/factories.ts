// app/factories.ts: the signatures of entry points (docs: entry-point groups), and what passes between a loader and a server.

import type { LoggingConfig } from '../log/logging-config.ts';
import type { App, Filter } from './contracts.ts';

/** What [DEFAULT], the command line and the loader itself say to all factories of a file. */
export type GlobalConf = Readonly<Record<string, string>>;
/** What the section says to its factory: text, as it stands in the ini. */
export type FactorySettings = Readonly<Record<string, string>>;

/** `app_factory`: makes an app; runs in every worker. */
export type AppFactory<S = FactorySettings> = (globalConf: GlobalConf, settings: S) => App | Promise<App>;

/** `composite_factory`: makes an app of others, which it asks the loader for. */
export type CompositeFactory<S = FactorySettings> = (loader: Loader, globalConf: GlobalConf, settings: S) => App | Promise<App>;

/** `filter_factory`: makes a filter. */
export type FilterFactory<S = FactorySettings> = (globalConf: GlobalConf, settings: S) => Filter | Promise<Filter>;

/** `filter_app_factory`: filters an app at once. */
export type FilterAppFactory<S = FactorySettings> = (app: App, globalConf: GlobalConf, settings: S) => App | Promise<App>;

/**
 * What a composite asks for apps. A name is that of a section in the file that wrote it, `pkg#name`, `./app.js#name`,
 * `config:other.ini#name` or `call:./app.js:name`. `globalConf`: what the app is told over what its file says; a composite passes on
 * its own, as PasteDeploy's do. Each call makes a new one.
 *
 * Faults: all of the loader's.
 */
export interface Loader {
  getApp(name: string, globalConf?: GlobalConf): Promise<App>;
  getFilter(name: string, globalConf?: GlobalConf): Promise<Filter>;
  getServer(name: string, globalConf?: GlobalConf): Promise<Serve>;
  /** What a factory would be called with; nothing is made. */
  appContext(name: string, globalConf?: GlobalConf): Promise<LoaderContext>;
  filterContext(name: string, globalConf?: GlobalConf): Promise<LoaderContext>;
  serverContext(name: string, globalConf?: GlobalConf): Promise<LoaderContext>;
}

export interface LoaderContext {
  readonly section: string | undefined;
  readonly globalConf: GlobalConf;
  readonly localConf: FactorySettings;
}

/** Where a worker gets its app. Plain data, so that it crosses a thread wall, and a server need not know what an ini file is. */
export interface AppSource {
  /** The URL of a module. */
  readonly module: string;
  /** A function of that module: `(args) => App | LivingApp`, at once or as a promise. */
  readonly export: string;
  readonly args: unknown;
  /** What the configuration says of logging; nothing where it says nothing. */
  readonly logging?: LoggingConfig | undefined;
  /**
   * Reads the configuration again, for a reload: the app anew, and what `[server:...]` says now. What is not there stays as it is. A
   * function stays in the thread where it was made.
   */
  readonly again?: () => Promise<Again>;
  /** For a server that reloads by itself. It stays in the thread where it was made. */
  readonly watch?: Watch;
}

/** What there is to be watched beside what is read and imported. */
export interface Watch {
  /** Whoever makes the source wants it watched, whatever the options of the server say. */
  readonly isWanted: boolean;
  /** The files that were read to make it, as far as that is known. */
  read(): Iterable<string>;
  /** What the configuration names now. May fail as `again` does. */
  wishes(): Promise<Wishes>;
}

/** Globs, each with the folder that it is relative to. */
export interface Wishes {
  readonly include: readonly WatchPattern[];
  readonly ignore: readonly WatchPattern[];
}

export interface WatchPattern {
  readonly glob: string;
  readonly folder: string;
  /** A `*` passes slashes too, as in Python's fnmatch. */
  readonly isFnmatch?: boolean;
}

export interface Again {
  readonly source: AppSource;
  /** As a server_factory or server_runner is given them. */
  readonly settings?: unknown;
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
  /** New workers with fresh code take over when all are ready. Rejects with the Fault that kept them from it; the old ones go on. */
  reload(): Promise<void>;
  /** More or fewer workers. Faults: NOT_SERVING, OPTION_INVALID. */
  scale(workers: number): void;
}

/** What serves an app. */
export type Serve = (source: AppSource) => ServerHandle | Promise<ServerHandle>;

/** `server_factory` and `server_runner`. A factory with `options` gets settled values instead of text. */
export type ServerFactory = (globalConf: GlobalConf, settings: never) => Serve | Promise<Serve>;
export type ServerRunner = (source: AppSource, globalConf: GlobalConf, settings: never) => ServerHandle | Promise<ServerHandle>;
