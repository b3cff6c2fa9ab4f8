// options/workers.ts: who answers, how much at once, and for how long.

import { choice, count, countOr, option, optional, seconds, size, type Options } from '@appserve/core/options';
import { WORKERS_MAX } from '../workers/fleet.ts';

const UNLIMITED = { unlimited: Number.POSITIVE_INFINITY } as const;

export const workersOptions = {
  workers: optional(
    countOr({ auto: 'auto' } as const, { min: 1, max: WORKERS_MAX }),
    'How many workers; auto: one for each available core. An ini file must say it, here or as num_workers; in serve() 1 when left out.',
    'Pyruvate',
  ),
  worker_class: option(
    choice('thread', 'process', 'inline'),
    'thread',
    'What a worker is: a thread; a process, for apps whose native parts do not bear threads; or, inline, the main thread itself, for a debugger: one worker that nobody can replace.',
    'gevent-fastcgi, uvwsgi',
  ),
  num_workers: optional(
    count({ min: 1, max: WORKERS_MAX }),
    'Another spelling of workers with worker_class = process.',
    'gevent-fastcgi',
  ),
  dispatch: option(
    choice('shared', 'balanced'),
    'shared',
    'shared: workers accept connections by themselves. balanced: the main thread accepts, and gives each connection to the worker with the least to do.',
    'uvwsgi',
  ),
  concurrency: option(
    countOr(UNLIMITED, { min: 1 }),
    'unlimited',
    'App calls at once in a worker; further requests wait in its request queue.',
    'gevent',
  ),
  queue_limit: option(countOr(UNLIMITED), '1024', 'When this many requests wait, further ones get 503 at once.'),
  qmon_warn_threshold: optional(
    countOr({ None: undefined }, { min: 1 }),
    'Warn when the request queue of a worker reaches this length; None: never.',
    'Pyruvate',
  ),
  graceful_timeout: option(seconds(), '30', 'How long requests in flight may take when the server stops.', 'gevent'),
  stop_delay: option(
    seconds(),
    '0',
    'How long the server goes on serving when it is asked to stop: /-/ready is 503 at once, so that balancers send their clients elsewhere; then it stops. See docs/guide/operations.md.',
  ),
  worker_timeout: option(
    seconds({ minMs: 1_000, off: true }),
    '0',
    'A worker whose event loop does not turn for this long is logged with its request and its stack, ended and replaced; 0: never. Loading the app does not count.',
    'gunicorn',
  ),
  max_requests: option(
    count(),
    '0',
    'A worker that has answered this many requests is replaced, and no connection is refused; 0: never.',
    'gunicorn',
  ),
  max_requests_jitter: option(
    count(),
    '0',
    'Up to so many requests more, another number for each worker, so that they are not all replaced at once; it needs max_requests.',
    'gunicorn',
  ),
  max_worker_memory: option(
    size(),
    '0',
    'A worker that holds more memory, heap and buffers together, is replaced as with max_requests; 0: never.',
  ),
  max_worker_lifetime: option(
    seconds(),
    '0',
    'A worker that has served for this long is replaced as with max_requests; 0: never.',
  ),
  heap_limit: optional(
    size({ min: 16 * 2 ** 20 }),
    'JavaScript heap of a worker, without its buffers: one that needs more ends, and is replaced. Left out, V8 decides.',
  ),
  stack_limit: optional(
    size({ min: 512 * 2 ** 10 }),
    'Stack that JavaScript may use in a worker. Left out, it is 4MiB in a thread, and 984KiB in a process, which cannot have more than ulimit -s.',
  ),
  idle_exit: option(
    seconds(),
    '0',
    'Stop when no connection has been open for this long; 0: never. With socket activation the service is started again by the next client.',
  ),
} as const satisfies Options;
