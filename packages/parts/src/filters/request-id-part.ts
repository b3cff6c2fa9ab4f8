// filters/request-id-part.ts: the options of `@appserve/parts#request_id`.

import { bool, option, parsed } from '@appserve/core/options';
import { part } from '../part.ts';
import { isToken } from '../token.ts';

export const requestIdPart = part({
  group: 'filter_factory',
  does: `Gives each request an id that the app finds in its environ (\`HTTP_X_REQUEST_ID\`, \`appserve.request_id\`) and the client in the answer, so that
their logs can be put together. One that comes with the request stays when it is no longer than 128 characters of A-Z a-z 0-9 . _ ~ + / = : @ -.`,
  options: {
    header: option(
      parsed((text) => (isToken(text) && !text.includes('_') ? text : undefined), 'the name of a header', 'NAME'),
      'X-Request-Id',
      'The header that has it.',
    ),
    accept: option(bool(), 'true', 'Keep an id that comes with the request. Off where clients are not trusted with it.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = id

[filter:id]
use = @appserve/parts#request_id
`,
});
