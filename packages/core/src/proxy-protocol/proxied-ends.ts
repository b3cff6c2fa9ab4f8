// proxy-protocol/proxied-ends.ts: what a header says.

/** The two ends of the connection between the client and the proxy. */
export interface ProxiedEnds {
  /** Empty for a unix socket. */
  readonly remoteAddress: string;
  readonly remotePort: string;
  /** Of a unix socket its path, with an empty port. */
  readonly localAddress: string;
  readonly localPort: string;
  /** The client speaks TLS with the proxy, which tells so (PP2_TYPE_SSL). */
  readonly isSecure: boolean;
}

export interface ProxyHeader {
  /** Nothing where the proxy speaks for itself, or does not know: then the connection's own ends count (LOCAL, UNKNOWN, AF_UNSPEC). */
  readonly ends: ProxiedEnds | undefined;
  /** In bytes; the client's own begin behind them. */
  readonly length: number;
}
