// logging/literal.ts: `args` and `kwargs` of a handler: Python's literals, read and never evaluated. A machine.
//
// Source: the Python language reference, §2.4 and §6.2; fileConfig calls eval() on the same text, so that an ini is a program there.
// Here it is data: what is no literal, and no name that we know, is a mistake with a place.

export type Literal =
  | string
  | number
  | boolean
  | null
  | { readonly type: 'tuple' | 'list'; readonly items: readonly Literal[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [key: Literal, value: Literal])[] }
  /** `sys.stderr`, `handlers.SysLogHandler.LOG_USER`: a name with dots. */
  | { readonly type: 'name'; readonly name: string };

export class NotALiteral extends Error {
  /** In UTF-16 units, from the beginning of the text. */
  readonly offset: number;

  constructor(why: string, offset: number) {
    super(why);
    this.offset = offset;
  }
}

/** Nobody means more; a stack has an end. */
const DEPTH_MAX = 32;

/** Throws NotALiteral. */
export function parseLiteral(text: string): Literal {
  return new Parser(text).whole();
}

const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9]+)?|[0-9](?:_?[0-9])*\.?(?:[eE][+-]?[0-9]+)?/y;
const NAME = /[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*/y;
const STRING_START = /([rRuU]?)('''|"""|'|")/y;
const BLANK = /(?:[ \t\r\n\f]|\\\r?\n|#[^\n]*)*/y;
const WORDS: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Literal {
    const first = this.#value();
    // `'a', 'b'` is a tuple as well.
    const value = this.#peek() === ',' ? this.#tupleFrom(first, '') : first;
    if (this.#at < this.#text.length) this.#fail(`there is more than a literal: ${this.#text.slice(this.#at, this.#at + 20)}`);
    return value;
  }

  #fail(why: string, at = this.#at): never {
    throw new NotALiteral(why, at);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  /** The next char that is no blank; empty at the end. */
  #peek(): string {
    this.#match(BLANK);
    return this.#text[this.#at] ?? '';
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  #value(): Literal {
    if (this.#depth === DEPTH_MAX) this.#fail(`more than ${DEPTH_MAX} brackets within each other`);
    this.#depth += 1;
    const value = this.#sum();
    this.#depth -= 1;
    return value;
  }

  /** Numbers are often written as 10 * 1024 * 1024. */
  #sum(): Literal {
    let value = this.#product();
    for (;;) {
      const at = this.#at;
      const isPlus = this.#take('+');
      if (!isPlus && !this.#take('-')) return value;
      const other = this.#product();
      if (typeof value !== 'number' || typeof other !== 'number') this.#fail('only numbers can be added', at);
      value = isPlus ? value + other : value - other;
    }
  }

  #product(): Literal {
    let value = this.#single();
    for (;;) {
      const at = this.#at;
      if (!this.#take('*')) return value;
      const other = this.#single();
      if (typeof value !== 'number' || typeof other !== 'number') this.#fail('only numbers can be multiplied', at);
      value *= other;
    }
  }

  #single(): Literal {
    const at = this.#at;
    switch (this.#peek()) {
      case '':
        return this.#fail('a value is missing');
      case '(':
        return this.#parenthesis();
      case '[':
        this.#at += 1;
        return { type: 'list', items: this.#items([], ']') };
      case '{':
        this.#at += 1;
        return this.#dict();
      case '-':
      case '+': {
        const isNegative = this.#text[this.#at] === '-';
        this.#at += 1;
        const value = this.#single();
        return typeof value === 'number' ? (isNegative ? -value : value) : this.#fail('a sign needs a number', at);
      }
      default:
        return this.#word();
    }
  }

  #word(): Literal {
    const at = this.#at;
    const start = this.#match(STRING_START);
    if (start !== undefined) return this.#strings(start);
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#number(number[0], at);
    const name = this.#match(NAME)?.[0].replaceAll(/\s/g, '');
    if (name === undefined) return this.#fail(`${this.#text[at]} begins no literal`, at);
    const word = WORDS.get(name);
    if (word !== undefined) return word;
    const next = this.#peek();
    if (next === '(' || next === '[') this.#fail(`${name}${next} would have to be executed: only literals are read`, at);
    if (next === "'" || next === '"') this.#fail(`a string with the prefix ${name} is not read`, at);
    return { type: 'name', name };
  }

  #number(text: string, at: number): number {
    if (/^[\w.]/.test(this.#text[this.#at] ?? '')) this.#fail('this is no number', at);
    if (/^0[0-9_]*[1-9]/.test(text) && /^[0-9_]+$/.test(text)) this.#fail('a number does not begin with 0: octal is 0o17', at);
    return Number(text.replaceAll('_', ''));
  }

  /** Behind `(`: a tuple, or a value in brackets. */
  #parenthesis(): Literal {
    this.#at += 1;
    if (this.#take(')')) return { type: 'tuple', items: [] };
    const first = this.#value();
    if (this.#take(')')) return first;
    return this.#tupleFrom(first, ')');
  }

  #tupleFrom(first: Literal, end: string): Literal {
    if (!this.#take(',')) this.#fail(`${end === '' ? 'a comma' : `, or ${end}`} is missing`);
    return { type: 'tuple', items: this.#items([first], end) };
  }

  #items(items: Literal[], end: string): readonly Literal[] {
    for (;;) {
      if (end === '' ? this.#peek() === '' : this.#take(end)) return items;
      items.push(this.#value());
      if (this.#take(',')) continue;
      if (end === '' ? this.#peek() === '' : this.#take(end)) return items;
      this.#fail(`, or ${end === '' ? 'the end' : end} is missing`);
    }
  }

  #dict(): Literal {
    const entries: (readonly [Literal, Literal])[] = [];
    for (;;) {
      if (this.#take('}')) return { type: 'dict', entries };
      const key = this.#value();
      if (!this.#take(':')) this.#fail('a : is missing');
      entries.push([key, this.#value()]);
      if (this.#take(',')) continue;
      if (this.#take('}')) return { type: 'dict', entries };
      this.#fail(', or } is missing');
    }
  }

  /** Those that stand side by side are one. */
  #strings(start: RegExpExecArray): string {
    let text = this.#string(start);
    for (;;) {
      this.#match(BLANK);
      const next = this.#match(STRING_START);
      if (next === undefined) return text;
      text += this.#string(next);
    }
  }

  #string([, prefix = '', quote = '']: RegExpExecArray): string {
    const from = this.#at;
    const isRaw = prefix === 'r' || prefix === 'R';
    let text = '';
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || (char === '\n' && quote.length === 1))
        this.#fail(`the string has no ${quote} at its end`, from - 1);
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length;
        return text;
      }
      if (char === '\\' && !isRaw) text += this.#escape();
      else if (char === '\\') {
        text += this.#text.slice(this.#at, this.#at + 2);
        this.#at += 2;
      } else {
        text += char;
        this.#at += 1;
      }
    }
  }

  #escape(): string {
    const found = this.#match(ESCAPE);
    if (found === undefined) return this.#fail('an escape that is not read');
    const [, simple, octal, hex] = found;
    if (simple !== undefined) return SIMPLE[simple] ?? '';
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (hex !== undefined) {
      const code = Number.parseInt(hex.slice(1), 16);
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : this.#fail('there is no such character');
    }
    // Python keeps the backslash of what it does not know.
    return found[0];
  }
}

const ESCAPE = /\\(?:([abfnrtv\\'"\n])|([0-7]{1,3})|(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[^xuUN0-7])/y;
const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};
