// build-faults.ts: what is wrong with a configuration that inis are generated from, with its recipes and templates, and with what
// stands where a file is to be written; exit code 2.

import { config, didYouMean } from './fault-row.ts';
import { someOf } from './nearest.ts';

export const BUILD_FAULTS = {
  BUILDOUT_SYNTAX: config(
    'A line of a buildout configuration is neither a comment, a [section], an `option = value`, nor an indented continuation.',
    (d: { why: string }) => d.why,
    () =>
      'write option = value, option += value or option -= value; indent a line that continues a value; # begins a comment in column 1',
  ),
  BUILDOUT_CONDITION: config(
    'The condition of a section, `[name: condition]`, cannot be understood.',
    (d: { condition: string; why: string }) => `${d.condition}: ${d.why}`,
    () => 'write [name: linux], [name: node_version >= "20" and not windows] or [name: env.CI == "true"]',
  ),
  BUILDOUT_EXTENDS: config(
    '`extends` or `optional-extends` names what cannot be read as a further configuration, or leads in a circle.',
    (d: { why: string }) => d.why,
    () => 'name files, relative to the one that says so; they may contain ${env:NAME} and nothing else in braces',
  ),
  BUILDOUT_SECTION_MISSING: config(
    'A part, a macro or a `${section:option}` names a section that the configuration does not have.',
    (d: { section: string; nearest: string | undefined }) => `there is no section [${d.section}]`,
    (d) => didYouMean(d.nearest && `[${d.nearest}]`) ?? 'write the section, or mend the name',
  ),
  BUILDOUT_OPTION_MISSING: config(
    '`${section:option}` names an option that the section does not have.',
    (d: { section: string; option: string; nearest: string | undefined; has: readonly string[] }) =>
      `[${d.section}] has no option ${d.option}`,
    (d) => didYouMean(d.nearest) ?? (d.has.length === 0 ? 'it has no options at all' : `it has ${someOf(d.has)}`),
  ),
  MACRO_CYCLE: config(
    'Sections take their options from each other, with <=, in a circle.',
    (d: { cycle: readonly string[] }) => `macros lead in a circle: ${d.cycle.map((name) => `[${name}]`).join(' -> ')}`,
    () => 'one of them must stand without <=',
  ),
  SUBSTITUTION_SYNTAX: config(
    'A `${` does not begin a reference.',
    (d: { written: string; why: string }) => `${d.written}: ${d.why}`,
    () => 'write ${section:option}, ${:option} of the same section, or ${env:NAME}; $${ is a ${ that stands for itself',
  ),
  SUBSTITUTION_CYCLE: config(
    'Options refer to each other in a circle.',
    (d: { cycle: readonly string[] }) => `options refer to each other in a circle: ${d.cycle.join(' -> ')}`,
    () => 'write one of them out; $${ is a ${ that stands for itself',
  ),
  SUBSTITUTION_DEPTH: config(
    'Options refer to options that refer to options, without end in sight.',
    (d: { limit: number }) => `options refer to each other more than ${d.limit} deep`,
    () => 'write one of them out',
  ),
  SUBSTITUTION_TOO_LONG: config(
    'A value grew beyond all reason while its references were put in.',
    (d: { limit: number }) => `the value exceeds ${d.limit} characters`,
    () => 'values that refer to values that refer to values grow fast; write one of them out',
  ),
  SUBSTITUTION_ENVIRONMENT: config(
    '`${env:NAME}` names a variable that the environment does not have.',
    (d: { name: string; nearest: string | undefined }) => `the environment has no ${d.name}`,
    (d) => didYouMean(d.nearest) ?? `set it, or write what to take instead: \${env:${d.name}|value}`,
  ),
  PART_UNFIT: config(
    'What is named as a part is a section that cannot be built, or that has another recipe than the one that is needed.',
    (d: { part: string; why: string }) => `[${d.part}] ${d.why}`,
    () => 'a part is a section with a recipe, such as recipe = @appserve/loader#instance',
  ),
  PART_CYCLE: config(
    'The recipes of parts need each other in a circle.',
    (d: { cycle: readonly string[] }) => `parts need each other in a circle: ${d.cycle.join(' -> ')}`,
    () => 'a recipe needs what another one has made, such as ${instance:sockets}; one of the two must be written out',
  ),
  PART_OPTION: config(
    'An option of a part has a value that its recipe cannot take, or is missing.',
    (d: { key: string; why: string }) => `${d.key}: ${d.why}`,
    () => 'docs/guide/generation.md lists the options of each recipe',
  ),
  RECIPE_FAILED: config(
    'A recipe of somebody else has failed, or has made what no recipe makes.',
    (d: { recipe: string; message: string }) => `the recipe ${d.recipe} failed: ${d.message}`,
  ),
  TEMPLATE_SYNTAX: config(
    'A template has a % that is neither `%(name)s` nor `%%`, or a loop that is not closed.',
    (d: { why: string }) => d.why,
    () => 'write %% for a percent sign; a loop is %for NAME in ${section:option}, then lines, then %end',
  ),
  TEMPLATE_NAME_MISSING: config(
    'A template names what its part does not have.',
    (d: { name: string; written: string; nearest: string | undefined; isOfIni: boolean }) => `there is no value for ${d.written}`,
    (d) => {
      if (d.isOfIni) return `what the ini itself shall put in is written with two percent signs: %%(${d.name})s`;
      return didYouMean(d.nearest) ?? 'set it as an option of the part, or write ${section:option}';
    },
  ),
  FILE_NOT_OURS: config(
    'Where a file is to be written, another one stands that was not generated here, or nothing is known of it.',
    (d: { path: string; isGenerated: boolean }) =>
      d.isGenerated
        ? `${d.path} is there already, and nothing remembers whether it was changed since it was generated`
        : `${d.path} is there already, and was not generated`,
    () => 'move it away, or write over it with --force',
  ),
  FILE_EDITED: config(
    'A generated file was changed by hand since, so that generating or removing it would lose the change.',
    (d: { path: string }) => `${d.path} was changed since it was generated`,
    () => '--diff shows the change: put it into the configuration or the template, then use --force',
  ),
  FILE_IS_LINK: config(
    'Where a file is to be written, a link stands: a build replaces files, and would leave a file in its place.',
    (d: { path: string; leadsTo: string }) => `${d.path} is a link to ${d.leadsTo}`,
    (d) => `let the part write ${d.leadsTo}, or a folder that is a link; or put a file in the place of the link with --force`,
  ),
  FILE_CLASH: config(
    'Two parts write the same file.',
    (d: { path: string; parts: readonly string[] }) =>
      `${d.path} is written by ${d.parts.map((part) => `[${part}]`).join(' and ')}`,
    () => 'give one of them another name or another output',
  ),
  BUILD_RUNNING: config(
    'Another build of the same configuration is under way.',
    (d: { pid: number; host: string | undefined; path: string }) =>
      `process ${d.pid}${d.host === undefined ? '' : ` of ${d.host}`} is building here`,
    (d) => `wait for it; if nothing builds here any more, remove ${d.path}: the next build puts right what is half done`,
  ),
  BUILD_BROKEN_OFF: config(
    'A build was killed, and what it has left is half done: there is nothing to compare with.',
    (d: { path: string }) => `a build was broken off, and has left ${d.path}`,
    () => 'appserve build puts right what it has left',
  ),
  UNDO_FAILED: config(
    'What stood somewhere before a build that failed, or was killed, could not be put back.',
    (d: { path: string; why: string; folder: string }) => `cannot put back ${d.path}: ${d.why}`,
    (d) => `mend that and build again; or remove ${d.folder}, and all stays as it is now`,
  ),
  JOURNAL_INVALID: config(
    'A build was broken off, and what says how to put back what it has written cannot be read.',
    (d: { path: string; why: string; folder: string }) => `${d.path}: ${d.why}`,
    (d) =>
      `remove ${d.folder}: then what stands there counts, and the next build says what was changed; old files are in it as old-N`,
  ),
  WRITE_FAILED: config(
    'A file could not be written. What had been written before it was put back.',
    (d: { path: string; why: string }) => `cannot write ${d.path}: ${d.why}`,
  ),
  STATE_INVALID: config(
    'The file in which a build remembers what it has made cannot be read.',
    (d: { path: string; why: string }) => `${d.path}: ${d.why}`,
    () => 'put it back from a backup; or remove it, together with the generated files',
  ),
} as const;
