// filters/gzip-part.ts: the options of `@appserve/parts#gzip`.

import { count, option, parsed, size } from '@appserve/core/options';
import { part } from '../part.ts';
import { CODINGS, type Coding } from './codings.ts';

function codings(text: string): readonly Coding[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const known = words.filter((word): word is Coding => (CODINGS as readonly string[]).includes(word));
  return words.length > 0 && known.length === words.length ? known : undefined;
}

const TYPE = /^(?:\*|[a-z0-9!#$&^_.+-]+)\/(?:\*|\*\+[a-z0-9]+|[a-z0-9!#$&^_.+-]+)$/;

function types(text: string): readonly string[] | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  return words.length > 0 && words.every((word) => TYPE.test(word)) ? words : undefined;
}

export const gzipPart = part({
  group: 'filter_factory',
  does: `Compresses what the app answers, by the coding that the client likes best. An answer that comes piece by piece goes out so too, each piece
as soon as it is there. Left as they are: what is short, of a type that does not shrink, compressed already, a part of something
(206), or says \`Cache-Control: no-transform\`. ETags become weak: they name the same text in other bytes. An answer that shows a secret beside what the
asker has written should not be compressed (BREACH): let such an app say \`no-transform\`.`,
  options: {
    codings: option(
      parsed(codings, `codings of ${CODINGS.join(', ')}`, 'CODINGS'),
      'br zstd gzip',
      'What it has, the best one first; zstd where Node has it (22.15 and later).',
    ),
    compress_level: option(
      count({ min: 1, max: 9 }),
      '6',
      'Of gzip: 1 is quick, 9 is small. Brotli and zstd take what is as quick.',
    ),
    min_size: option(size(), '1000', 'What is shorter, and known to be, is left as it is.'),
    types: option(
      parsed(types, 'media types such as text/* or application/*+json', 'TYPES'),
      'text/* application/json application/javascript application/xml application/wasm application/manifest+json application/*+json application/*+xml image/svg+xml font/ttf font/otf',
      'What is compressed.',
    ),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = small

[filter:small]
use = @appserve/parts#gzip
`,
  legacy: ['Paste#gzip'],
});
