// development/show.ts: the handlers that show failures: one that answers everything with a failure, and one around the app's own.
//
// Who has an error page open waits at WAIT_PATH: that request is answered when this worker is told to go, and at once where the page was
// made by others before. Only --reload serves it.

import { randomBytes } from 'node:crypto';
import { Fault, toErrorRecord, type ErrorRecord } from '@appserve/core';
import type { Exchange, Handler } from '@appserve/core/exchange';
import { ResponseHead } from '@appserve/core/message';
import { failureOf, type Failure } from './failure.ts';
import { failurePage, policyOf } from './failure-html.ts';
import { failureText } from './failure-text.ts';

const WAIT_PATH = '/-/appserve-reload';

/** Proxies and browsers give up a request that is silent for longer. */
const WAIT_MS = 20_000;

export interface FailedRequest {
  /** `GET /cart`. */
  readonly request: string;
  readonly error: ErrorRecord;
}

/** Of a worker. */
export interface Shift {
  readonly token: string;
  /** It is told to go. */
  readonly ending: AbortSignal;
}

/** What the app fails with, before it has begun to answer, is shown; `tell` has it for the terminal too. */
export function showingFailures(handler: Handler, shift: Shift, tell: (failed: FailedRequest) => void): Handler {
  return (exchange) => {
    if (isWaiting(exchange)) return wait(exchange, shift);
    if (shift.ending.aborted && isOfBrowser(exchange)) return sendOn(exchange);
    const fail = exchange.fail.bind(exchange);
    exchange.fail = (error) => {
      // What the client has done wrong, and what comes too late, is answered as ever.
      const isPeers = error instanceof Fault && error.blame === 'peer';
      if (isPeers || exchange.isOver || exchange.isHeadSent) {
        fail(error);
        return;
      }
      const request = `${exchange.head.method} ${exchange.head.target}`;
      tell({ request, error: toErrorRecord(error) });
      try {
        sendFailure(exchange, failureOf(`${request} failed`, error), shift);
      } catch {
        // A head was promised already; there is nothing left to show it in.
        exchange.abort();
      }
    };
    return handler(exchange);
  };
}

/** Answers everything with it. */
export function showing(failure: Failure, shift: Shift): Handler {
  return (exchange) => (isWaiting(exchange) ? wait(exchange, shift) : sendFailure(exchange, failure, shift));
}

function sendFailure(exchange: Exchange, failure: Failure, { token }: Shift): void {
  const { fields, method } = exchange.head;
  const isPage = fields.all('accept').some((value) => /\btext\/html\b/i.test(value));
  const facts = { nonce: randomBytes(16).toString('base64'), waitAt: method === 'GET' ? `${WAIT_PATH}?${token}` : undefined };
  const body = Buffer.from(isPage ? failurePage(failure, facts) : failureText(failure, false));
  const flat = [
    'Content-Type',
    `text/${isPage ? 'html' : 'plain'}; charset=utf-8`,
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    ...(isPage ? ['Content-Security-Policy', policyOf(facts)] : []),
  ];
  exchange.send(new ResponseHead(500, 'Internal Server Error', flat), [body]);
}

function isWaiting({ head: { method, target } }: Exchange): boolean {
  return method === 'GET' && target.startsWith(`${WAIT_PATH}?`);
}

/**
 * Browsers open connections in advance. One that was opened before a change, and brings its request after, is sent to those who come:
 * with the same method and body (RFC 9110 §15.4.8). A client that does not follow is answered by the code before.
 */
function sendOn(exchange: Exchange): void {
  exchange.send(new ResponseHead(307, 'Temporary Redirect', ['Location', exchange.head.target, 'Cache-Control', 'no-store']), []);
}

/** Fetch metadata (W3C): only browsers send it. `//` would be another host. */
function isOfBrowser({ head: { fields, target } }: Exchange): boolean {
  return fields.has('sec-fetch-mode') && /^\/(?!\/)/.test(target);
}

/** 200 when there is something new, 204 when it is time to ask again. */
async function wait(exchange: Exchange, { token, ending }: Shift): Promise<void> {
  const isOld = exchange.head.target !== `${WAIT_PATH}?${token}`;
  if (!isOld) await untilGone(exchange, ending);
  if (exchange.isOver) return;
  const [status, reason] = isOld || ending.aborted ? [200, 'OK'] : [204, 'No Content'];
  exchange.send(new ResponseHead(status, reason, ['Cache-Control', 'no-store']), []);
}

/** Until the worker is to go, or the client has gone, or it has been long enough. */
async function untilGone(exchange: Exchange, ending: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, WAIT_MS);
    const wake = (): void => {
      clearTimeout(timer);
      resolve();
    };
    ending.addEventListener('abort', wake, { once: true });
    exchange.whenGone(wake);
    if (ending.aborted) wake();
  });
}
