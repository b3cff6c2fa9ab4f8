// filters/error-document-part.ts: the options of `@appserve/parts#error_document`.

import { others, parsed } from '@appserve/core/options';
import { part } from '../part.ts';

export const errorDocumentPart = part({
  group: 'filter_factory',
  does: `Lets the app itself show its errors: an answer of a status that is named here is thrown away, and the app is asked with GET for the path
beside it. What it says to that goes out with the status of before, and with those of the fields that clients act upon: WWW-Authenticate,
Proxy-Authenticate, Allow, Retry-After and Set-Cookie. Caches are told what the error tells them (Cache-Control, Expires, Vary): how long the page may
be kept does not count for it, what forbids to keep or to change it does (\`private\`, \`no-store\`, \`no-cache\`, \`no-transform\`). It finds the status in \`environ['appserve.error_status']\`, and in
\`environ['appserve.error_path']\` what was asked for. When that answer is an error too, a plain one goes out.`,
  options: {
    '*': others(
      parsed((text) => (/^\/[\x21-\x7e]*$/.test(text) ? text : undefined), 'a path of the same app, such as /errors/404', 'PATH'),
      'STATUS',
      'What shows that status.',
      (key) => /^[45][0-9]{2}$/.test(key),
    ),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = errors

[filter:errors]
use = @appserve/parts#error_document
404 = /errors/not-found
500 = /errors/failed
`,
  legacy: ['Paste#errordocument'],
});
