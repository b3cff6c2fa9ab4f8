// composites/cascade-part.ts: the options of `@appserve/parts#cascade`.

import { naming, option, others, parsed, size, text, together } from '@appserve/core/options';
import { part } from '../part.ts';
import { numbered } from './numbered.ts';

/** Paste's list: by white space or commas. */
function statusesOf(written: string): readonly number[] | undefined {
  const words = written.split(/[\s,]+/).filter((word) => word !== '');
  return words.length > 0 && words.every((word) => /^[2-5][0-9]{2}$/.test(word)) ? words.map(Number) : undefined;
}

export const cascadePart = part({
  group: 'composite_factory',
  does: `Asks one app after the other, in the order of their numbers, until one has an answer whose status is not in \`catch\`. The last one's
answer counts whatever it is. What one app has read of a request body the next one reads again from its beginning.`,
  options: together(
    {
      catch: option(
        parsed(statusesOf, 'statuses from 200 to 599, parted by white space or commas', 'LIST'),
        '404',
        'The statuses that mean: ask the next one.',
        'Paste',
      ),
      body_limit: option(
        size(),
        '1MiB',
        'How much of a request body an app that is not the last may read, since it is kept for the next: beyond it the client gets 413. A body that only the last app reads may have any size.',
      ),
      '*': naming(
        'value',
        others(text('the name of an app', 'APP'), 'appN', 'An app.', (key) => key.startsWith('app')),
      ),
    },
    ({ others: apps }) => void numbered(apps),
  ),
  example: `
[composite:main]
use = @appserve/parts#cascade
app1 = files
app2 = site

[app:files]
use = @appserve/parts#test
status = 404

[app:site]
use = @appserve/parts#test
text = Not a file
`,
  legacy: ['Paste#cascade'],
});
