// app/node/fields.ts: the fields of a ServerResponse in the forms in which node:http takes them, as the flat list of a head.

import { ResponseHead } from '../../message/response-head.ts';
import { Fields, sameName } from '../../message/fields.ts';
import type { OwnResponse } from './internals.ts';

/**
 * The head of a response: of what setHeader was told, or of what writeHead was given. `closes`: the app wants the connection closed.
 * Faults: RESPONSE_STATUS_INVALID, RESPONSE_FIELD_INVALID.
 */
export function headOf(response: OwnResponse, headers: unknown, closes: boolean): ResponseHead {
  const flat: string[] = [];
  // When there are any, writeHead has put its own among them.
  const names = response.getRawHeaderNames();
  if (names.length > 0) for (const name of names) add(flat, name, response.getHeader(name));
  else if (Array.isArray(headers)) addList(flat, headers);
  else if (typeof headers === 'object' && headers !== null)
    for (const name of Object.keys(headers)) add(flat, name, (headers as Record<string, unknown>)[name]);
  if (closes) flat.push('Connection', 'close');
  return new ResponseHead(response.statusCode, response.statusMessage, flat);
}

/** Pairs, or names and values in turns. */
function addList(flat: string[], list: readonly unknown[]): void {
  if (Array.isArray(list[0])) for (const pair of list as [string, unknown][]) add(flat, pair[0], pair[1]);
  else for (let at = 0; at < list.length; at += 2) add(flat, list[at] as string, list[at + 1]);
}

function add(flat: string[], name: string, value: unknown): void {
  if (isOfConnection(name)) return;
  if (typeof value === 'string') flat.push(name, value);
  // node:http joins the one field that is no list of lines.
  else if (!Array.isArray(value)) flat.push(name, textOf(value));
  else if (sameName(name, 'cookie')) flat.push(name, value.join('; '));
  else for (const one of value as unknown[]) flat.push(name, textOf(one));
}

/** Numbers are written as such; what is nothing at all is left for the head to refuse. */
function textOf(value: unknown): string {
  return value === undefined || value === null ? (value as unknown as string) : `${value as number}`;
}

/** Hop-by-hop fields are dropped, not refused: apps for node:http speak of a connection that is the server's here. */
function isOfConnection(name: unknown): boolean {
  if (typeof name !== 'string') return false;
  switch (name.length) {
    case 2:
      return sameName(name, 'te');
    case 10:
      return sameName(name, 'keep-alive');
    case 16:
      return sameName(name, 'proxy-connection');
    case 17:
      return sameName(name, 'transfer-encoding');
    default:
      return false;
  }
}

/** `name: value CRLF` lines, as node:http has checked and written them: trailers, and the fields of an informational response. */
export function fieldsOfLines(lines: string): Fields {
  const flat: string[] = [];
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) flat.push(line.slice(0, colon), line.slice(colon + 2));
  }
  return new Fields(flat);
}
