// filters/cors-part.ts: the options of `@appserve/parts#cors`.

import { bool, option, optional, parsed, required, seconds } from '@appserve/core/options';
import { part } from '../part.ts';
import { isToken } from '../token.ts';

function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** As a browser writes it in Origin: scheme, host, and the port where it is not the usual one. */
function isOrigin(word: string): boolean {
  return word === '*' || (!word.includes('*') && URL.canParse(word) && new URL(word).origin === word);
}

const origins = parsed(
  (text) => (words(text).length > 0 && words(text).every(isOrigin) ? words(text) : undefined),
  'origins such as https://www.example.com, without a path, or *',
  'ORIGINS',
);
const tokens = parsed((text) => (words(text).every(isToken) ? words(text) : undefined), 'names', 'NAMES');

export const corsPart = part({
  group: 'filter_factory',
  does: `Lets pages of other origins read the answers of the app (the CORS protocol of the Fetch standard). A preflight is answered here; other
requests go on to the app, whatever their origin: this protects no app from requests, it lets browsers show their answers.`,
  options: {
    origins: option(origins, required, 'The origins whose pages may read, or `*` for all, which excludes `credentials`.'),
    methods: option(tokens, 'GET HEAD POST PUT PATCH DELETE', 'The methods that they may use.'),
    headers: optional(tokens, 'The request headers that they may set; those that they ask for when left out.'),
    expose: optional(tokens, 'The response headers that they may read, beside those that everybody may.'),
    credentials: option(bool(), 'false', 'Whether cookies and authorization come along.'),
    max_age: option(seconds(), '10m', 'How long a browser may remember the answer to a preflight.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = cors

[filter:cors]
use = @appserve/parts#cors
origins = https://www.example.com https://admin.example.com
credentials = true
`,
});
