// filters/error-document.ts: shows errors by pages of the app itself: paste.errordocument.

import {
  percentDecoded,
  type Environ,
  type Filter,
  type GatewayApp,
  type GatewayResult,
  type GlobalConf,
  type HeaderList,
  type StartResponse,
} from '@appserve/core/app';
import { reasonPhrase } from '@appserve/core/message';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { answerUnless } from '../caught-answer.ts';
import { copyOf } from '../environ-copy.ts';
import { plainAnswer } from '../plain-answer.ts';
import type { errorDocumentPart } from './error-document-part.ts';
import { limitedAs, variedBy, varying, without } from './head.ts';

/** A `filter_factory`. */
export function errorDocument(_globalConf: GlobalConf, { others }: Settled<typeof errorDocumentPart.options>): Filter {
  const pages = new Map(others.map(([status, path]) => [Number(status), path]));
  return gatewayFilter((inner) => (environ, startResponse) => {
    let failed: Failed = { status: 0, kept: [] };
    const asked = askedFor(environ, inner, startResponse);
    const isShown = (status: number, headers: HeaderList): boolean => {
      failed = { status, kept: headers.filter(([name]) => OF_THE_STATUS.has(name.toLowerCase())) };
      return pages.has(status);
    };
    const first = answerUnless(isShown, inner, copyOf(environ), startResponse);
    const show = (): ReturnType<GatewayApp> => asked(failed, pages.get(failed.status)!);
    return first instanceof Promise ? first.then((later) => later ?? show()) : (first ?? show());
  });
}

/** What clients act upon, and not the page: a browser asks for no password without the first (RFC 9110 §11.6.1). */
const FOR_CLIENTS = ['www-authenticate', 'proxy-authenticate', 'allow', 'retry-after', 'set-cookie'];

/** Whether it may be kept, and for whom, is told of the request that failed; a page for a year would make a failure of a year. */
const FOR_CACHES = ['cache-control', 'expires', 'vary'];
const OF_THE_STATUS = new Set([...FOR_CLIENTS, ...FOR_CACHES]);

/**
 * Of the page as it is under its own path, with 200. Where the error says nothing to caches, nothing is said: what its status means to
 * them (RFC 9110 §15.1), or what a proxy is told to do with it, is then as it would be without a page.
 */
const OF_THE_PAGE = ['cache-control', 'expires', 'age', 'etag', 'last-modified', 'accept-ranges', 'content-range'];

/** An answer that is thrown away, but for these fields. */
interface Failed {
  readonly status: number;
  readonly kept: HeaderList;
}

type Asked = (failed: Failed, path: string) => GatewayResult | Promise<GatewayResult>;

function askedFor(environ: Environ, app: GatewayApp, startResponse: StartResponse): Asked {
  return ({ status, kept }, path) => {
    const own = pageEnviron(environ, status, path);
    const line = `${status} ${reasonPhrase(status)}`;
    const plain = (): GatewayResult => plainAnswer(startResponse, status, kept);
    const start: StartResponse = (_line, headers, excInfo) => startResponse(line, shownHead(headers, kept), excInfo);
    const answer = answerUnless((found) => found >= 400, app, own, start);
    return answer instanceof Promise ? answer.then((later) => later ?? plain()) : (answer ?? plain());
  };
}

/** The page may set cookies of its own, depend on more than the error did, and be for fewer caches. */
function shownHead(page: HeaderList, kept: HeaderList): HeaderList {
  const theirs = kept.map(([name]) => name.toLowerCase()).filter((name) => name !== 'set-cookie' && name !== 'vary');
  const own = without(page, ...OF_THE_PAGE, ...theirs);
  return variedBy(kept).reduce<HeaderList>(varying, [...own, ...limitedAs(without(kept, 'vary'), page)]);
}

/** A request for the page, with no body. HEAD stays HEAD. */
function pageEnviron(environ: Environ, status: number, path: string): Environ {
  const own = copyOf(environ);
  const [pathInfo = '', query = ''] = path.split('?', 2);
  own.REQUEST_METHOD = environ.REQUEST_METHOD === 'HEAD' ? 'HEAD' : 'GET';
  own.PATH_INFO = percentDecoded(pathInfo);
  own.QUERY_STRING = query;
  own['appserve.error_status'] = status;
  own['appserve.error_path'] = environ.PATH_INFO;
  for (const name of OF_THE_REQUEST) delete own[name];
  return own;
}

/** What makes no sense for a page: it has no body, is no WebSocket, and the conditions were made for something else. */
const OF_THE_REQUEST = [
  'CONTENT_LENGTH',
  'CONTENT_TYPE',
  'HTTP_TRANSFER_ENCODING',
  'HTTP_RANGE',
  'HTTP_IF_MATCH',
  'HTTP_IF_NONE_MATCH',
  'HTTP_IF_MODIFIED_SINCE',
  'HTTP_IF_UNMODIFIED_SINCE',
  'HTTP_IF_RANGE',
  'HTTP_UPGRADE',
  'HTTP_CONNECTION',
  'appserve.websocket',
];
