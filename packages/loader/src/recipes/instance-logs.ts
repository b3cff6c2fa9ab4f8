// recipes/instance-logs.ts: the two logs of an instance, as its options describe them, in the words of Python's logging.config.
//
// Source: plone.recipe.zope2instance. There `event-log = disable` leaves a handler behind that writes into a file named disable; here
// there is none.

import { join } from 'node:path';
import type { Place } from '@appserve/core';
import type { Setting } from '../setting.ts';
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
  /** Where each is said, as far as it is. */
  readonly at: Readonly<Partial<Record<'level' | 'handler' | 'args' | 'kwargs', Place | undefined>>>;
}

const DISABLED = 'disable';

export function eventLog(part: Part): Log {
  const file = fileOf(part, part.text('event-log'), `${part.name}.log`);
  const level = part.setting('event-log-level');
  return logOf(part, 'event-log', file, level);
}

/** `access-log`, or `z2-log`, which is what Zope 2 called it. */
export function accessLog(part: Part): Log {
  const given = part.text('z2-log') ?? part.text('access-log');
  const file = fileOf(part, given, `${part.name}-access.log`);
  const level = [part.setting('access-log-level'), part.setting('z2-log-level')].find(
    (one) => one !== undefined && one.value !== '',
  );
  return logOf(part, 'access-log', file, level);
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

function logOf(part: Part, key: string, file: string | undefined, level: Setting | undefined): Log {
  const log = { file, level: level === undefined || level.value === '' ? 'INFO' : level.value };
  if (file === undefined) return { ...log, handler: 'NullHandler', args: '()', kwargs: '{}', at: { level: level?.at } };
  const [handler, args, kwargs] = ['handler', 'args', 'kwargs'].map((name) => part.setting(`${key}-${name}`));
  return {
    ...log,
    handler: part.text(`${key}-handler`) ?? 'FileHandler',
    args: part.text(`${key}-args`)?.replaceAll('{}', () => inIni(file)) ?? `(${inIni(inPython(file))}, 'a')`,
    kwargs: part.text(`${key}-kwargs`) ?? '{}',
    at: { level: level?.at, handler: handler?.at, args: args?.at, kwargs: kwargs?.at },
  };
}
