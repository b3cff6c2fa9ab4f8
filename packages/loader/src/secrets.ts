// secrets.ts: words of others, such as those of a schema, without the values that nobody shall read.

import { MASK } from '@appserve/core';
import type { Setting } from './setting.ts';

/** A shorter one may be a part of any word: it is hidden where it stands alone. */
const LONG = 4;

/** The text without the secrets among the settings: as they are written, as JSON has them, their words, and as a number. */
export function withoutSecrets(text: string, settings: Iterable<Setting>): string {
  const secrets = [...settings].filter(({ isSecret }) => isSecret).flatMap(({ value }) => formsOf(value));
  const lower = text.toLowerCase();
  const found = [...new Set(secrets)].filter((form) => lower.includes(form.toLowerCase()));
  if (found.length === 0) return text;
  // The longest first: a word of a value would take the rest of the value out of its reach.
  const sources = found.toSorted((one, other) => other.length - one.length).map(sourceOf);
  return text.replaceAll(new RegExp(sources.join('|'), 'giu'), MASK);
}

function formsOf(value: string): string[] {
  const words = [value, ...value.split(/\s+/)].filter((word) => word !== '');
  const numbers = words.map(Number).filter((number) => !Number.isNaN(number));
  return [...words, ...words.map((word) => JSON.stringify(word).slice(1, -1)), ...numbers.map(String)];
}

function sourceOf(form: string): string {
  const literal = form.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return form.length < LONG ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal;
}
