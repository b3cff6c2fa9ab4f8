// files/media-type.ts: the Content-Type of a file, by its name. The one room that knows mime-types, and with it the registry of IANA.

import { contentType } from 'mime-types';

/**
 * `name`: without the folders above it, whose dots are no endings. With `charset=utf-8` where it is text. Bytes that nobody knows are
 * told to be that, so that no browser guesses.
 */
export function mediaTypeOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return (dot > 0 && contentType(name.slice(dot))) || 'application/octet-stream';
}
