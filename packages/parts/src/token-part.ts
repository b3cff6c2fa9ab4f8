// token-part.ts: options that are the name of a cookie (a token, RFC 6265 §4.1.1) or of a field.

import { parsed } from '@appserve/core/options';
import { isToken } from './token.ts';

export const cookieName = parsed((text) => (isToken(text) ? text : undefined), 'the name of a cookie', 'NAME');

/** Without an underscore, which an environ cannot tell from a hyphen. */
export const fieldName = parsed(
  (text) => (isToken(text) && !text.includes('_') ? text : undefined),
  'the name of a field',
  'NAME',
);
