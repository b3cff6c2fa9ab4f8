// filters/gzip.ts: compresses what an app answers: paste.gzipper, with all that clients understand today.

import type { Environ, Filter, GlobalConf, HeaderList } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { bestCoding } from '../accept-encoding.ts';
import { gatewayFilter } from '../gateway-filter.ts';
import { CodedAnswer, type Choice } from './coded-answer.ts';
import { makersOf } from './codings.ts';
import type { gzipPart } from './gzip-part.ts';
import { valueOf, valuesOf } from './head.ts';

/** A `filter_factory`. */
export function gzip(_globalConf: GlobalConf, settings: Settled<typeof gzipPart.options>): Filter {
  const makers = makersOf(settings.codings, settings.compressLevel);
  const offered = [...makers.keys()];
  const isType = typeTest(settings.types);
  const minBytes = settings.minSizeBytes;

  const choiceFor = (environ: Environ): Choice => {
    const accepted = environ['HTTP_ACCEPT_ENCODING'];
    const coding = bestCoding(typeof accepted === 'string' ? accepted : undefined, offered);
    return {
      coding: coding === undefined ? undefined : { name: coding, ...makers.get(coding)! },
      mayVary: (status, headers) => isType(valueOf(headers, 'content-type') ?? '') && isWhole(status, headers),
      isWorth: (headers) => Number(valueOf(headers, 'content-length') ?? minBytes) >= minBytes,
      isHead: environ.REQUEST_METHOD === 'HEAD',
      minBytes,
    };
  };
  return gatewayFilter(
    (inner) => (environ, startResponse) => new CodedAnswer(startResponse, choiceFor(environ)).of(inner, environ),
  );
}

/** Nothing that is a part, that has no content, or that shall stay as it is. */
function isWhole(status: string, headers: HeaderList): boolean {
  if (!/^[2-5]/.test(status) || /^(?:204|205|206|304)/.test(status)) return false;
  if (valueOf(headers, 'content-encoding') !== undefined || valueOf(headers, 'content-range') !== undefined) return false;
  return !valuesOf(headers, 'cache-control').some((value) => /\bno-transform\b/i.test(value));
}

/** `text/*`, `application/*+json`, or the whole name. */
function typeTest(types: readonly string[]): (value: string) => boolean {
  const patterns = types.map((type) => type.replaceAll(/[.+$^]/g, String.raw`\$&`).replaceAll('*', '[^;, ]+'));
  const known = new RegExp(`^(?:${patterns.join('|')})[ \\t]*(?:;|$)`, 'i');
  return (value) => known.test(value);
}
