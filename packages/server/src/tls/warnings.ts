// tls/warnings.ts: what is to be said of certificates that work, but not for every client, or not for long. A machine: time is given.

import type { X509Certificate } from 'node:crypto';

export interface CertificateFile {
  /** The option that names it. */
  readonly key: string;
  readonly path: string;
  /** What it shall be shown for; none for that which is shown to all others. */
  readonly hosts: readonly string[];
}

const DAY_MS = 86_400_000;
/** Whoever renews by himself does so a month before the end. */
const SOON_MS = 14 * DAY_MS;

/** `chain`: that of the server first. */
export function warningsOf({ key, path, hosts }: CertificateFile, chain: readonly X509Certificate[], nowMs: number): string[] {
  const [own] = chain;
  const ofTime = chain.flatMap((certificate, index) => {
    const which = chain.length === 1 ? 'the certificate' : `certificate ${index + 1} of ${chain.length}`;
    const why = whyNotNow(certificate, nowMs);
    return why === undefined ? [] : [`${which} ${why}`];
  });
  const foreign = chain.findIndex((certificate, index) => index > 0 && !chain[index - 1]!.checkIssued(certificate));
  const ofChain =
    foreign === -1 ? [] : [`certificate ${foreign + 1} has not issued the one before it: some clients will not trust it`];
  const ofHosts = hosts
    .filter((host) => !covers(own!, host))
    .map((host) => `the certificate is not for ${host}: clients will refuse it`);
  return [...ofTime, ...ofChain, ...ofHosts].map((what) => `${key}: ${path}: ${what}`);
}

function whyNotNow({ validFrom, validTo }: X509Certificate, nowMs: number): string | undefined {
  const endMs = Date.parse(validTo);
  if (Date.parse(validFrom) > nowMs) return `is not valid before ${validFrom}`;
  if (endMs < nowMs) return `has expired at ${validTo}: clients refuse it`;
  return endMs - nowMs < SOON_MS ? `expires in ${Math.floor((endMs - nowMs) / DAY_MS)} days, at ${validTo}` : undefined;
}

/** A wildcard is for what it stands for: any label will do to ask. */
function covers(certificate: X509Certificate, host: string): boolean {
  return certificate.checkHost(host.replace(/^\*\./, 'any.').replace(/\.$/, '')) !== undefined;
}
