// settings.ts: what the rooms of this package are given of the options: settled values, as types only. Workers import no zod.

import type { Settled } from '@appserve/core/options';
import type { fastcgiOptions } from './fastcgi-options.ts';
import type { serverOptions } from './options.ts';
import type { TlsMaterial } from './tls/material.ts';

export type ServerSettings = Settled<typeof serverOptions>;
/** As `[server:main]` says them; fastcgi-settings.ts makes those of a process of them. */
export type FastcgiOptionValues = Settled<typeof fastcgiOptions>;

/** What the server of one thread needs, whatever it speaks. */
export interface ThreadSettings extends OfThread {
  /** Where sockets differ, since some are inherited: the backlog of each, by the order in which they are accepted from. */
  readonly backlogs?: readonly number[];
  /** How many descriptors the process may have; left out where nobody has asked. */
  readonly descriptorsMax?: number;
  /** What is spoken over TCP is over TLS. */
  readonly tls?: TlsMaterial | undefined;
}

type OfThread = Pick<
  ServerSettings,
  | 'backlog'
  | 'bodyTimeoutMs'
  | 'concurrency'
  | 'environClass'
  | 'gracefulTimeoutMs'
  | 'handlerClass'
  | 'headTimeoutMs'
  | 'interface'
  | 'keepaliveTimeoutMs'
  | 'lightFetch'
  | 'maxBodySizeBytes'
  | 'maxConnections'
  | 'minBodyRateBytes'
  | 'proxyAllow'
  | 'proxyProtocol'
  | 'qmonWarnThreshold'
  | 'queueLimit'
  | 'sendTimeoutMs'
  | 'socketGroup'
  | 'socketMode'
  | 'socketOwner'
>;

/** With what HTTP needs. */
export interface HttpSettings extends ThreadSettings, OfHttp {
  readonly protocol?: 'http';
}

type OfHttp = Pick<
  ServerSettings,
  | 'alpn'
  | 'chunkedTransfer'
  | 'date'
  | 'forwardedAllow'
  | 'forwardedBelieve'
  | 'forwardedHeader'
  | 'h2c'
  | 'http2InitialWindowSizeBytes'
  | 'http2MaxConcurrentStreams'
  | 'http2MaxRequests'
  | 'http2MaxResets'
  | 'handshakeTimeoutMs'
  | 'maxHandshakes'
  | 'maxHeadSizeBytes'
  | 'maxNumberHeaders'
  | 'maxRequestLineBytes'
  | 'maxReuseCount'
  | 'serverHeader'
  | 'serverName'
  | 'urlScheme'
  | 'via'
  | 'websocketMaxMessageBytes'
  | 'websocketPingMs'
>;

/** With what FastCGI needs. */
export interface FastcgiSettings extends ThreadSettings, OfFastcgi {
  /** Which protocol is spoken: HTTP where nothing is said. */
  readonly protocol: 'fastcgi';
  /** Of the process, as FCGI_GET_VALUES is told them. */
  readonly processConnections: number;
  readonly processRequests: number;
  /** What this thread has of them. */
  readonly requestsMax: number;
}

type OfFastcgi = Pick<
  FastcgiOptionValues,
  'bufferSizeBytes' | 'fastcgiAllow' | 'maxParams' | 'maxParamsSizeBytes' | 'maxReqsPerConn' | 'mpxsConns' | 'role' | 'scriptName'
>;

/** What the main thread needs, whatever the workers speak. */
export type SharedSettings = Omit<ServerSettings, keyof OfHttp | keyof TlsOptionValues>;

/** What the main thread makes the material of TLS of. */
export type TlsOptionValues = Pick<
  ServerSettings,
  'caCerts' | 'certReqs' | 'certfile' | 'certificates' | 'ciphers' | 'crlfile' | 'keyfile' | 'keyfilePassword' | 'sslVersion'
>;

/** Of one server: what its main thread needs, and its workers. */
export type ServiceSettings = SharedSettings & ((HttpSettings & TlsOptionValues) | FastcgiSettings);
