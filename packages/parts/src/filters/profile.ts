// filters/profile.ts: CPU profiles of requests, by the inspector of the worker's own thread.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Environ, ErrorStream, Filter, GatewayResult, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import type { profilePart } from './profile-part.ts';

/** A `filter_factory`. */
export function profile({ here = '.' }: GlobalConf, settings: Settled<typeof profilePart.options>): Filter {
  const folder = resolve(here, settings.folder);
  let asked = 0;
  let files = 0;
  let isBusy = false;
  return gatewayFilter((inner) => (environ, startResponse) => {
    asked += 1;
    const isMeant = (asked - 1) % settings.every === 0 && files < settings.maxFiles && !isBusy;
    if (!isMeant) return inner(environ, startResponse);
    files += 1;
    isBusy = true;
    const file = join(folder, `${nameOf(environ, files)}.cpuprofile`);
    const running = new Profile(file, environ['wsgi.errors'], () => (isBusy = false));
    return profiled(running, async () => inner(environ, startResponse), settings.maxTimeMs);
  });
}

/** `20261121T153000-123-worker-1-4-GET-_blog_1`: what a path has is no name of a file. */
function nameOf({ REQUEST_METHOD: method, PATH_INFO: path }: Environ, count: number): string {
  const time = new Date().toISOString().replaceAll(/[-:Z]/g, '').replace('.', '-');
  const what = `${method}-${path}`.replaceAll(/[^A-Za-z0-9-]+/g, '_').slice(0, 80);
  return `${time}-${process.pid}-${threadId}-${count}-${what}`;
}

/** Requests are short: V8's own millisecond would see nothing of most of them. */
const INTERVAL_US = 200;

class Profile {
  readonly #session = new Session();
  readonly #file: string;
  readonly #errors: ErrorStream;
  readonly #done: () => void;
  #ending: Promise<void> | undefined;

  constructor(file: string, errors: ErrorStream, done: () => void) {
    this.#file = file;
    this.#errors = errors;
    this.#done = done;
  }

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await this.#session.post('Profiler.start');
  }

  /** Once, whoever says it first. */
  end(): Promise<void> {
    return (this.#ending ??= this.#write());
  }

  async #write(): Promise<void> {
    try {
      const { profile: found } = await this.#session.post('Profiler.stop');
      await mkdir(dirname(this.#file), { recursive: true });
      // Whole, or not there: somebody may wait for it.
      await writeFile(`${this.#file}.part`, JSON.stringify(found), { flag: 'wx' });
      await rename(`${this.#file}.part`, this.#file);
    } catch (error) {
      this.#errors.write(`the profile ${this.#file} cannot be written: ${String(error)}\n`);
    } finally {
      this.#session.disconnect();
      this.#done();
    }
  }
}

async function profiled(running: Profile, ask: () => Promise<GatewayResult>, maxTimeMs: number): Promise<GatewayResult> {
  await running.start();
  const timer = setTimeout(() => void running.end(), maxTimeMs).unref();
  const end = (): Promise<void> => {
    clearTimeout(timer);
    return running.end();
  };
  try {
    const result = await ask();
    if (!Array.isArray(result)) return closing(result, end);
    // It is all there, and goes out with its length.
    await end();
    return result;
  } catch (error) {
    await end();
    throw error;
  }
}

/** The profile ends when the answer does, whatever way that is. */
function closing(result: GatewayResult, end: () => Promise<void>): GatewayResult {
  return {
    async *[Symbol.asyncIterator]() {
      yield* result;
    },
    async close() {
      try {
        await result.close?.();
      } finally {
        await end();
      }
    },
  };
}
