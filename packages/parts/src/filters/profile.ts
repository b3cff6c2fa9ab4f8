// filters/profile.ts: CPU profiles of requests, by the inspector of the worker's own thread.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Environ, Filter, GatewayResult, GlobalConf } from '@appserve/core/app';
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
    return profiled(
      file,
      environ,
      async () => inner(environ, startResponse),
      () => (isBusy = false),
    );
  });
}

/** `20261121T153000-123-worker-1-4-GET-_blog_1`: what a path has is no name of a file. */
function nameOf({ REQUEST_METHOD: method, PATH_INFO: path }: Environ, count: number): string {
  const time = new Date().toISOString().replaceAll(/[-:Z]/g, '').replace('.', '-');
  const what = `${method}-${path}`.replaceAll(/[^A-Za-z0-9-]+/g, '_').slice(0, 80);
  return `${time}-${process.pid}-${threadId}-${count}-${what}`;
}

async function profiled(
  file: string,
  environ: Environ,
  ask: () => Promise<GatewayResult>,
  done: () => void,
): Promise<GatewayResult> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const end = async (): Promise<void> => {
    try {
      const { profile: found } = await session.post('Profiler.stop');
      await mkdir(join(file, '..'), { recursive: true });
      // Whole, or not there: somebody may wait for it.
      await writeFile(`${file}.part`, JSON.stringify(found), { flag: 'wx' });
      await rename(`${file}.part`, file);
    } catch (error) {
      environ['wsgi.errors'].write(`the profile ${file} cannot be written: ${String(error)}\n`);
    } finally {
      session.disconnect();
      done();
    }
  };
  try {
    return closing(await ask(), end);
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
