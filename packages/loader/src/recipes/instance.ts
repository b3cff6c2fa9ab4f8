// recipes/instance.ts: a site that can be started: an ini in parts/NAME/etc/wsgi.ini and a script, bin/NAME, that serves it from
// wherever one stands.
//
// Source: plone.recipe.zope2instance. Its options have the same names here, as far as they mean something; instance-options.ts is
// the table. What its users have missed is an option for each setting that it did not think of: here `server.NAME` and `app.NAME`.

import { dirname, join } from 'node:path';
import type { Text } from '../buildout/substitute.ts';
import { headerOf, textOfLines, type GeneratedFile, type GeneratedText } from '../generate/generated.ts';
import { socketsOf } from './addresses.ts';
import { iniOf, loggingOf } from './instance-ini.ts';
import { pathsOf, templateVariables } from './instance-variables.ts';
import type { Part } from './part.ts';
import type { Made } from './recipe.ts';
import { startScript } from './start-script.ts';

/** Faults: PART_OPTION, CONFIG_*, TEMPLATE_*, SUBSTITUTION_*. */
export function instance(part: Part): Made {
  // What is read out here is in all of its files: a secret in the name of a folder makes all of them secret.
  const script = join(part.buildout('bin-directory'), part.text('control-script') ?? part.name);
  const { folder } = part;
  const { made: sockets } = part.marked(() => socketsOf(part));
  const { made: paths } = part.marked(() => pathsOf(part));
  const { made, isSecret } = part.marked(() => withHeader(part, textFor(part)));
  const check = part.text('check') ?? 'load';
  if (check !== 'load' && check !== 'parse') part.refuse('check', `${check} is neither load nor parse`);
  const ini: GeneratedFile = { path: paths.ini, ...made, isSecret, ini: check };
  const unix = sockets.filter((socket) => socket.startsWith('unix:')).map((socket) => dirname(socket.slice('unix:'.length)));
  return {
    files: [ini, startScript(part, script, paths.ini)],
    folders: [...paths.logs.map((path) => dirname(path)), ...unix],
    values: { ini: paths.ini, script, sockets: part.told(() => socketsOf(part).join('\n')), location: folder },
  };
}

const TEMPLATE = 'wsgi-ini-template';
const LOGGING_TEMPLATE = 'wsgi-logging-ini-template';
const OF_INI = { hasPercent: true, isIni: true } as const;

function textFor(part: Part): GeneratedText {
  const [whole, logging] = [part.setting(TEMPLATE), part.setting(LOGGING_TEMPLATE)];
  if (whole !== undefined && logging !== undefined)
    part.refuse(LOGGING_TEMPLATE, `${TEMPLATE} is the whole ini, and has the logging too`);
  const variables = (): ReadonlyMap<string, Text> => templateVariables(part);
  if (whole !== undefined) return part.renderFile(TEMPLATE, { ...OF_INI, variables: variables() });
  const made = iniOf(part);
  const tail = logging === undefined ? loggingOf(part) : part.renderFile(LOGGING_TEMPLATE, { ...OF_INI, variables: variables() });
  return { lines: [...made.lines, ...tail.lines], isSecret: made.isSecret || tail.isSecret };
}

function withHeader(part: Part, made: GeneratedText): GeneratedText {
  const templates = [TEMPLATE, LOGGING_TEMPLATE]
    .flatMap((key) => part.text(key) ?? [])
    .map((path) => part.sourcePath(part.path(path)));
  const lines = [{ text: headerOf([part.source, ...templates]), from: undefined }, ...made.lines];
  const isEnded = textOfLines(lines).endsWith('\n');
  return { ...made, lines: isEnded ? lines : [...lines, { text: '', from: undefined }] };
}
