// secrets.ts: words of others, such as those of a schema, without the values that nobody shall read.

import { MASK } from '@appserve/core';
import type { Setting } from './setting.ts';

/** A shorter one may be a part of any word: it is hidden where it stands alone. */
const LONG = 4;

/** The text without the secrets among the settings: as they are written, as JSON has them, their words, and as a number. */
export function withoutSecrets(text: string, settings: Iterable<Setting>): string {
  const secrets = [...settings].filter(({ isSecret }) => isSecret).flatMap(({ value }) => formsOf(value));
  // The longest first: a word of a value would take the rest of the value out of its reach.
  const forms = [...new Set(secrets)].filter((form) => form !== '').toSorted((one, other) => other.length - one.length);
  return forms.reduce((hidden, form) => hidden.replaceAll(patternOf(form), MASK), text);
}

function formsOf(value: string): string[] {
  const words = [value, ...value.split(/\s+/)];
  const numbers = words.map(Number).filter((number) => !Number.isNaN(number));
  return [...words, ...words.map((word) => JSON.stringify(word).slice(1, -1)), ...numbers.map(String)];
}

function patternOf(form: string): RegExp {
  const literal = form.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(form.length < LONG ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal, 'giu');
}
