// filters/believed-part.ts: the option that says which fields a trusted proxy has written.
//
// A proxy that is trusted may still pass on what its client has written: nginx and HAProxy send X-Forwarded-Host and -Port of the client
// through as they come, unless somebody has told them to write these. X-Forwarded-For and -Proto are those that guides set.

import { option, parsed } from '@appserve/core/options';

export type Believed = 'for' | 'proto' | 'host' | 'port';

function isBelieved(word: string): word is Believed {
  return ['for', 'proto', 'host', 'port'].includes(word);
}

function wordsOf(text: string): readonly Believed[] | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  return words.length > 0 && words.every(isBelieved) ? words : undefined;
}

export const believeOption = option(
  parsed(wordsOf, 'some of for, proto, host and port', 'WORDS'),
  'for proto',
  'Which of X-Forwarded-For, -Proto, -Host and -Port the proxies write. Most pass on what a client says in one that they do not write, so name host and port only where the proxy sets them.',
);
