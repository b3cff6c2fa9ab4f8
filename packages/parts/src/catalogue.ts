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
import { authBasicPart } from './filters/auth-basic-part.ts';
import { configPart } from './filters/config-part.ts';
import { corsPart } from './filters/cors-part.ts';
import { cspPart } from './filters/csp-part.ts';
import { errorCatcherPart } from './filters/error-catcher-part.ts';
import { errorDocumentPart } from './filters/error-document-part.ts';
import { gzipPart } from './filters/gzip-part.ts';
import { ipAllowPart } from './filters/ip-allow-part.ts';
import { lintPart } from './filters/lint-part.ts';
import { prefixPart } from './filters/prefix-part.ts';
import { profilePart } from './filters/profile-part.ts';
import { proxyHeadersPart } from './filters/proxy-headers-part.ts';
import { rateLimitPart } from './filters/rate-limit-part.ts';
import { requestIdPart } from './filters/request-id-part.ts';
import { securityHeadersPart } from './filters/security-headers-part.ts';
import { sessionCookiePart } from './filters/session-cookie-part.ts';
import { timeoutPart } from './filters/timeout-part.ts';
import { transloggerPart } from './filters/translogger-part.ts';
import type { Part } from './part.ts';

export type { Part } from './part.ts';

export const CATALOGUE = {
  auth_basic: authBasicPart,
  canary: canaryPart,
  cascade: cascadePart,
  cgi: cgiPart,
  config: configPart,
  cors: corsPart,
  csp: cspPart,
  debug: debugPart,
  error_catcher: errorCatcherPart,
  error_document: errorDocumentPart,
  gzip: gzipPart,
  health: healthPart,
  hosts: hostsPart,
  ip_allow: ipAllowPart,
  lint: lintPart,
  prefix: prefixPart,
  profile: profilePart,
  proxy: proxyPart,
  proxy_headers: proxyHeadersPart,
  rate_limit: rateLimitPart,
  redirect: redirectPart,
  request_id: requestIdPart,
  security_headers: securityHeadersPart,
  session_cookie: sessionCookiePart,
  static: staticPart,
  test: testPart,
  timeout: timeoutPart,
  translogger: transloggerPart,
  urlmap: urlmapPart,
} as const satisfies Readonly<Record<string, Part>>;
