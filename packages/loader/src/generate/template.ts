// generate/template.ts: a text with `${section:option}` and, where it is asked for, `%(name)s` in it becomes lines that know where they
// came from. Pure.
//
//   %for part in ${buildout:instances}     the lines up to %end, once for each word; ${part} is the word, and
//   server ${part:http-address};           ${part:option} an option of the section of that name
//   %end
//
// What is put in is never scanned again. `%%for` and `%%end` at the beginning of a line are such a word that stands for itself.

import { Fault, Faults, nearest, type FaultContext, type Place } from '@appserve/core';
import { parseReference, type ContextOf, type Reference } from '../buildout/reference.ts';
import type { Text } from '../buildout/substitute.ts';
import type { GeneratedLine, GeneratedText } from './generated.ts';

export interface Template {
  readonly text: string;
  /** As messages call it. */
  readonly file: string;
  /** Python's `%(name)s` and `%%` mean something: so in templates of inis. */
  readonly hasPercent: boolean;
  /** What is made is an ini: a value of several lines goes on in lines that are indented. */
  readonly isIni: boolean;
}

export interface TemplateNames {
  /** What `%(name)s` and `${name}` can be; the names, for messages. */
  readonly variable: (name: string) => Text | undefined;
  readonly names: () => readonly string[];
  /** `${section:option}`. Faults: those of Configuration. */
  readonly resolve: (reference: Reference, contextOf: ContextOf) => Text;
  readonly askedBy: readonly string[];
}

interface SourceLine {
  readonly text: string;
  readonly at: Place;
}

type Node = SourceLine | Loop;

interface Loop {
  readonly variable: string;
  /** What stands behind `in`. */
  readonly list: SourceLine;
  readonly body: readonly Node[];
}

const FOR = /^%for\s+(?<name>[A-Za-z_][\w-]*)\s+in\s+(?<list>.*\S)\s*$/;
const DIRECTIVE = /^%(?:for|end)\b/;
const ESCAPED = /^%%(?:for|end)\b/;

/** Faults: TEMPLATE_SYNTAX, TEMPLATE_NAME_MISSING, SUBSTITUTION_*, BUILDOUT_*_MISSING; those of all lines at once. */
export function render(template: Template, names: TemplateNames): GeneratedText {
  const lines = template.text.split(/\r\n|\r|\n/).map((text, index) => ({ text, at: placeIn(template, text, index + 1) }));
  const rendering = new Rendering(template, names);
  const made = rendering.nodes(parse(lines, names.askedBy), new Map());
  rendering.faults.end();
  return { lines: made, isSecret: rendering.isSecret };
}

function placeIn({ file }: Template, text: string, line: number): Place {
  return { file, line, column: 1, length: text.length, text };
}

/** Faults: TEMPLATE_SYNTAX for a loop that is not closed, or closed twice: which lines are its own, nobody knows then. */
function parse(lines: readonly SourceLine[], askedBy: readonly string[]): Node[] {
  const open: { readonly at: Place; readonly body: Node[] }[] = [];
  const all: Node[] = [];
  let body = all;
  for (const line of lines) {
    if (!DIRECTIVE.test(line.text)) {
      body.push(line);
    } else if (line.text.startsWith('%for')) {
      const loop = loopOf(line, askedBy);
      body.push(loop);
      open.push({ at: line.at, body });
      body = loop.body as Node[];
    } else {
      const closed = open.pop();
      if (closed === undefined || line.text.trim() !== '%end')
        throw new Fault('TEMPLATE_SYNTAX', { why: '%end closes a %for, and stands alone in its line' }, { at: line.at, askedBy });
      ({ body } = closed);
    }
  }
  const left = open.at(-1);
  if (left !== undefined) throw new Fault('TEMPLATE_SYNTAX', { why: 'this %for has no %end' }, { at: left.at, askedBy });
  return all;
}

function loopOf({ text, at }: SourceLine, askedBy: readonly string[]): Loop {
  const groups = FOR.exec(text)?.groups;
  if (groups === undefined) throw new Fault('TEMPLATE_SYNTAX', { why: 'a loop is written %for NAME in LIST' }, { at, askedBy });
  const list = groups['list']!;
  const column = at.column + text.lastIndexOf(list);
  return { variable: groups['name']!, list: { text: list, at: { ...at, column, length: list.length } }, body: [] };
}

/** By the names of loops. */
type Bindings = ReadonlyMap<string, string>;

const DOLLARS = /\$\$\{?|\$\{(?<inner>[^}]*)\}|\$\{/g;
const DOLLARS_AND_PERCENTS = /\$\$\{?|\$\{(?<inner>[^}]*)\}|\$\{|%%|%\((?<name>[^)]*)\)s|%/g;

class Rendering {
  readonly #hasPercent: boolean;
  readonly #isIni: boolean;
  readonly #names: TemplateNames;
  isSecret = false;
  /** In the place of what is wrong nothing stands, and the rest is looked at too. */
  readonly faults = new Faults();

  constructor({ hasPercent, isIni }: Template, names: TemplateNames) {
    this.#hasPercent = hasPercent;
    this.#isIni = isIni;
    this.#names = names;
  }

  nodes(nodes: readonly Node[], bindings: Bindings): GeneratedLine[] {
    return nodes.flatMap((node) => {
      if ('text' in node)
        return this.#lines(node, this.#line(node, bindings).split('\n')).map((text) => ({ text, from: node.at }));
      const words = this.#line(node.list, bindings).match(/\S+/g) ?? [];
      return words.flatMap((word) => this.nodes(node.body, new Map([...bindings, [node.variable, word]])));
    });
  }

  /** Faults: TEMPLATE_SYNTAX for a line of a value that would be a comment. */
  #lines({ text, at }: SourceLine, [first = '', ...more]: readonly string[]): string[] {
    // A reference alone in its line brings whole lines of the ini.
    if (!this.#isIni || more.length === 0 || /^(?:\$\{[^}]*\}|%\([^)]*\)s)$/.test(text)) return [first, ...more];
    const comment = more.find((line) => /^\s*[#;]/.test(line));
    if (comment !== undefined) {
      const why = `a line of what is put in, ${comment.trim()}, would be a comment in the ini`;
      this.faults.add(new Fault('TEMPLATE_SYNTAX', { why }, { at, askedBy: this.#names.askedBy }));
    }
    return [first, ...more.map((line) => (line === '' || /^\s/.test(line) ? line : `    ${line}`))];
  }

  #line({ text, at }: SourceLine, bindings: Bindings): string {
    // Behind the word all is as in any other line.
    const [word = ''] = ESCAPED.exec(text) ?? [];
    return word.slice(1) + this.#rest(text, at, word.length, bindings);
  }

  #rest(text: string, at: Place, from: number, bindings: Bindings): string {
    const contextOf: ContextOf = (offset, length) => ({
      at: { ...at, column: at.column + from + offset, length },
      askedBy: this.#names.askedBy,
    });
    const source = text.slice(from);
    if (!/[$%]/.test(source)) return source;
    return source.replaceAll(this.#hasPercent ? DOLLARS_AND_PERCENTS : DOLLARS, (...found: unknown[]) => {
      const written = found[0] as string;
      const groups = found.at(-1) as Readonly<Record<string, string | undefined>>;
      const offset = found.at(-3) as number;
      if (written === '$${') return '${';
      if (written === '$$') return '$$';
      if (written === '%%') return '%';
      const made = this.faults.catch(() =>
        written.startsWith('%')
          ? this.#percent(written, groups['name'], bindings, () => contextOf(offset, written.length), source.slice(offset))
          : this.#reference(parseReference(written, groups['inner'], offset, contextOf, true), bindings, contextOf),
      );
      this.isSecret ||= made?.isSecret === true;
      return made?.text ?? '';
    });
  }

  #percent(written: string, name: string | undefined, bindings: Bindings, contextOf: () => FaultContext, rest: string): Text {
    if (name === undefined || name === '') {
      const why = rest.startsWith('%(') ? `${rest.split(/\s/)[0]} is not of the form %(name)s` : '% must be followed by % or (';
      throw new Fault('TEMPLATE_SYNTAX', { why }, contextOf());
    }
    return this.#named(name, written, bindings, contextOf);
  }

  #reference(reference: Reference, bindings: Bindings, contextOf: ContextOf): Text {
    const { isBare, option, section, written, offset } = reference;
    if (isBare) return this.#named(option, written, bindings, () => contextOf(offset, written.length));
    const bound = bindings.get(section);
    return this.#names.resolve(bound === undefined ? reference : { ...reference, section: bound }, contextOf);
  }

  #named(name: string, written: string, bindings: Bindings, contextOf: () => FaultContext): Text {
    const bound = bindings.get(name);
    const found = bound === undefined ? this.#names.variable(name) : { text: bound, isSecret: false };
    if (found !== undefined) return found;
    const isOfIni =
      written.startsWith('%') && /^(?:here|__file__|env:.*|file:.*|asctime|levelname|message|name|process)$/.test(name);
    const like = nearest(name, [...this.#names.names(), ...bindings.keys()]);
    throw new Fault('TEMPLATE_NAME_MISSING', { name, written, nearest: like, isOfIni }, contextOf());
  }
}
