// The face of this folder: what a proxy says ahead of the first byte of its client.

export { HEADER_BYTES_MAX } from './binary.ts';
export { readProxyHeader, type ProxyVersions } from './header.ts';
export type { ProxiedEnds, ProxyHeader } from './proxied-ends.ts';
