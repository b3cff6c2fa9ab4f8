// recipes/instance-variables.ts: where an instance has its files, and what `%(name)s` can be in its templates: the variables of
// plone.recipe.zope2instance under their names, and every option of the part under its own.

import { join } from 'node:path';
import type { Text } from '../buildout/substitute.ts';
import { socketsOf } from './addresses.ts';
import { accessLog, eventLog, type Log } from './instance-logs.ts';
import { workersOf } from './instance-ini.ts';
import type { Part } from './part.ts';
import { inIni } from './quoting.ts';

export interface Paths {
  readonly ini: string;
  /** Files of logs, as far as there are any. */
  readonly logs: readonly string[];
}

export function pathsOf(part: Part): Paths {
  const logs = [eventLog(part), accessLog(part)].flatMap(({ file }) => file ?? []);
  return { ini: join(part.folder, 'etc', 'wsgi.ini'), logs };
}

export function templateVariables(part: Part): ReadonlyMap<string, Text> {
  const event = (): Log => eventLog(part);
  const access = (): Log => accessLog(part);
  const sockets = (): readonly string[] => socketsOf(part);
  const tcp = (): RegExpExecArray | null => /^(.*):(\d+)$/.exec(sockets()[0]!);
  const workers = (): string => workersOf(part);
  const named: Readonly<Record<string, () => string>> = {
    http_address: () => inIni(sockets().join(' ')),
    sockets: () => inIni(sockets().join(' ')),
    // Of the first address, for templates that are written for one over TCP.
    host: () => tcp()?.[1] ?? '',
    port: () => tcp()?.[2] ?? '',
    threads: workers,
    workers,
    max_request_body_size: () => part.text('max-request-body-size') ?? '1073741824',
    location: () => inIni(part.folder),
    name: () => part.name,
    directory: () => inIni(part.directory),
    pipeline: () =>
      part
        .lines('pipeline')
        .map(({ text }) => `\n    ${text}`)
        .join(''),
    root_handlers: () => (event().file === undefined ? 'console' : 'console, eventlog'),
    event_handlers: () => (event().file === undefined ? '' : 'eventlog'),
    eventlog_name: () => inIni(event().file ?? ''),
    eventlog_level: () => event().level,
    eventlog_handler: () => event().handler,
    eventlog_args: () => event().args,
    eventlog_kwargs: () => event().kwargs,
    accesslog_name: () => inIni(access().file ?? ''),
    accesslog_level: () => access().level,
    accesslog_handler: () => access().handler,
    accesslog_args: () => access().args,
    accesslog_kwargs: () => access().kwargs,
  };
  // Each is secret by itself: a template that does not use it has nothing of it.
  return new Map(Object.entries(named).map(([name, make]) => [name, part.told(make)]));
}
