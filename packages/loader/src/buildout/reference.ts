// buildout/reference.ts: a text with `${section:option}` in it, taken apart. Pure.
//
// `$${` is a `${` that stands for itself; any other `$$`, and any other `$`, is what it is. In zc.buildout `$$` keeps a `${` from being
// replaced too, but stays there.

import { Fault, type FaultContext } from '@appserve/core';

export interface Reference {
  /** As it stands: `${instance:ini}`. */
  readonly written: string;
  /** Where it begins in the text. */
  readonly offset: number;
  /** Empty for that of the text itself. */
  readonly section: string;
  readonly option: string;
  /** Behind a bar, which only `${env:NAME|fallback}` has. */
  readonly fallback: string | undefined;
  /** `${name}`, which only templates have. */
  readonly isBare: boolean;
}

export type Piece = string | Reference;

/** Where something in the text stands, for faults. */
export type ContextOf = (offset: number, length: number) => FaultContext;

export const ENVIRONMENT = 'env';

const MARKS = /\$\$\{?|\$\{(?<inner>[^}]*)\}|\$\{/g;
const NAME = /^[-a-zA-Z0-9 ._]+$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Faults: SUBSTITUTION_SYNTAX. */
export function piecesOf(text: string, contextOf: ContextOf, mayBeBare = false): Piece[] {
  if (!text.includes('$')) return [text];
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(MARKS)) {
    const [written] = match;
    if (match.index > done) pieces.push(text.slice(done, match.index));
    done = match.index + written.length;
    if (written === '$${') pieces.push('${');
    else if (written === '$$') pieces.push('$$');
    else pieces.push(parseReference(written, match.groups?.['inner'], match.index, contextOf, mayBeBare));
  }
  if (done < text.length) pieces.push(text.slice(done));
  return pieces;
}

/** Faults: SUBSTITUTION_SYNTAX. */
export function parseReference(
  written: string,
  inner: string | undefined,
  offset: number,
  contextOf: ContextOf,
  mayBeBare: boolean,
): Reference {
  const refuse = (why: string): never => {
    throw new Fault('SUBSTITUTION_SYNTAX', { written, why }, contextOf(offset, written.length));
  };
  if (inner === undefined) return refuse('it has no }');
  const [variable, fallback] = cut(inner, '|');
  const [section, option] = cut(variable, ':');
  if (option === undefined) {
    if (mayBeBare && fallback === undefined && NAME.test(inner))
      return { written, offset, section: '', option: inner, fallback, isBare: true };
    return refuse('it has no colon');
  }
  if (section === ENVIRONMENT && fallback !== undefined && VARIABLE.test(option))
    return { written, offset, section, option, fallback, isBare: false };
  if (option.includes(':')) return refuse('it has more than one colon');
  if (section !== '' && !NAME.test(section))
    return refuse('the name of the section has other characters than letters, digits, blanks and . _ -');
  if (option === '' || !NAME.test(option) || fallback !== undefined)
    return refuse('the name of the option has other characters than letters, digits, blanks and . _ -');
  return { written, offset, section, option, fallback, isBare: false };
}

function cut(text: string, sign: string): [string, string | undefined] {
  const at = text.indexOf(sign);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
