// catalogue.ts: every part by its name: what docs/reference/parts.md is printed from, and what tests go through.

import { cgiPart } from './apps/cgi-part.ts';
import { debugPart } from './apps/debug-part.ts';
import { healthPart } from './apps/health-part.ts';
import { proxyPart } from './apps/proxy-part.ts';
import { redirectPart } from './apps/redirect-part.ts';
import { staticPart } from './apps/static-part.ts';
import { testPart } from './apps/test-part.ts';
import { canaryPart } from './composites/canary-part.ts';
import { cascadePart } from './composites/cascade-part.ts';
import { hostsPart } from './composites/hosts-part.ts';
import { urlmapPart } from './composites/urlmap-part.ts';
import type { Part } from './part.ts';

export type { Part } from './part.ts';

export const CATALOGUE = {
  canary: canaryPart,
  cascade: cascadePart,
  cgi: cgiPart,
  debug: debugPart,
  health: healthPart,
  hosts: hostsPart,
  proxy: proxyPart,
  redirect: redirectPart,
  static: staticPart,
  test: testPart,
  urlmap: urlmapPart,
} as const satisfies Readonly<Record<string, Part>>;
