// recipes/instance-logs.ts: the two logs of an instance, as its options describe them, in the words of Python's logging.config.
//
// Source: plone.recipe.zope2instance. There `event-log = disable` leaves a handler behind that writes into a file named disable; here
// there is none.

import { join } from 'node:path';
import type { Part } from './part.ts';
import { inIni, inPython } from './quoting.ts';

export interface Log {
  /** Nothing when it is not kept. */
  readonly file: string | undefined;
  readonly level: string;
  readonly handler: string;
  /** As they stand in an ini. */
  readonly args: string;
  readonly kwargs: string;
}

const DISABLED = 'disable';

export function eventLog(part: Part): Log {
  const file = fileOf(part, part.text('event-log'), `${part.name}.log`);
  return { ...handlerOf(part, 'event-log', file), file, level: part.text('event-log-level') ?? 'INFO' };
}

/** `access-log`, or `z2-log`, which is what Zope 2 called it. */
export function accessLog(part: Part): Log {
  const given = part.text('z2-log') ?? part.text('access-log');
  const file = fileOf(part, given, `${part.name}-access.log`);
  const level = part.text('access-log-level') ?? part.text('z2-log-level') ?? 'INFO';
  return { ...handlerOf(part, 'access-log', file), file, level };
}

/** Whether the part says anything about logs. */
export function hasLogs(part: Part): boolean {
  const keys = [
    'event-log',
    'event-log-level',
    'event-log-handler',
    'access-log',
    'access-log-level',
    'access-log-handler',
    'z2-log',
    'z2-log-level',
  ];
  return keys.some((key) => part.options.has(key));
}

function fileOf(part: Part, given: string | undefined, name: string): string | undefined {
  if (!hasLogs(part) && part.text('wsgi-ini-template') === undefined && part.text('wsgi-logging-ini-template') === undefined)
    return undefined;
  if (given?.toLowerCase() === DISABLED) return undefined;
  return part.path(given ?? join(part.text('var') ?? 'var', 'log', name));
}

function handlerOf(part: Part, key: string, file: string | undefined): Pick<Log, 'handler' | 'args' | 'kwargs'> {
  if (file === undefined) return { handler: 'NullHandler', args: '()', kwargs: '{}' };
  const args = part.text(`${key}-args`);
  return {
    handler: part.text(`${key}-handler`) ?? 'FileHandler',
    args: args?.replaceAll('{}', () => inIni(file)) ?? `(${inIni(inPython(file))}, 'a')`,
    kwargs: part.text(`${key}-kwargs`) ?? '{}',
  };
}
