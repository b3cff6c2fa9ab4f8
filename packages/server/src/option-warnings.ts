// option-warnings.ts: what is to be said of options that are right by themselves, as far as they alone tell it: a check of a configuration
// says it too. The start says the same of what is bound by then, and refuses what its machine cannot do.

import type { Warning } from '@appserve/core';
import { wantedAddresses } from './crew-settings.ts';
import { isEverywhere, parseAddress, type WrittenAddress } from './listen/address.ts';
import { machineWarnings } from './machine-warnings.ts';
import { peerWarnings } from './peer-warnings.ts';
import type { ServiceSettings } from './settings.ts';
import { readTlsNow } from './tls/tls-now.ts';

/** `settings`: they have been checked. */
export function optionWarnings(settings: ServiceSettings): Warning[] {
  const addresses = wantedAddresses(settings).map(parseAddress);
  const ofTls = settings.protocol === 'fastcgi' ? [] : readTlsNow(settings).warnings;
  return [
    ...ofTls,
    ...machineWarnings(settings),
    ...peerWarnings(settings, addresses),
    ...(settings.reload ? exposureOf(addresses) : []),
  ];
}

/** Where errors are shown: whether others than who develops see them. */
export function exposureOf(addresses: readonly WrittenAddress[]): Warning[] {
  const message = 'errors are shown with their source (reload) to whoever can connect, and every interface is listened on';
  return addresses.some(isEverywhere) ? [{ code: 'ERRORS_EXPOSED', key: 'reload', message }] : [];
}
