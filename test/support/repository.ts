// repository.ts: where things are. Tests run from build/, fixtures and examples stay where they are written.

import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export function inRepository(path: string): string {
  return `${ROOT}${path}`;
}
