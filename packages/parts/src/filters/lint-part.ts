// filters/lint-part.ts: the options of `@appserve/parts#lint`: it has none.

import { part } from '../part.ts';

export const lintPart = part({
  group: 'filter_factory',
  does: `The validator of the gateway contract, which is \`@appserve/core#lint\`: looks at what passes between the server and a gateway app, and names
the rule of [gateway.md](gateway.md) that either breaks. For development and tests.`,
  options: {},
  example: `
[app:main]
use = @appserve/parts#test
filter-with = lint

[filter:lint]
use = @appserve/parts#lint
`,
  legacy: ['Paste#lint'],
});
