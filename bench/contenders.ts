// contenders.ts: who takes part. Each is a program in bench/servers with the same answers.

import type { Contender } from './contestant.ts';

export const GATEWAY: Contender = { name: 'gateway', program: 'gateway' };
/** With the documented default of [server:main]: a connection for each request. */
export const GATEWAY_CLOSING: Contender = { name: 'gateway', program: 'gateway', args: ['0'] };
/** With an address for metrics, so that each request is timed; nobody asks there. */
export const GATEWAY_METRICS: Contender = { name: 'with metrics', program: 'gateway', args: ['unlimited', '127.0.0.1:0'] };
export const NODE_HTTP: Contender = { name: 'node:http', program: 'node-http' };
export const GATEWAY_TLS: Contender = { name: 'gateway', program: 'gateway', args: ['unlimited', 'None', 'tls'] };
export const NODE_HTTPS: Contender = { name: 'node:https', program: 'node-http', args: ['tls'] };
/** No HTTP at all: one fixed buffer for every 'data'. */
export const NET: Contender = { name: 'net', program: 'net' };
export const BUN: Contender = { name: 'Bun.serve', program: 'bun', runtime: 'bun' };
export const WEBSOCKET: Contender = { name: 'appserve', program: 'websocket' };
export const WS_NODE_HTTP: Contender = { name: 'ws', program: 'ws-node-http' };
export const FETCH: Contender = { name: 'fetch', program: 'fetch' };
export const FETCH_LIGHT: Contender = { name: 'fetch, light', program: 'fetch', args: ['light'] };
export const HONO_NODE_SERVER: Contender = { name: 'node-server', program: 'hono-node-server' };
