// apps/test-part.ts: the options of `@appserve/parts#test`.

import { count, option, seconds, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const testPart = part({
  group: 'app_factory',
  does: 'Answers every request with the same text: something to try a server, a filter or a composite with.',
  options: {
    text: option(text(), 'It works!', 'What it says, in a line.'),
    status: option(count({ min: 200, max: 599 }), '200', 'Its status.'),
    content_type: option(text('a media type', 'TYPE'), 'text/plain; charset=utf-8', 'Its Content-Type.'),
    delay: option(seconds(), '0', 'How long a request waits for its answer.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
text = Hello, world!
`,
  legacy: ['Paste#test'],
});
