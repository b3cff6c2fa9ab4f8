// machines.ts: the machines of this package, for tests. Nothing here opens a file or looks at a clock.

export { Decoys } from './filters/decoys.ts';
export { readHtpasswd } from './filters/htpasswd.ts';
export { Rates } from './filters/rates.ts';
export { Signer } from './filters/signed-value.ts';
