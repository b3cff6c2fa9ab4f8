// migration/pyruvate.ts: Pyruvate (1.6). Names and defaults are a contract (packages/server/src/options.ts).

import type { Peer } from './counterpart.ts';

export const PYRUVATE: Peer = {
  page: 'pyruvate.md',
  tables: {
    options: [
      ['socket', 'socket', 'Several addresses too; `None` takes all sockets of systemd, not the first alone.'],
      ['workers', 'workers', 'Threads with an app each. `auto` is one for each core.'],
      ['max_number_headers', 'max_number_headers', 'One more is answered with 431, not with 400.'],
      ['async_logging', 'async_logging', 'One log thread for the process, and no lock that it shares with the app.'],
      ['chunked_transfer', 'chunked_transfer', 'The same.'],
      ['max_reuse_count', 'max_reuse_count', 'Beyond 255 too, or `unlimited`.'],
      ['keepalive_timeout', 'keepalive_timeout', 'How long a connection may be idle; theirs is how old it may become.'],
      [
        'qmon_warn_threshold',
        'qmon_warn_threshold',
        'Said when the queue of a worker comes to that length; it has a limit as well (`queue_limit`).',
      ],
      ['send_timeout', 'send_timeout', 'The same.'],
      ['write_blocking', '', 'Pyruvate took it away in 1.2.0; here it is an unknown option.'],
    ],
  },
};
