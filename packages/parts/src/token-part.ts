// token-part.ts: options that are the name of a cookie or of a field.
//
// Source: RFC 9110 §5.6.2 (token), which RFC 6265 §4.1.1 takes for the names of cookies.

import { parsed } from '@appserve/core/options';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function tokenOf(text: string): string | undefined {
  return TOKEN.test(text) ? text : undefined;
}

export const cookieName = parsed(tokenOf, 'the name of a cookie', 'NAME');

/** Without an underscore, which an environ cannot tell from a hyphen. */
export const fieldName = parsed((text) => (text.includes('_') ? undefined : tokenOf(text)), 'the name of a field', 'NAME');
