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
import { without } from './head.ts';

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
const OF_THE_STATUS = new Set(['www-authenticate', 'proxy-authenticate', 'allow', 'retry-after', 'set-cookie']);

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
    // The page may set cookies of its own beside them.
    const theirs = kept.map(([name]) => name.toLowerCase()).filter((name) => name !== 'set-cookie');
    const start: StartResponse = (_line, headers, excInfo) =>
      startResponse(line, [...without(headers, ...theirs), ...kept], excInfo);
    const answer = answerUnless((found) => found >= 400, app, own, start);
    return answer instanceof Promise ? answer.then((later) => later ?? plain()) : (answer ?? plain());
  };
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
