// nasty-ini.ts: a generator of inis that try every rule of the dialect against every other one.
//
// All of a file must be seen through the loader's face, which shows apps: so most sections are apps, and each has a `use` of its
// own. It is indented so far that nothing below it continues it.

import * as fc from 'fast-check';

export const USE = './app.mjs';
const USE_LINE = `${' '.repeat(60)}use = ${USE}`;

/** `count` files; the same ones for the same seed. */
export function nastyInis(seed: number, count: number): readonly string[] {
  return fc.sample(file(), { seed, numRuns: count });
}

// The alphabets. What this and that reader of inis trims, unescapes, quotes, nests, types or takes for the end of a line.

const BLANKS = [' ', '\t', '\v', '\f', '\u001c', '\u001f', '\u0085', '\u00a0', '\u1680', '\u2003', '\u2028', '\u2029', '\u3000'];
const KEYS = [
  ...split('a b c A aa here __file__ __proto__ constructor toString 1 0 é 😀'),
  ...split(`a[] "q" 'q' a#b a;b a.b [x x] \\ \ufeffk true %(a)s % $`),
  'a b',
  'set a',
  'k $',
];
const NAMES = [...split(`main a b a.b a\\.b a.b.c a[0] "q" a#b a;b a=b __proto__ constructor ] [ $ é`), 'x ', ' x'];
const WORDS = [
  ...split(`x 1 007 true false null "q" '5' " ' [s] [ ] = : # ; += \\ \\n \\" $ . \${a:b} {"a":[1]} __proto__`),
  'a = b',
  'k: v',
  '# c',
  '\ufeff',
  'é',
  '😀',
  '\0',
  '\u007f',
];
const VARIABLES = split('%(a)s %(b)s %(c)s %(here)s %(__file__)s %(__proto__)s %% %%(a)s %(use)s');
const BAD_VARIABLES = [...split('% %( %(a %(a) %(a)d %()s %(zz)s %(constructor)s %((a)s)s'), '%(a b)s', '% (a)s'];
const BAD_LINES = [...split('[] [ []] [app:main [DEFAULT garbage'), '= 5', '[ app:main ]', '[s] x'];

function split(texts: string): string[] {
  return texts.split(' ');
}

/** Each as often as its weight says. */
function mostly<T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

function joined(...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((pieces) => pieces.join(''));
}

function some(piece: fc.Arbitrary<string>, maxLength: number, between = ''): fc.Arbitrary<string> {
  return fc.array(piece, { maxLength }).map((pieces) => pieces.join(between));
}

const char = fc.oneof(fc.constantFrom(...BLANKS, ...WORDS), fc.string({ unit: 'binary', maxLength: 1 }));
const random = some(char, 4).map((text) => text.replaceAll(/[\r\n]/g, ''));

/** One of the texts, or now and then a few random characters. */
function anyOf(...texts: readonly string[]): fc.Arbitrary<string> {
  return mostly([12, fc.constantFrom(...texts)], [1, random]);
}

// Lines.

const blanks = mostly([6, fc.constantFrom('', ' ')], [1, some(fc.constantFrom(...BLANKS), 3)]);
const indent = mostly([8, fc.constant('')], [3, fc.constantFrom(' ', '  ', '    ', '\t')], [1, blanks]);
const deeper = joined(fc.constantFrom('  ', '    ', '\t', '      '), blanks);
const delimiter = joined(blanks, fc.constantFrom('=', '=', ':'), blanks);
const wildText = some(anyOf(...WORDS, ...VARIABLES, ...BAD_VARIABLES, ...BLANKS), 5);
const value = mostly([9, some(anyOf(...WORDS, ...VARIABLES), 4, ' ')], [1, wildText]);
const comment = joined(indent, fc.constantFrom('#', ';', '# a = 1', ';[app:main]', '#\u2028'), value);
const option = joined(indent, anyOf(...KEYS), delimiter, value);

const tameLine = mostly([6, option], [4, joined(deeper, value)], [1, blanks], [1, comment]);
const wildLine = mostly(
  [12, tameLine],
  [2, joined(indent, wildText)],
  [1, joined(indent, delimiter, value)],
  [1, joined(indent, fc.constantFrom(...BAD_LINES))],
);

// Sections: a header and its lines.

type Lines = readonly string[];

const sectionName = joined(
  fc.constantFrom('app:', 'app:', 'app:', 'app:', 'app: ', 'application:', 'app', 'logger_'),
  anyOf(...NAMES),
);
const headerEnd = fc.constantFrom(']', ']', ']', ']', '] ; c', '] junk', ']]', '] # [x]');
const header = joined(indent, fc.constant('['), sectionName, headerEnd);

/** A section of an app: its header, its `use`, and lines of all kinds. */
function section(line: fc.Arbitrary<string>): fc.Arbitrary<Lines> {
  return fc
    .tuple(header, fc.array(comment, { maxLength: 1 }), fc.array(line, { maxLength: 8 }))
    .map(([head, comments, lines]) => [head, ...comments, USE_LINE, ...lines]);
}

function defaults(line: fc.Arbitrary<string>, meanings: fc.Arbitrary<Lines> = fc.constant([])): fc.Arbitrary<Lines> {
  return fc
    .tuple(joined(indent, fc.constant('[DEFAULT]')), meanings, fc.array(line, { maxLength: 5 }))
    .map(([head, first, lines]) => [head, ...first, ...lines]);
}

function sections(line: fc.Arbitrary<string>): fc.Arbitrary<readonly Lines[]> {
  return fc.array(mostly([5, section(line)], [1, defaults(line)]), { maxLength: 4 });
}

/** Values that refer to each other about as deep as they may, which is ten times. */
const chain = fc
  .tuple(fc.integer({ min: 8, max: 12 }), fc.constantFrom('end', '%%', '%(here)s', ''))
  .map(([length, end]) => [...Array.from({ length }, (_, step) => `k${step} = %(k${step + 1})s`), `k${length} = ${end}`]);
/** What the variables in values mean, in most files. */
const meaning = mostly<Lines>([5, fc.constant([])], [4, fc.constant(['a = 1', 'b : %(a)s%%', 'c =', '    %(b)s'])], [1, chain]);

/** Repeats are errors: a file that shall be read to its end is without them. */
function withoutRepeats(all: readonly Lines[]): readonly Lines[] {
  const isNewHead = isNew();
  return all
    .filter(([head = '']) => head.endsWith('[DEFAULT]') || isNewHead(head.trim()))
    .map((lines) => {
      const isNewKey = isNew();
      return lines.filter((line) => line.startsWith('   ') || isNewKey(/^\s*([^=:]*?)\s*[=:]/.exec(line)?.[1] ?? line));
    });
}

function isNew(): (text: string) => boolean {
  const known = new Set(['']);
  return (text) => known.size < known.add(text).size;
}

// Files.

const tameFile = fc
  .tuple(defaults(tameLine, meaning), sections(tameLine))
  .map(([first, others]) => withoutRepeats([first, ...others]).flat());
const wildFile = fc
  .tuple(fc.array(wildLine, { maxLength: 1 }), sections(wildLine))
  .map(([first, others]) => [...first, ...others.flat()]);
const lineEnds = fc.constantFrom(['\n'], ['\n'], ['\r\n'], ['\r'], ['\n', '\r\n', '\r']);
const byteOrderMark = mostly([5, fc.constant('')], [1, fc.constant('\ufeff')]);

function file(): fc.Arbitrary<string> {
  return fc
    .tuple(byteOrderMark, mostly([3, tameFile], [1, wildFile]), lineEnds, fc.boolean())
    .map(([mark, lines, ends, isEnded]) => {
      const text = lines.map((line, index) => line + ends[index % ends.length]!).join('');
      return mark + (isEnded ? text : text.replace(/[\r\n]+$/, ''));
    });
}
