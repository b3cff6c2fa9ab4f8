// peer-warnings.ts: lists of proxies that are right by themselves, and can name nobody who connects, or name everybody.
//
// Law: nothing is refused here: a firewall may know better, and one ini may serve on several machines.

import type { Warning } from '@appserve/core';
import type { WrittenAddress } from './listen/address.ts';
import type { ServiceSettings } from './settings.ts';

/** `addresses`: what is listened on, as bound; or as written, where nobody knows what a socket is that is inherited. */
export function peerWarnings(settings: ServiceSettings, addresses: readonly WrittenAddress[]): Warning[] {
  const lists = {
    proxy_allow: settings.proxyAllow,
    forwarded_allow: settings.protocol === 'fastcgi' ? undefined : settings.forwardedAllow,
  };
  const types = new Set(addresses.map(({ type }) => type));
  return Object.entries(lists).flatMap(([key, words]) => {
    const why = words === undefined ? undefined : whyOdd(words, types);
    return why === undefined ? [] : [{ code: 'PROXIES_DOUBTFUL', key, message: `${key} = ${words!.join(' ')}: ${why}` }];
  });
}

function whyOdd(words: readonly string[], types: ReadonlySet<WrittenAddress['type']>): string | undefined {
  const hasTcp = types.has('tcp');
  const areKnown = !types.has('fd') && !types.has('systemd');
  if (areKnown && !hasTcp && !words.includes('unix'))
    return 'nobody who connects has an address, since all sockets are unix sockets: say unix';
  if (areKnown && !types.has('unix') && words.every((word) => word === 'unix'))
    return 'nobody comes by a unix socket, since there is none';
  const all = words.find((word) => /\/0+$/.test(word));
  if (!hasTcp || all === undefined) return undefined;
  return `${all} is everybody, and who is believed may say to be anybody: name the proxies, or let nobody else reach this server`;
}
