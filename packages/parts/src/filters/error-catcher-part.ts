// filters/error-catcher-part.ts: the options of `@appserve/parts#error_catcher`.

import { bool, option, optional, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const errorCatcherPart = part({
  group: 'filter_factory',
  does: `Answers for an app that fails before it has begun its answer: a page with the error and its causes while one develops, a plain
\`500 Internal Server Error\` in production. What failed is written to the log either way. An answer that has begun is broken off, as without this
filter.`,
  options: {
    debug: optional(
      bool(),
      'Show the error to whoever has asked; `debug` of `[DEFAULT]` when left out. Never where strangers may ask.',
    ),
    message: option(text(), 'The server could not answer this request.', 'What the page in production says.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = errors

[filter:errors]
use = @appserve/parts#error_catcher
debug = true
`,
  legacy: ['Paste#error_catcher', 'Paste#evalerror', 'Paste#cgitb'],
});
