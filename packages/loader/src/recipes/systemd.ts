// recipes/systemd.ts: the units of an instance: NAME.service, and NAME.socket where systemd opens its sockets (`listen`).
//
// Source: systemd.service(5), systemd.socket(5); docs/guide/sockets.md has the reasons.

import { join } from 'node:path';
import { headerOf, linesFrom, type GeneratedFile } from '../generate/generated.ts';
import type { Settings } from '../setting.ts';
import { timeOf, type Part } from './part.ts';
import { inUnit, inUnitCommand } from './quoting.ts';
import type { Made } from './recipe.ts';

type Lines = readonly (readonly [key: string, value: string])[];
type Sections = Readonly<Record<string, Lines>>;

/** Faults: PART_OPTION, PART_UNFIT, those of the instance. */
export function systemd(part: Part): Made {
  part.required('instance');
  const [word] = part.words('instance');
  const values = part.section(word!);
  const [script, sockets] = [values.get('script')?.value, values.get('sockets')?.value];
  if (script === undefined || sockets === undefined)
    part.refuse('instance', `[${word!.text}] is no instance: its recipe makes no script`, word!.at);
  const unit = part.text('unit') ?? part.name;
  const folder = part.path(part.text('output-directory') ?? part.folder);
  const listen = part.words('listen').map(({ text }) => streamOf(part, text));
  const name = /systemd:(\S+)/.exec(sockets)?.[1];
  if (listen.length > 0 && name === undefined && !/(?:^|\s)systemd(?:\s|$)/.test(sockets))
    part.refuse('listen', `[${word!.text}] listens for itself: give it http-address = systemd:web`);
  if (listen.length === 0 && /(?:^|\s)systemd\b/.test(sockets))
    part.refuse('listen', `is missing: [${word!.text}] takes its sockets from systemd`);
  const files = [file(part, join(folder, `${unit}.service`), () => service(part, unit, script, values, listen.length > 0))];
  if (listen.length > 0) files.push(file(part, join(folder, `${unit}.socket`), () => socket(part, listen, name)));
  return { files, values: { service: files[0]!.path, ...(files[1] && { socket: files[1].path }) } };
}

/** A path that is not absolute begins at the configuration. */
function streamOf(part: Part, written: string): string {
  const path = written.replace(/^unix:/, '');
  return path.includes('/') ? inUnit(part.path(path)) : written;
}

function service(part: Part, unit: string, script: string, instance: Settings, hasSocket: boolean): Sections {
  part.time('watchdog');
  const named = (key: string, setting: string): Lines => {
    const value = part.text(key);
    return value === undefined ? [] : [[setting, value]];
  };
  return {
    Unit: [
      ['Description', part.text('description') ?? unit],
      ...(hasSocket ? ([['Requires', `${unit}.socket`]] as const) : []),
      ['After', hasSocket ? `network.target ${unit}.socket` : 'network.target'],
      ...further(part, 'unit.'),
    ],
    Service: [
      ['Type', 'notify'],
      ['NotifyAccess', 'main'],
      // The script becomes the server: it is the main process, which the sockets are for.
      ['ExecStart', inUnitCommand(script)],
      ['ExecReload', '/bin/kill -HUP $MAINPID'],
      ['WorkingDirectory', inUnit(part.directory)],
      ...named('user', 'User'),
      ...named('group', 'Group'),
      ['WatchdogSec', part.text('watchdog') ?? '30'],
      ['TimeoutStopSec', stopTimeout(part, instance)],
      ['KillMode', 'mixed'],
      ['Restart', 'on-failure'],
      // A configuration that is wrong stays wrong.
      ['RestartPreventExitStatus', '2'],
      ...further(part, 'service.'),
    ],
    Install: [['WantedBy', 'multi-user.target'], ...(hasSocket ? ([['Also', `${unit}.socket`]] as const) : [])],
  };
}

/** What the server needs to answer what is under way, and then some. Faults: PART_OPTION. */
function stopTimeout(part: Part, instance: Settings): string {
  const ofServer = (name: string, fallback: number): number => timeOf(instance.get(`server.${name}`)?.value ?? '') ?? fallback;
  const neededMs = ofServer('stop_delay', 0) + ofServer('graceful_timeout', GRACEFUL_MS);
  const written = part.text('stop-timeout');
  if (written === undefined) return String(Math.ceil((neededMs + MORE_MS) / 1_000));
  // systemd's word for that it waits for ever.
  if (written !== 'infinity' && part.time('stop-timeout')! <= neededMs)
    part.warn(
      'stop-timeout',
      `ends the server after ${written}, before it has ended by itself: stop_delay and graceful_timeout of its instance are ${neededMs / 1_000}s together`,
    );
  return written;
}

/** The server's own default, and what a stop takes beside it. */
const [GRACEFUL_MS, MORE_MS] = [30_000, 10_000];

function socket(part: Part, listen: readonly string[], name: string | undefined): Sections {
  return {
    Unit: [['Description', `Sockets of ${part.text('description') ?? part.name}`]],
    Socket: [
      ...listen.map((address) => ['ListenStream', address] as const),
      ...(name === undefined ? [] : ([['FileDescriptorName', name]] as const)),
      ['Backlog', part.text('backlog') ?? '1024'],
      ...further(part, 'socket.'),
    ],
    Install: [['WantedBy', 'sockets.target']],
  };
}

/** `service.Environment = A=1`; a setting that is there several times has several lines. */
function further(part: Part, prefix: string): Lines {
  return part.under(prefix).flatMap(({ key, value }) =>
    value
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => [key, line.trim()] as const),
  );
}

function file(part: Part, path: string, make: () => Sections): GeneratedFile {
  const { made, isSecret } = part.marked(make);
  const body = Object.entries(made).map(([name, lines]) =>
    [`[${name}]`, ...lines.map(([key, value]) => `${key}=${value}`), ''].join('\n'),
  );
  return { path, lines: linesFrom(`${headerOf([part.source])}\n\n${body.join('\n')}`, part.at), isSecret };
}
