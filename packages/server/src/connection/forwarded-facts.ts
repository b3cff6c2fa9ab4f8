// connection/forwarded-facts.ts: a request as its client has sent it, seen through the proxies that are believed (forwarded_allow).
//
// Law: who is asked about is the peer of the connection: with the PROXY protocol the one of its header. The socket is the proxy's, and so
// is its TLS: where the client is somebody else, the app is given neither.

import type { Fault } from '@appserve/core';
import type { Called, ConnectionFacts } from '@appserve/core/exchange';
import { Fields, RequestHead, withoutPort } from '@appserve/core/message';
import { AddressList, believedIn, keptFields, ofKind, toldPort, type BelievingPolicy, type Seen } from '@appserve/core/peers';
import type { Logger } from '../log.ts';
import { OnceAMinute } from '../once-a-minute.ts';
import type { HttpSettings } from '../settings.ts';

/** What an exchange is made of. */
export interface AsSent {
  readonly head: RequestHead;
  readonly connection: ConnectionFacts;
}

/** Faults: FORWARDED_CONFLICT. */
export type SeeThrough = (head: RequestHead, connection: ConnectionFacts) => AsSent;

/** Nothing where nobody is asked about: the fields are the app's own affair then. */
export function seeingThrough(
  { forwardedAllow, forwardedBelieve, forwardedHeader }: HttpSettings,
  log: Logger,
): SeeThrough | undefined {
  if (forwardedAllow === undefined) return undefined;
  const allowed = AddressList.of(forwardedAllow)!;
  const policy: BelievingPolicy = { isTrusted: (address) => allowed.has(address), believe: forwardedBelieve };
  const warnings = new OnceAMinute<'conflict'>();
  const seenIn = (fields: Fields, peer: string): Seen | undefined => {
    try {
      return believedIn(fields, peer, policy);
    } catch (error) {
      const { code, message } = error as Fault;
      if (warnings.isDue('conflict')) log.warn(`proxy ${peer || 'on a unix socket'}: ${code}: ${message}`);
      throw error;
    }
  };
  return (head, connection) => {
    const fields = ofKind(head.fields, forwardedHeader);
    const seen = seenIn(fields, connection.remoteAddress);
    const kept = keptFields(fields, seen !== undefined, policy.believe);
    const asked = seen?.host === undefined ? kept : withHost(kept, seen.host);
    return {
      head: asked === head.fields ? head : withFields(head, asked),
      connection: seen === undefined || isNothing(seen) ? connection : factsOf(seen, connection),
    };
  };
}

function withFields(head: RequestHead, fields: Fields): RequestHead {
  const { method, target, pathAndQuery, mountPath, version, framing, expectsContinue, keepAlive } = head;
  return new RequestHead({ method, target, pathAndQuery, mountPath, version, fields, framing, expectsContinue, keepAlive });
}

function isNothing({ address, scheme, host, port }: Seen): boolean {
  return address === undefined && scheme === undefined && host === undefined && port === undefined;
}

function withHost(fields: Fields, host: string): Fields {
  return new Fields(['Host', host, ...fields.keeping((name) => name !== 'host').flat]);
}

function factsOf(seen: Seen, connection: ConnectionFacts): ConnectionFacts {
  const isClient = seen.address !== undefined;
  return {
    scheme: seen.scheme ?? connection.scheme,
    remoteAddress: seen.address ?? connection.remoteAddress,
    // The port of the proxy is not the client's.
    remotePort: isClient ? (seen.clientPort ?? '') : connection.remotePort,
    localAddress: connection.localAddress,
    localPort: connection.localPort,
    called: calledBy(seen, connection),
    tls: isClient || seen.scheme === 'http' ? undefined : connection.tls,
  };
}

function calledBy(seen: Seen, { called, scheme }: ConnectionFacts): Called {
  return { name: seen.host === undefined ? called?.name : withoutPort(seen.host), port: toldPort(seen, scheme) ?? called?.port };
}
