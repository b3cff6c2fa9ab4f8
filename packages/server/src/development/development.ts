// development/development.ts: a server that reloads by itself: it watches, has the supervisor start workers with fresh code, and shows
// what keeps them from it.
//
// Law: from the first sign of a change on nobody is answered by old code: connections wait. What is broken is shown, in the terminal and
// to every client, until something changes.

import { basename, relative } from 'node:path';
import { Fault, FaultList, fromErrorRecord, listenToReads } from '@appserve/core';
import type { AppSource, Watch, WatchPattern } from '@appserve/core/app';
import { describeError, type Logger } from '../log.ts';
import type { SharedSettings } from '../settings.ts';
import type { Controls } from '../signals.ts';
import type { Crew } from '../workers/crew.ts';
import type { Mender } from '../workers/mending.ts';
import type { Supervisor } from '../workers/supervisor.ts';
import { Burst } from './burst.ts';
import { failureOf } from './failure.ts';
import { hearKeys, type Keys } from './keys.ts';
import type { DevelopmentNews } from './news.ts';
import { Patterns } from './patterns.ts';
import { readsOf } from './reads.ts';
import { sayFailure, sayInPassing } from './say.ts';
import { Terminal } from './terminal.ts';
import type { FailedRequest } from './show.ts';
import { Watcher } from './watcher.ts';

/** Nobody is given to the workers that are there. */
type Holding = Pick<Supervisor, 'hold'>;

export interface DevelopmentFacts {
  readonly log: Logger;
  readonly settings: DevelopmentSettings;
  readonly watch: Watch | undefined;
}

type DevelopmentSettings = Pick<SharedSettings, 'reloadDirs' | 'reloadIgnore'>;

export class Development implements Mender {
  readonly #facts: DevelopmentFacts;
  readonly #watcher: Watcher;
  readonly #burst = new Burst();
  #timer: NodeJS.Timeout | undefined;
  #supervisor: Holding | undefined;
  #controls: Controls | undefined;
  #keys: Keys | undefined;
  readonly #terminal = new Terminal();
  #settings: DevelopmentSettings;
  /** Since when what is loading was to be loaded. */
  #sinceMs: number | undefined;
  #isReady = false;
  #isClosed = false;

  constructor(facts: DevelopmentFacts) {
    this.#facts = facts;
    this.#settings = facts.settings;
    this.#watcher = new Watcher({
      changed: (path) => this.#changed(path),
      polls: (why) => facts.log.warn(`some folders cannot be watched (${why}): they are looked at twice a second instead`),
    });
  }

  /** Before the first worker is started. */
  begin(supervisor: Holding, controls: Controls): void {
    this.#supervisor = supervisor;
    this.#controls = controls;
    this.#keys = hearKeys({ reload: () => this.#askedByKey(controls), quit: () => this.#quit(controls) });
    for (const path of this.#facts.watch?.read() ?? []) this.#watcher.follow(readsOf(path));
    listenToReads((path) => this.#watcher.follow(readsOf(path)));
    void this.#findPatterns();
  }

  close(): void {
    this.#isClosed = true;
    listenToReads(() => undefined);
    clearTimeout(this.#timer);
    this.#watcher.close();
    this.#keys?.close();
    if (this.isForsaken) this.#terminal.leave();
  }

  /** Nobody is there any more who develops: the terminal was closed. */
  get isForsaken(): boolean {
    return this.#terminal.isGone;
  }

  #quit(controls: Controls): void {
    controls.log.info(`q: ${controls.whatStopMeans}`);
    controls.stop(false);
  }

  #askedByKey(controls: Controls): void {
    this.#facts.log.info(`r: ${controls.whyNotReload ?? 'loading again'}`);
    controls.reload().catch(() => undefined);
  }

  /** Workers with fresh code are about to be started, whoever asked for it. */
  beginsLoading(): void {
    this.#isReady = false;
    this.#sinceMs ??= performance.now();
    this.#watcher.begin();
  }

  /** What was read of the options, and of what shall be watched, may be otherwise by now. */
  hasRead(settings: DevelopmentSettings): void {
    this.#settings = settings;
    void this.#findPatterns();
  }

  async #findPatterns(): Promise<void> {
    const { watch, log } = this.#facts;
    try {
      const wishes = (await watch?.wishes()) ?? { include: [], ignore: [] };
      if (this.#isClosed) return;
      const { reloadDirs = [], reloadIgnore = [] } = this.#settings;
      this.#watcher.name(
        new Patterns(
          [...reloadDirs.map(inWorkingFolder), ...wishes.include],
          [...reloadIgnore.map(inWorkingFolder), ...wishes.ignore],
        ),
      );
    } catch (error) {
      // A configuration that cannot be read is shown as that; anything else would be lost here.
      log.debug(`what else shall be watched could not be read: ${describeError(error)}`);
    }
  }

  hear(news: DevelopmentNews): void {
    if (this.#isClosed) return;
    if (news.type === 'reads') this.#watcher.follow(news.reads);
    else this.#tellFailedRequest(news.failed);
  }

  #changed(path: string): void {
    if (this.#isClosed || this.#controls === undefined || this.#controls.isStopping) return;
    this.#burst.add(path, performance.now());
    // At once, before it is known what else changes: who asks from here on is answered by what comes of it.
    this.#supervisor!.hold();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reload(), this.#burst.leftMs(performance.now()));
  }

  #reload(): void {
    const { paths, sinceMs } = this.#burst.take();
    this.#sinceMs = sinceMs;
    this.#facts.log.info(`${wordsFor(paths)} changed: loading`);
    // What becomes of it is told where it happens.
    this.#controls!.reload().catch(() => undefined);
  }

  /** Workers with fresh code have begun to serve; or those that stand in for them. */
  isServing(isStandIn: boolean): void {
    if (isStandIn) return;
    this.#isReady = true;
    this.#watcher.settle();
    // At the start the banner says it.
    if (this.#sinceMs !== undefined) this.#facts.log.info(`reloaded in ${Math.round(performance.now() - this.#sinceMs)} ms`);
    this.#sinceMs = undefined;
  }

  /** What is shown in place of the app. It is told here. */
  standIn(error: unknown, { settings, plan }: Crew): Omit<Crew, 'size'> {
    const failure = failureOf(headingOf(error, this.#isReady), error);
    this.#isReady = false;
    this.#sinceMs = undefined;
    sayFailure(failure, this.#keys);
    return {
      source: NO_APP,
      plan,
      settings: { ...settings, interface: 'gateway', handlerClass: undefined, environClass: undefined, lightFetch: false },
      development: { failure },
    };
  }

  #tellFailedRequest({ request, error }: FailedRequest): void {
    sayInPassing(failureOf(`${request} failed`, fromErrorRecord(error)));
  }
}

function inWorkingFolder(glob: string): WatchPattern {
  return { glob, folder: process.cwd() };
}

const OF_SERVER = /^\[server(?::|\])/;

/** Who has to mend it reads first what it is: the app, or the section of its server. */
function headingOf(error: unknown, isReady: boolean): string {
  const faults = error instanceof FaultList ? error.faults : [error];
  if (faults.every((fault) => fault instanceof Fault && isOfServer(fault))) return 'The server cannot be set up';
  return isReady ? 'The app has crashed' : 'The app cannot be loaded';
}

/** Asked for by its section, at last; or by the command line, which asks for none. */
function isOfServer({ code, askedBy, details }: Fault): boolean {
  return code === 'SECTION_MISSING'
    ? (details as { readonly role: string }).role === 'server'
    : OF_SERVER.test(askedBy.at(-1) ?? '');
}

/** A worker that stands in loads none. */
const NO_APP: AppSource = { module: import.meta.url, export: 'none', args: undefined };

const NAMES_MAX = 3;

function wordsFor(paths: readonly string[]): string {
  const names = paths.slice(0, NAMES_MAX).map((path) => {
    const inside = relative(process.cwd(), path);
    return inside.startsWith('..') ? path : inside || basename(path);
  });
  const more = paths.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
}
