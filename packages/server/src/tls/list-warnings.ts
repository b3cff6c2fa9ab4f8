// tls/list-warnings.ts: what is to be said of lists of what is revoked that shut out whom they shall not, or soon will. A machine: time is
// given.
//
// Law: a certificate whose authority has no list that is valid now is refused (X509_V_FLAG_CRL_CHECK_ALL, which node:tls sets). A list of
// nobody in ca_certs does no harm: it may be that of an authority in between, which clients show themselves.

import type { X509Certificate } from 'node:crypto';
import { subjectKeyOf, type RevocationList } from './revocation-list.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Some lists are for a day, others for a month: the end is near in the last quarter of that, and not before that of a certificate is. */
const SOON_MAX_MS = 14 * DAY_MS;
const SOON_SHARE = 1 / 4;

export interface ListFile {
  /** The option that names it. */
  readonly key: string;
  readonly path: string;
}

/** `authorities`: those that are believed about clients. */
export function listWarningsOf(
  { key, path }: ListFile,
  lists: readonly RevocationList[],
  authorities: readonly X509Certificate[],
  nowMs: number,
): string[] {
  const names = new Map(authorities.map((authority) => [subjectKeyOf(authority), authority.subject.replaceAll('\n', ', ')]));
  const issuerKeys = new Set(lists.map(({ issuerKey }) => issuerKey));
  const missing = [...names]
    .filter(([subjectKey]) => !issuerKeys.has(subjectKey))
    .map(([, name]) => `there is no list of ${name}: whoever it has issued is refused${strangersAmong(lists, names)}`);
  const ofTime = [...issuerKeys].flatMap((issuerKey) => {
    const own = lists.filter((list) => list.issuerKey === issuerKey);
    // Where there are several, OpenSSL takes the one that is valid.
    if (own.some((list) => whyNotNow(list, nowMs) === undefined)) return [];
    const last = own.reduce((one, other) => (endMsOf(other) > endMsOf(one) ? other : one));
    const of = names.get(issuerKey) ?? `an authority that ca_certs does not name (${placeIn(lists, last)})`;
    return [`the list of ${of} ${whyNotNow(last, nowMs)}`];
  });
  return [...missing, ...ofTime].map((what) => `${key}: ${path}: ${what}`);
}

/** Whoever has taken the wrong file sees it so. */
function strangersAmong(lists: readonly RevocationList[], names: ReadonlyMap<string, string>): string {
  const places = lists.filter(({ issuerKey }) => !names.has(issuerKey)).map((list) => placeIn(lists, list));
  return places.length === 0 ? '' : ` (of nobody in ca_certs: ${places.join(', ')})`;
}

function placeIn(lists: readonly RevocationList[], list: RevocationList): string {
  return `list ${lists.indexOf(list) + 1} of ${lists.length}`;
}

function whyNotNow(list: RevocationList, nowMs: number): string | undefined {
  const { thisUpdateMs } = list;
  const endMs = endMsOf(list);
  const refused = 'whoever it has issued is refused';
  if (thisUpdateMs > nowMs) return `is not valid before ${told(thisUpdateMs)}: ${refused}`;
  if (endMs < nowMs) return `is out of date since ${told(endMs)}: ${refused}`;
  const restMs = endMs - nowMs;
  const isSoon = restMs < Math.min(SOON_MAX_MS, (endMs - thisUpdateMs) * SOON_SHARE);
  return isSoon ? `is out of date in ${spanOf(restMs)}, at ${told(endMs)}: then ${refused}` : undefined;
}

function endMsOf({ nextUpdateMs }: RevocationList): number {
  return nextUpdateMs ?? Number.POSITIVE_INFINITY;
}

function told(ms: number): string {
  return new Date(ms).toUTCString();
}

function spanOf(ms: number): string {
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} hours` : `${Math.floor(ms / DAY_MS)} days`;
}
