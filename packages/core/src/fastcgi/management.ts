// fastcgi/management.ts: records of the connection itself, which belong to no request: the web server asks what we can do, and we say it
// (FastCGI 1.0 §4).
//
// Law: what is asked for and known is told; other names are left out. A type that we do not know is named in return.

import { Fault } from '../faults.ts';
import type { CgiVariable } from '../message/cgi-variable.ts';
import type { FastcgiLimits } from './limits.ts';
import { ParamsReader } from './params.ts';
import { NULL_REQUEST_ID, record, shortPair, TYPE } from './records.ts';

/** A whole FCGI_GET_VALUES record. */
const VALUES_LIMITS = { paramsBytesMax: 0xff_ff, paramsMax: 0xff_ff };

/** asked: FCGI_GET_VALUES. void: answers to what we never ask. misplaced: a record of a request. unknown: any other. */
export type ManagementKind = 'asked' | 'void' | 'misplaced' | 'unknown';

/** What a record with the id 0 is. */
export function managementKind(type: number): ManagementKind {
  switch (type) {
    case TYPE.getValues:
      return 'asked';
    case TYPE.getValuesResult:
    case TYPE.unknownType:
      return 'void';
    case TYPE.beginRequest:
    case TYPE.abortRequest:
    case TYPE.endRequest:
    case TYPE.params:
    case TYPE.stdin:
    case TYPE.stdout:
    case TYPE.stderr:
    case TYPE.data:
      return 'misplaced';
    default:
      return 'unknown';
  }
}

/** FCGI_GET_VALUES_RESULT (§4.1) to the content of FCGI_GET_VALUES. Nothing: that is not made of whole pairs. */
export function valuesResult(bytes: Uint8Array, from: number, to: number, limits: FastcgiLimits): string | undefined {
  const asked = readAsked(bytes, from, to);
  if (asked === undefined) return undefined;
  const known = Object.entries(valuesOf(limits)).filter(([name]) => asked.some((variable) => variable.name === name));
  const pairs = known.map(([name, value]) => shortPair(name, value));
  return record(TYPE.getValuesResult, NULL_REQUEST_ID, pairs.join(''));
}

function readAsked(bytes: Uint8Array, from: number, to: number): readonly CgiVariable[] | undefined {
  const reader = new ParamsReader(VALUES_LIMITS);
  try {
    reader.take(bytes, from, to);
    return reader.end();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return undefined;
  }
}

function valuesOf({ isMultiplexed, processConnectionsMax, processRequestsMax }: FastcgiLimits): Readonly<Record<string, string>> {
  return {
    FCGI_MAX_CONNS: String(processConnectionsMax),
    FCGI_MAX_REQS: String(processRequestsMax),
    FCGI_MPXS_CONNS: isMultiplexed ? '1' : '0',
  };
}
