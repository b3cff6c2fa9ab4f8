// smuggling-cases.ts: test/cases/smuggling_cases.json: raw conversations that were attacks somewhere, with the right verdict.

import { readFileSync } from 'node:fs';
import { inRepository } from './repository.ts';

export interface SmugglingCase {
  readonly id: string;
  /** What it is said to: `request`, a server; `response`, an app's side of one; the others are parts of their own. */
  readonly kind: 'request' | 'response' | 'fastcgi' | 'proxy-protocol' | 'forwarded' | 'static';
  readonly raw: string;
  readonly expect: 'reject' | 'accept' | 'accept-close' | 'accept-or-reject' | 'abort' | 'timeout';
  readonly why: string;
  // Of requests.
  readonly status?: number;
  readonly requests?: readonly WantedRequest[];
  readonly absent?: readonly string[];
  readonly present?: Readonly<Record<string, string>>;
  readonly eof?: boolean;
  readonly split?: number;
  readonly expand?: readonly (readonly [text: string, count: number])[];
  // Of proxies.
  readonly listener?: 'off' | 'v1' | 'v1-optional' | 'v2';
  readonly peer_trusted?: boolean;
  readonly config?: {
    readonly trusted?: readonly string[];
    readonly listener?: 'unix';
    readonly headers?: readonly string[];
    readonly secure_scheme_headers?: boolean;
  };
  readonly result?: {
    readonly remote?: string;
    readonly port?: number;
    readonly scheme?: string;
    readonly status?: number;
    readonly stripped?: boolean;
  };
  // Of responses.
  /** The field, where `raw` cannot tell its name from its value. */
  readonly name?: string;
  readonly value?: string;
  readonly request_method?: string;
  readonly request_version?: string;
}

export interface WantedRequest {
  readonly method: string;
  readonly target: string;
  /** The target as a server may show it too: absolute, as it was sent. */
  readonly target_alt?: string;
  readonly body: string;
}

export const smugglingCases = JSON.parse(
  readFileSync(inRepository('test/cases/smuggling_cases.json'), 'utf8'),
) as readonly SmugglingCase[];

/** What is sent: `⟦N⟧` in `raw` is a text, many times. */
export function bytesOf({ raw, expand = [] }: SmugglingCase): string {
  return expand.reduce((text, [piece, count], index) => text.replace(`⟦${index}⟧`, () => piece.repeat(count)), raw);
}
