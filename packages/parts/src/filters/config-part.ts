// filters/config-part.ts: the options of `@appserve/parts#config`.

import { others, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const configPart = part({
  group: 'filter_factory',
  does: `Lets apps see the configuration: \`environ['paste.config']\` is an object with what \`[DEFAULT]\` has and, over that, with what stands in
this section. Each request has a copy of its own. A fetch app finds it in \`context.environ\`, a node app by \`environOf(request)\`.`,
  options: { '*': others(text(), 'KEY', 'A value that apps find under that key.', (key) => /^[\w.:-]+$/.test(key)) },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = settings

[filter:settings]
use = @appserve/parts#config
support = help@example.com
`,
  legacy: ['PasteDeploy#config', 'Paste#config'],
});
