// pastedeploy-outcome.ts: what comes of an ask, in one form for both sides, so that it can be compared: what is planned, then what
// factories are called with, in order, then what they made; or how it is refused.

import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import type { Fault, FaultCode } from '@appserve/core';
import { loadApp, loadFilter, loadPlan, loadServer, type Context } from '@appserve/loader';
import { faultsOf } from './faults.ts';
import { ours, traceOf } from './pastedeploy-site.ts';
import type { Answer, Ask, Call, Case, Globals, Pairs, PythonContext, PythonError } from './pastedeploy.ts';

/** One of the codes will do. `by` is what the other side calls it. */
interface Refusal {
  readonly by: string;
  readonly codes: readonly FaultCode[];
}

export interface Outcome {
  /** Lines; nothing when it is refused before. */
  readonly plan: readonly string[] | undefined;
  readonly made: readonly string[] | undefined;
  readonly refusal: Refusal | undefined;
}

// What PasteDeploy says.

export function expected(answer: Answer): Outcome {
  if ('error' in answer) return { plan: undefined, made: undefined, refusal: refusalOf(answer.error) };
  const plan = planOfPython(answer.context);
  if (answer.failed !== undefined) return { plan, made: undefined, refusal: refusalOf(answer.failed) };
  return { plan, made: madeLines(answer.trace, answer.made!), refusal: undefined };
}

/** `outer`: the section of what wraps it, for the part that this section itself names. */
function planOfPython(context: PythonContext, outer?: string): readonly string[] {
  const section = context.sections[0] ?? outer;
  switch (context.kind) {
    case 'pipeline':
      return nested(headOf('pipeline', section), [
        ...context.filters.map((filter) => planOfPython(filter)),
        planOfPython(context.app),
      ]);
    case 'filter_app':
      return nested(headOf('filter-app', section), [planOfPython(context.filter, section), planOfPython(context.next)]);
    case 'filtered_with':
      return nested(headOf('filter-with', section), [planOfPython(context.filter), planOfPython(context.next, section)]);
    case 'application':
    case 'filter':
    case 'server': {
      const role = context.kind === 'application' ? 'app' : context.kind;
      return nested(headOf(`${role} ${context.factory}`, section), [confLines(context.global_conf, context.local_conf)]);
    }
  }
}

/** What PasteDeploy says, and what we say then. */
const REFUSALS: readonly (readonly [type: string, message: RegExp, ...codes: readonly FaultCode[]])[] = [
  // An empty name, and one of several lines.
  ['LookupError', /^No section '(?:'|\\n)/, 'USE_INVALID'],
  ['LookupError', /^No section /, 'SECTION_MISSING'],
  ['LookupError', /^Ambiguous section names /, 'SECTION_AMBIGUOUS'],
  ['LookupError', /^No loader given /, 'USE_MISSING'],
  ['LookupError', /^Multiple protocols given /, 'PROTOCOLS_SEVERAL'],
  ['LookupError', /^URI has no scheme/, 'URI_INVALID'],
  ['LookupError', /^URI scheme not known/, 'USE_INVALID', 'URI_INVALID'],
  ['LookupError', /^Configuration not in format module:function/, 'USE_INVALID'],
  ['ValueError', /^too many values to unpack/, 'USE_INVALID', 'MODULE_MISSING'],
  ['ValueError', /^A distribution name is required/, 'USE_INVALID'],
  ['LookupError', /^Entry point '' not found/, 'USE_INVALID'],
  ['LookupError', /^Entry point .* not found/, 'ENTRY_POINT_MISSING'],
  ['LookupError', /^Ambiguous entry points /, 'ENTRY_POINT_AMBIGUOUS'],
  // The last, where no package can have that name.
  ['PackageNotFoundError', /./, 'PACKAGE_MISSING', 'REQUIREMENT_MISSING', 'USE_INVALID'],
  ['ModuleNotFoundError', /./, 'MODULE_MISSING', 'PACKAGE_MISSING'],
  ['AttributeError', /^'NoneType' object has no attribute 'group'/, 'USE_INVALID'],
  ['AttributeError', /^module .* has no attribute/, 'EXPORT_MISSING'],
  ['LookupError', /is missing a 'pipeline' setting/, 'PIPELINE_MISSING'],
  ['LookupError', /has extra \(disallowed\) settings/, 'PIPELINE_SETTINGS'],
  ['LookupError', /is missing a 'next' setting/, 'NEXT_MISSING'],
  ['IndexError', /^list index out of range/, 'PIPELINE_EMPTY'],
  ['KeyError', /./, 'GLOBAL_MISSING'],
  ['FileNotFoundError', /./, 'CONFIG_MISSING'],
  ['IsADirectoryError', /./, 'USE_INVALID', 'CONFIG_UNREADABLE'],
  ['RecursionError', /./, 'USE_CYCLE'],
  ['InterpolationMissingOptionError', /./, 'INTERPOLATION_MISSING'],
  ['InterpolationSyntaxError', /./, 'INTERPOLATION_SYNTAX'],
  // Python counts to ten also where values go in a circle.
  ['InterpolationDepthError', /./, 'INTERPOLATION_DEPTH', 'INTERPOLATION_CYCLE'],
  ['MissingSectionHeaderError', /./, 'INI_NO_SECTION'],
  ['ParsingError', /./, 'INI_SYNTAX'],
  ['DuplicateSectionError', /./, 'SECTION_REPEATED'],
  ['DuplicateOptionError', /./, 'KEY_REPEATED'],
  // It refuses what we do not refuse.
  ['AssertionError', /^Protocol .* unknown/],
];

function refusalOf({ type, message }: PythonError): Refusal {
  const row = REFUSALS.find(([ofRow, pattern]) => ofRow === type && pattern.test(message));
  assert.ok(row !== undefined, `we have a fault for ${type}: ${message}`);
  const [, , ...codes] = row;
  return { by: type, codes };
}

// What we say.

/** By which option of ours PasteDeploy's global_conf is given. */
export type Way = 'globalConf' | 'vars';

export async function found({ vars }: Case, [role, uri, name]: Ask, folder: string, way: Way): Promise<Outcome> {
  const address = ours(uri);
  const options = { relativeTo: folder, [way]: vars, ...(name === null ? {} : { name: ours(name) }) };
  const planned = await attempt(async () => loadPlan(address, { ...options, kind: role }));
  if ('faults' in planned) return { plan: undefined, made: undefined, refusal: refusalOfOurs(planned.faults) };
  const plan = theirs(planOfOurs(planned.value, folder), folder);
  const trace = await traceOf(folder);
  trace.length = 0;
  const made = await attempt(() => create(role, address, options));
  if ('faults' in made) return { plan, made: undefined, refusal: refusalOfOurs(made.faults) };
  return { plan, made: theirs(madeLines(trace, made.value), folder), refusal: undefined };
}

async function attempt<T>(act: () => Promise<T>): Promise<{ readonly value: T } | { readonly faults: readonly Fault[] }> {
  const acting = act();
  const [result] = await Promise.allSettled([acting]);
  return result.status === 'fulfilled' ? { value: result.value } : { faults: await faultsOf(acting) };
}

function refusalOfOurs(faults: readonly Fault[]): Refusal {
  const codes = [...new Set(faults.map(({ code }) => code))];
  return { by: codes.join(' '), codes };
}

const APP = Object.assign(() => new Response(), { text: '<app>' });

async function create(role: Ask[0], uri: string, options: Parameters<typeof loadApp>[1]): Promise<string> {
  const { text } = (await (role === 'app'
    ? loadApp(uri, options)
    : role === 'filter'
      ? (await loadFilter(uri, options))(APP)
      : (await loadServer(uri, options))(APP as never))) as { readonly text?: string };
  return text ?? 'function';
}

function planOfOurs(context: Context, folder: string): readonly string[] {
  if (context.type === 'wrapped') {
    return nested(
      headOf(context.by, context.section),
      [...context.filters, context.inner].map((part) => planOfOurs(part, folder)),
    );
  }
  const { role, target, globals, settings } = context;
  const pairs = (of: typeof settings): Pairs => of.map(({ key, value }) => [key, value]);
  return nested(headOf(`${role} ${targetName(target, folder)}`, context.section), [
    confLines(Object.fromEntries(pairs(globals)), pairs(settings)),
  ]);
}

function targetName(target: Extract<Context, { type: 'factory' }>['target'], folder: string): string {
  switch (target.type) {
    case 'package':
      return `${target.package}#${target.name}`;
    case 'file':
      return `${relative(folder, join(folder, target.path)).replace(/\.mjs$/, '')}:${target.name}`;
    case 'module':
      return `${target.specifier}:${target.name}`;
  }
}

// In one form.

/** A list or a caller may name a factory without a section. */
function headOf(what: string, section: string | undefined): string {
  return section === undefined ? what : `${what} of [${section}]`;
}

function nested(head: string, parts: readonly (readonly string[])[]): readonly string[] {
  return [head, ...parts.flat().map((line) => `  ${line}`)];
}

/** Settings in their order; that of the globals means nothing. */
function confLines(globals: Globals, locals: Pairs): readonly string[] {
  return [
    ...Object.keys(globals)
      .toSorted()
      .map((key) => `global ${key} = ${JSON.stringify(globals[key])}`),
    ...locals.map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
  ];
}

function madeLines(trace: readonly Call[], made: string): readonly string[] {
  const calls = trace.flatMap(({ factory, global_conf, local_conf, app }) =>
    nested(`calls ${factory}${app === undefined ? '' : ` with ${app}`}`, [confLines(global_conf, local_conf)]),
  );
  return [...calls, `makes ${made}`];
}

/** With the paths and the names of modules that the other side has. */
function theirs(lines: readonly string[], folder: string): readonly string[] {
  return lines.map((line) => line.replaceAll(folder, '<here>').replaceAll('./fake.mjs:', 'fake:'));
}

/** What differs: lines of PasteDeploy alone with a minus, ours alone with a plus; nothing when there is no difference. */
export function differences(wanted: Outcome, seen: Outcome): readonly string[] {
  if (wanted.refusal !== undefined && seen.refusal !== undefined) {
    const isSame = wanted.refusal.codes.some((code) => seen.refusal!.codes.includes(code));
    return isSame ? [] : [`- refuses: ${wanted.refusal.by}`, `+ refuses: ${seen.refusal.by}`];
  }
  if (wanted.refusal !== undefined) return [`- refuses: ${wanted.refusal.by}`, ...whole(seen).map((line) => `+ ${line}`)];
  if (seen.refusal !== undefined) return [...whole(wanted).map((line) => `- ${line}`), `+ refuses: ${seen.refusal.by}`];
  const planned = lineDifferences(wanted.plan!, seen.plan!);
  return planned.length > 0 ? planned : lineDifferences(wanted.made!, seen.made!);
}

/** Where the other side has nothing: without what is the same everywhere. */
function whole({ plan, made }: Outcome): readonly string[] {
  return [...plan!.filter((line) => !/^ *global (?:here|__file__) = "<here>(?:\/site.ini)?"$/.test(line)), made!.at(-1)!];
}

function lineDifferences(wanted: readonly string[], seen: readonly string[]): readonly string[] {
  if (wanted.join('\n') === seen.join('\n')) return [];
  const [minus, plus] = [without(wanted, seen), without(seen, wanted)];
  if (minus.length + plus.length === 0) return ['the same lines in another order', ...seen];
  return [...minus.map((line) => `- ${line.trim()}`), ...plus.map((line) => `+ ${line.trim()}`)];
}

/** Lines that the others do not have, or not as often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return lines.filter((line) => {
    const at = rest.indexOf(line);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}
