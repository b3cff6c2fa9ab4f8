// app/node/handler.ts: a node app answers exchanges: a real request and response for each, and upgrades for who has a server to tell.

import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Fault } from '../../faults.ts';
import type { Exchange, Handler } from '../../exchange/exchange.ts';
import { listItems } from '../../message/grammar.ts';
import { wantsWebSocket } from '../../websocket/handshake.ts';
import type { NodeEvents, NodeListener } from '../contracts.ts';
import { NodeCall } from './call.ts';
import { goingAway } from './going-away.ts';

/** `events`: whom an upgrade is told, where there is somebody: an http.Server of the app's, which never listens itself. */
export function fromNode(app: NodeListener, events: NodeEvents | undefined): Handler {
  return (exchange) => {
    if (events !== undefined && isUpgrade(exchange, events)) {
      upgrade(exchange, events);
      return undefined;
    }
    const call = new NodeCall(exchange);
    try {
      const returned = app(call.request, call.response as never) as PromiseLike<unknown> | undefined;
      // Koa and async functions: what they could not handle is an error of the app, and not the end of its worker.
      if (typeof returned?.then === 'function')
        void returned.then((value) => checkReturned(call, value)).then(undefined, (error: unknown) => exchange.fail(error));
      else checkReturned(call, returned);
    } catch (error) {
      exchange.fail(error);
    }
    return call.settled();
  };
}

/** What a node app returns says nothing, but a Response says that this is none. Faults: NODE_GAVE_RESPONSE. */
function checkReturned(call: NodeCall, returned: unknown): void {
  // Asked first, since Node loads its Response when that is named.
  if (typeof returned !== 'object' || returned === null) return;
  if (!(returned instanceof Response) || call.isAnswered || call.head !== undefined || call.exchange.isOver) return;
  throw new Fault('NODE_GAVE_RESPONSE', {});
}

/** RFC 9110 §7.8, as node:http reads it: asked for in Connection, and somebody listens. One with a body is an ordinary request. */
function isUpgrade({ head }: Exchange, events: NodeEvents): boolean {
  if (head.method === 'CONNECT') return events.listenerCount('connect') > 0;
  if (head.hasBody || !head.fields.has('upgrade') || events.listenerCount('upgrade') === 0) return false;
  return head.fields.all('connection').some((value) => listItems(value).includes('upgrade'));
}

function upgrade(exchange: Exchange, events: NodeEvents): void {
  const call = new NodeCall(exchange);
  const request = call.request as IncomingMessage & { upgrade: boolean };
  request.upgrade = true;
  const taken = exchange.takeOver();
  const { socket, unread } = taken;
  if (wantsWebSocket(exchange.head)) taken.onDrain(goingAway(socket));
  try {
    events.emit(exchange.head.method === 'CONNECT' ? 'connect' : 'upgrade', request, socket, Buffer.from(unread));
  } catch (error) {
    socket.destroy();
    exchange.fail(error);
  }
}
