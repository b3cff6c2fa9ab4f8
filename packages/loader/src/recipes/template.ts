// recipes/template.ts: a file from a template, in any language: `${section:option}`, `${option}` of the part, loops. What stands in the
// configuration itself, `inline`, has its references put in as any option has, and no loops.
//
// Source: collective.recipe.template, whose options have the same names; `url` it has, and this one has not.

import { extname } from 'node:path';
import { headerOf, type GeneratedLine, type GeneratedText } from '../generate/generated.ts';
import type { Made } from './recipe.ts';
import type { Part } from './part.ts';

/** Files in which a line that begins with # is a comment. */
const HASH_ENDINGS: ReadonlySet<string> = new Set(
  '.ini .cfg .conf .sh .py .rb .yml .yaml .toml .env .service .socket .timer .properties'.split(' '),
);
const INLINE = 'inline:';

/** Faults: PART_OPTION, CONFIG_*, TEMPLATE_*, SUBSTITUTION_*, BUILDOUT_*_MISSING. */
export function template(part: Part): Made {
  const output = outputOf(part);
  const { made, isSecret } = part.marked(() => rendered(part));
  const lines = part.flag('header', HASH_ENDINGS.has(extname(output))) ? withHeader(part, made.lines) : made.lines;
  const ini = extname(output) === '.ini' && part.flag('load', false) ? 'load' : undefined;
  return {
    files: [{ path: output, lines, isSecret, ...modeOf(part, isSecret), ...(ini && { ini }) }],
    values: { output: part.told(() => outputOf(part)) },
  };
}

function outputOf(part: Part): string {
  return part.path(part.required('output').value);
}

/** As it is said; else as the template has it, but for a secret. */
function modeOf(part: Part, isSecret: boolean): { readonly mode?: number } {
  const said = part.mode('mode');
  if (said !== undefined) return { mode: said };
  if (sourceOf(part) !== 'input') return {};
  const mode = part.modeOf(part.path(part.text('input')!));
  return { mode: isSecret ? mode & OWNERS_ALONE : mode };
}

const OWNERS_ALONE = 0o700;

type Source = 'input' | 'inline';

/** Faults: PART_OPTION. */
function sourceOf(part: Part): Source {
  if (part.setting('url') !== undefined) part.refuse('url', 'nothing is fetched; put the template beside the configuration');
  const [input, inline] = [part.text('input'), part.text('inline')];
  if (input !== undefined && inline !== undefined) part.refuse('inline', 'there is an input too; keep one of them');
  if (input === undefined && inline === undefined)
    part.refuse('input', 'is missing: the path of a template; or give inline, the template itself');
  return inline === undefined && input?.startsWith(INLINE) === false ? 'input' : 'inline';
}

function rendered(part: Part): GeneratedText {
  if (sourceOf(part) === 'input')
    return part.renderFile('input', { hasPercent: part.flag('percent', false), isIni: extname(outputOf(part)) === '.ini' });
  const key = part.text('inline') === undefined ? 'input' : 'inline';
  const made = part.textIn(key);
  const lines = key === 'inline' ? made.lines : withoutMark(made.lines);
  // What begins below its option ends as files end.
  return { ...made, lines: [...lines, { text: '', from: undefined }] };
}

/** `input = inline:`, and the template below it. */
function withoutMark([first, ...rest]: readonly GeneratedLine[]): GeneratedLine[] {
  const text = first!.text.slice(INLINE.length);
  return text === '' ? rest : [{ ...first!, text }, ...rest];
}

/** Behind a line such as #!/bin/sh, which must stay the first. */
function withHeader(part: Part, lines: readonly GeneratedLine[]): GeneratedLine[] {
  const sources = [part.source, ...(sourceOf(part) === 'input' ? [part.sourcePath(part.path(part.text('input')!))] : [])];
  const header = { text: headerOf(sources), from: undefined };
  const at = lines[0]?.text.startsWith('#!') === true ? 1 : 0;
  return [...lines.slice(0, at), header, ...lines.slice(at)];
}
