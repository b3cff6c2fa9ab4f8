// apps/static-part.ts: the options of `@appserve/parts#static`.

import { bool, choice, list, option, optional, required, seconds, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const staticPart = part({
  group: 'app_factory',
  does: `Files of a folder, for GET and HEAD: with ETag and Last-Modified, conditional requests, one range of a file, and its \`.br\`, \`.zst\` or
\`.gz\` beside it where the client takes that. Nothing outside of the folder is ever sent, nor what has two readings: no \`..\`, no empty
segment, no backslash, no colon, no bytes that are not UTF-8, in whatever encoding.`,
  options: {
    document_root: option(
      text('a folder', 'FOLDER'),
      required,
      'The folder; a relative one stands beside the ini. It must be there when the app starts.',
      'Paste',
    ),
    cache_max_age: optional(
      seconds(),
      'How long clients may keep a file without asking: max-age of Cache-Control. Nothing is said of it when left out.',
      'Paste',
    ),
    immutable: option(
      list('beginnings of paths, such as /assets/', 'PATHS', (word) => word.startsWith('/')),
      '',
      'Below these, files never change under their name, which has a hash in it: clients keep them for a year and never ask.',
    ),
    index: option(
      list('names of files parted by white space', 'NAMES', (word) => !/[/\\]|,$/.test(word)),
      'index.html',
      'What stands for a folder: the first of these that is there.',
    ),
    fallback: optional(
      text('the path of a file in the folder', 'PATH'),
      'What is sent instead of 404 to who takes text/html: the page of an app that knows its paths itself.',
    ),
    precompressed: option(bool(), 'true', 'Whether files that are compressed already are looked for beside those asked for.'),
    dotfiles: option(
      choice('ignore', 'deny', 'allow'),
      'ignore',
      'Names that begin with a dot: 404, 403, or sent as others. `/.well-known/` is none of them (RFC 8615).',
    ),
    symlinks: option(
      choice('inside', 'allow', 'deny'),
      'inside',
      'Links: sent where they lead to a file in the folder, wherever they lead, or nowhere.',
    ),
    recheck: option(
      seconds(),
      '1s',
      'How long what is known of a file is believed before the disk is asked again; 0: asked every time. Small files are kept in memory so long as they do not change.',
    ),
  },
  example: `
[app:main]
use = @appserve/parts#static
document_root = %(here)s/public
cache_max_age = 5m
immutable = /assets/
`,
  legacy: ['Paste#static'],
});
