// catalogue.ts: every part by its name: what docs/reference/parts.md is printed from, and what tests go through.

import { redirectPart } from './apps/redirect-part.ts';
import { testPart } from './apps/test-part.ts';
import type { Part } from './part.ts';

export type { Part } from './part.ts';

export const CATALOGUE = {
  redirect: redirectPart,
  test: testPart,
} as const satisfies Readonly<Record<string, Part>>;
