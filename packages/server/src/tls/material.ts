// tls/material.ts: what the main thread has made of the options of TLS: plain data, which crosses to the workers. They read no file: they
// may be another user than who read them, and all have the same.

/** A certificate with its chain, and its key, in PEM; the key without a passphrase. */
export interface HostCertificate {
  /** Names that it is shown for; `*.example.org` stands for one label. Of the first certificate none: it is for all others. */
  readonly hosts: readonly string[];
  readonly cert: string;
  readonly key: string;
}

/** Whether a client has to show a certificate: a wrong one is refused in either case. */
export type ClientCertificates = 'none' | 'optional' | 'required';

export interface TlsMaterial {
  readonly certificates: readonly [HostCertificate, ...HostCertificate[]];
  /** Who is believed about clients, in PEM. */
  readonly ca: string | undefined;
  /** Which of their certificates are revoked: lists in PEM, since node:tls reads one of each text. */
  readonly crls?: readonly string[] | undefined;
  readonly clientCertificates: ClientCertificates;
  readonly ciphers: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** 48 bytes that all workers of a generation have, so that each takes up what another has settled. */
  readonly ticketKeys?: Uint8Array;
}
