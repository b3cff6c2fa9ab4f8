// What docs/migration is printed from.

import { FASTIFY_CLI } from './fastify-cli.ts';
import { GEVENT } from './gevent.ts';
import { GUNICORN } from './gunicorn.ts';
import { PM2 } from './pm2.ts';
import { PSERVE } from './pserve.ts';
import { PYRUVATE } from './pyruvate.ts';

export { migrationTable, parted } from './counterpart.ts';

export const PEERS = [PSERVE, GUNICORN, PYRUVATE, GEVENT, PM2, FASTIFY_CLI] as const;
