// structured/parse.ts: a configuration in JSON or YAML as the document that the same ini would give.
//
// Both are read by the `yaml` package, since JSON is YAML and that knows where everything stands; what JSON forbids and YAML allows
// is refused before. A value is the text that stands in the file: 1.10 stays 1.10, and 007 stays 007.
//
// Law: pure. Whatever the text is, a Fault or a FaultList is all that is thrown.

import { Fault, FaultList, type Place } from '@appserve/core';
import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar, visit, type Alias, type YAMLMap } from 'yaml';
import { lowerFirst } from '../foreign-message.ts';
import type { Document } from '../ini/document.ts';
import { findJsonMistake } from './json-mistake.ts';
import { SourceText } from './source-text.ts';
import { documentOf, type Entry, type Value } from './value.ts';

/** `manifest` is a package.json: the sections stand in its `appserve.config`. */
export type Format = 'json' | 'yaml' | 'manifest';

/**
 * `path` is as people shall read it in messages.
 *
 * Faults: CONFIG_SYNTAX, CONFIG_SHAPE, SECTION_REPEATED, KEY_REPEATED; several that do not hide each other as a FaultList.
 */
export function parseStructured(text: string, path: string, format: Format): Document {
  const source = new SourceText(text, path);
  const mistake = format === 'yaml' ? undefined : findJsonMistake(source.text);
  if (mistake !== undefined) throw syntaxFault(mistake.why, source.place(mistake.offset, mistake.offset + 1));
  try {
    // YAML has its own mind about tabs. In JSON they stand between tokens only: within a string they must be escaped.
    const root =
      format === 'yaml'
        ? new Tree(source, source.text, true).root()
        : new Tree(source, source.text.replaceAll('\t', ' '), false).root();
    return format === 'manifest' ? documentOf(configOf(root), path, MANIFEST_KEY) : documentOf(root, path);
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) throw error;
    // The parser goes down one call for each level of a text.
    if (error instanceof RangeError) throw syntaxFault(TOO_DEEP, source.place(0, 1));
    throw error;
  }
}

function syntaxFault(why: string, at: Place): Fault {
  return new Fault('CONFIG_SYNTAX', { why }, { at });
}

const TOO_DEEP = 'it is nested too deep';
const MANIFEST_KEY = '"appserve.config"';

function configOf(manifest: Value): Value {
  return fieldOf(fieldOf(manifest, 'appserve'), 'config');
}

function fieldOf(value: Value, key: string): Value {
  const entries = value.is === 'map' ? value.entries() : [];
  return entries.find((entry) => entry.key === key)?.value ?? { is: 'other', at: value.at, called: 'not there' };
}

/** How many values may be read once more because aliases stand for them: a line of YAML can stand for a million. */
const ALIASED_MAX = 10_000;

/** A text of YAML as values. */
class Tree {
  readonly #source: SourceText;
  readonly #contents: unknown;
  readonly #hasMerges: boolean;
  readonly #targets = new Map<Alias, unknown>();
  /** How many more values may be read. Without aliases each is read once. */
  #left = ALIASED_MAX;

  /** `text` is that of the source, of the same length. */
  constructor(source: SourceText, text: string, hasMerges: boolean) {
    this.#source = source;
    this.#hasMerges = hasMerges;
    // Names that stand twice are found in value.ts, which can say where the first one is.
    const document = parseDocument(text, { prettyErrors: false, logLevel: 'error', uniqueKeys: false });
    const [error] = document.errors;
    // Only the first: what comes after it mostly comes from it.
    if (error !== undefined) {
      const why = error.code === 'RESOURCE_EXHAUSTION' ? TOO_DEEP : lowerFirst(error.message.replace(/\.$/, ''));
      throw syntaxFault(why, source.place(...error.pos));
    }
    this.#contents = document.contents;
    const anchors = new Map<string, unknown>();
    visit(document, {
      Node: (_key, node) => {
        this.#left += 1;
        if (isAlias(node)) this.#targets.set(node, anchors.get(node.source));
        else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
  }

  root(): Value {
    return this.#value(this.#contents, this.#source.place(0, 1));
  }

  /** `near`: a place for what stands nowhere itself, such as a value that is not there. */
  #value(written: unknown, near: Place): Value {
    const node = this.#target(written);
    if (isScalar(node)) {
      const at = this.#place(node);
      if (node.tag !== undefined) return { is: 'other', at, called: `of the type ${node.tag}` };
      if (node.value === null && node.type === Scalar.PLAIN) return { is: 'other', at, called: 'null' };
      return { is: 'text', at, text: sourceOf(node), lines: this.#lines(node) };
    }
    if (isMap(node) || isSeq(node)) {
      const at = this.#place(node);
      if (node.tag !== undefined) return { is: 'other', at, called: `of the type ${node.tag}` };
      if (isMap(node)) return { is: 'map', at, entries: () => this.#entries(node, []) };
      return { is: 'list', at, items: () => node.items.map((item) => this.#read(item, at)) };
    }
    return { is: 'other', at: near, called: 'null' };
  }

  #read(written: unknown, near: Place): Value {
    this.#spend(near);
    return this.#value(written, near);
  }

  #spend(at: Place): void {
    this.#left -= 1;
    if (this.#left < 0) throw syntaxFault(`its aliases stand for more than ${ALIASED_MAX} values`, at);
  }

  #target(written: unknown): unknown {
    if (!isAlias(written)) return written;
    const target = this.#targets.get(written);
    if (target === undefined) throw syntaxFault(`there is no &${written.source} above`, this.#place(written));
    return target;
  }

  /** With what `<<` merges: what the map says itself wins, then what is merged first (yaml.org/type/merge.html). */
  #entries(map: YAMLMap, within: readonly YAMLMap[]): Entry[] {
    const own: Entry[] = [];
    const merged: Entry[] = [];
    for (const { key, value } of map.items) {
      const name = this.#target(key);
      const at = isScalar(key) || isAlias(key) ? this.#place(key) : this.#place(map);
      if (this.#hasMerges && isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<') {
        for (const source of this.#mergeSources(value, at, [...within, map]))
          merged.push(...this.#entries(source, [...within, map]));
      } else {
        own.push({
          key: isScalar(name) && name.tag === undefined ? sourceOf(name) : undefined,
          at,
          value: this.#read(value, at),
        });
      }
    }
    const names = new Set(own.map((entry) => entry.key));
    for (const entry of merged) {
      if (names.has(entry.key)) continue;
      names.add(entry.key);
      own.push(entry);
    }
    return own;
  }

  #mergeSources(written: unknown, at: Place, within: readonly YAMLMap[]): YAMLMap[] {
    const node = this.#target(written);
    return (isSeq(node) ? node.items : [node]).map((item) => {
      this.#spend(at);
      const source = this.#target(item);
      if (!isMap(source)) throw syntaxFault('<< takes maps only, such as <<: *base', at);
      if (within.includes(source)) throw syntaxFault('a map cannot be merged into itself', at);
      return source;
    });
  }

  /** Every node has a range: all of them were parsed. */
  #place(node: { readonly range?: readonly number[] | null | undefined }): Place {
    const [start = 0, end = start] = node.range ?? [];
    return this.#source.place(start, end);
  }

  /** Where each line of a text stands. Of a text that is folded or escaped, the beginning stands for all. */
  #lines(node: Scalar): Place[] {
    const [start = 0, end = start] = node.range ?? [];
    const texts = sourceOf(node).split('\n');
    if (node.type === Scalar.BLOCK_LITERAL) {
      // The first line has the bar.
      const { line } = this.#source.place(start, end);
      return texts.map((text, index) => this.#source.lineEnd(line + 1 + index, text.length));
    }
    const isQuoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
    const at = isQuoted && end - start > 2 ? this.#source.place(start + 1, end - 1) : this.#source.place(start, end);
    return texts.map(() => at);
  }
}

/** The text before anything was made of it. */
function sourceOf(node: Scalar): string {
  return node.source ?? String(node.value);
}
