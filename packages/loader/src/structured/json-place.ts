// structured/json-place.ts: where a file that somebody else reads stops being JSON: a package.json.

import type { Place } from '@appserve/core';
import { findJsonMistake } from './json-mistake.ts';
import { SourceText } from './source-text.ts';

/** Nothing where it is JSON. `file` is as people shall read it. */
export function jsonMistakeIn(text: string, file: string): { readonly why: string; readonly at: Place } | undefined {
  const source = new SourceText(text, file);
  const mistake = findJsonMistake(source.text);
  return mistake && { why: mistake.why, at: source.place(mistake.offset, mistake.offset + 1) };
}
