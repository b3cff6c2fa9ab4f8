// buildout/condition.ts: whether `[name: condition]` holds here. Pure: the machine that it is asked of is given.
//
//   or := and ("or" and)*     and := not ("and" not)*     not := "not" not | comparison
//   comparison := operand (("==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in") operand)?
//
// Source: zc.buildout takes a PEP 508 marker, or else any Python expression. This is what both have in common, with the names of
// this machine; code is never run.

import { Fault, nearest, someOf, type Place } from '@appserve/core';

/** What conditions can ask for. A flag is true or false, a word is text. */
export interface Machine {
  readonly words: Readonly<Record<string, string | boolean>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Faults: BUILDOUT_CONDITION. */
export function holds(condition: string, machine: Machine, at: Place): boolean {
  return new Reader(condition, machine, at).whole();
}

type Value = string | boolean;

const TOKEN = /\s*(?:(?<text>"[^"]*"|'[^']*')|(?<name>[A-Za-z_][\w.]*)|(?<number>\d[\w.]*)|(?<sign>==|!=|<=|>=|<|>|\(|\)))/y;

const COMPARISONS: Readonly<Record<string, (one: Value, other: Value) => boolean>> = {
  '==': (one, other) => order(one, other) === 0,
  '!=': (one, other) => order(one, other) !== 0,
  '<': (one, other) => order(one, other) < 0,
  '<=': (one, other) => order(one, other) <= 0,
  '>': (one, other) => order(one, other) > 0,
  '>=': (one, other) => order(one, other) >= 0,
  in: (one, other) => String(other).includes(String(one)),
  'not in': (one, other) => !String(other).includes(String(one)),
};

const VERSION = /^\d+(?:\.\d+)*$/;

/** Versions by their numbers, all else as text. */
function order(one: Value, other: Value): number {
  const [left, right] = [String(one), String(other)];
  if (!VERSION.test(left) || !VERSION.test(right)) return left === right ? 0 : left < right ? -1 : 1;
  const [these, those] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (let index = 0; index < Math.max(these.length, those.length); index += 1) {
    const difference = (these[index] ?? 0) - (those[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

class Reader {
  readonly #condition: string;
  readonly #machine: Machine;
  readonly #at: Place;
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(condition: string, machine: Machine, at: Place) {
    this.#condition = condition;
    this.#machine = machine;
    this.#at = at;
    TOKEN.lastIndex = 0;
    const end = condition.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const start = TOKEN.lastIndex;
      const match = TOKEN.exec(condition);
      if (match === null) this.#refuse(`cannot be understood at ${condition.slice(start).trim()}`);
      this.#tokens.push(match[0].trim());
    }
  }

  whole(): boolean {
    const value = this.#or();
    if (this.#peek() !== undefined) this.#refuse(`nothing can follow before ${this.#peek()!}`);
    return isTrue(value);
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #takes(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#next += 1;
    return true;
  }

  #or(): Value {
    let value = this.#and();
    while (this.#takes('or')) {
      const other = this.#and();
      value = isTrue(value) || isTrue(other);
    }
    return value;
  }

  #and(): Value {
    let value = this.#not();
    while (this.#takes('and')) {
      const other = this.#not();
      value = isTrue(value) && isTrue(other);
    }
    return value;
  }

  #not(): Value {
    return this.#takes('not') ? !isTrue(this.#not()) : this.#comparison();
  }

  #comparison(): Value {
    const one = this.#operand();
    const sign = this.#takes('not') ? `not ${this.#peek() ?? ''}` : (this.#peek() ?? '');
    if (!Object.hasOwn(COMPARISONS, sign)) {
      if (sign.startsWith('not ')) this.#refuse('not stands in front of what it denies, or in front of in');
      return one;
    }
    this.#next += 1;
    return COMPARISONS[sign]!(one, this.#operand());
  }

  #operand(): Value {
    const token = this.#peek();
    if (token === undefined) return this.#refuse('something is missing at its end');
    this.#next += 1;
    if (token === '(') {
      const value = this.#or();
      if (!this.#takes(')')) this.#refuse('a ) is missing');
      return value;
    }
    if (/^["']/.test(token)) return token.slice(1, -1);
    if (/^\d/.test(token)) return token;
    if (/^[A-Za-z_]/.test(token) && !['and', 'or', 'not', 'in'].includes(token)) return this.#named(token);
    return this.#refuse(`${token} stands where a name or a text is needed`);
  }

  #named(name: string): Value {
    const { words, environment } = this.#machine;
    const [, variable] = /^env\.(\w+)$/.exec(name) ?? [];
    if (variable !== undefined) return (Object.hasOwn(environment, variable) ? environment[variable] : undefined) ?? '';
    if (name === 'True' || name === 'False') return name === 'True';
    if (Object.hasOwn(words, name)) return words[name]!;
    const like = nearest(name, Object.keys(words));
    const hint = like === undefined ? `there are ${someOf(Object.keys(words))} and env.NAME` : `did you mean ${like}?`;
    return this.#refuse(`${name} is not known here; ${hint}`);
  }

  #refuse(why: string): never {
    throw new Fault('BUILDOUT_CONDITION', { condition: this.#condition, why }, { at: this.#at });
  }
}

function isTrue(value: Value): boolean {
  return value !== false && value !== '';
}
