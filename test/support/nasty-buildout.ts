// nasty-buildout.ts: a generator of configurations in which the rules of the language meet: references, macros, additions, files.
//
// It writes no construct in which we differ on purpose: those stand in buildout-cases.ts, one by one.

import * as fc from 'fast-check';
import type { BuildoutCase } from './buildout-cases.ts';

const SECTIONS = ['a', 'b', 'c', 'd'] as const;
const OPTIONS = ['x', 'y', 'z', 'w.v', 'X-1'] as const;

const section = fc.constantFrom(...SECTIONS);
const option = fc.constantFrom(...OPTIONS);
const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('1', 'two', '# 3', '; 4', 'k = v', 'a:b', '%(x)s', '$', '{}', '[s]', 'é', '"q"') },
  { weight: 2, arbitrary: fc.tuple(section, option).map(([name, key]) => `\${${name}:${key}}`) },
  { weight: 1, arbitrary: option.map((key) => `\${:${key}}`) },
);
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((all) => all.join(' '));
const indent = fc.constantFrom('  ', '    ', '\t', ' ');
const block = fc.array(fc.tuple(indent, fc.oneof({ weight: 5, arbitrary: words }, { weight: 1, arbitrary: fc.constant('') })), {
  minLength: 1,
  maxLength: 4,
});

/** A value on the line, with lines that go on; or below it. */
const value = fc.oneof(
  { weight: 4, arbitrary: words.map((text) => [text]) },
  { weight: 1, arbitrary: fc.constant(['']) },
  {
    weight: 2,
    arbitrary: fc.tuple(words, block).map(([text, lines]) => [text, ...lines.map(([blanks, rest]) => blanks + rest)]),
  },
  { weight: 2, arbitrary: block.map((lines) => ['', ...lines.map(([blanks, rest]) => blanks + rest)]) },
);

/** Each option once in a section: what several assignments in one file come to stands in buildout-cases.ts. */
const assignments = fc
  .uniqueArray(fc.tuple(option, value), { maxLength: 4, selector: ([name]) => name })
  .map((all) => all.flatMap(([name, [first, ...rest]]) => [`${name} = ${first}`, ...rest]));
const macro = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  { weight: 1, arbitrary: section.map((name) => [`<= ${name}`]) },
);

const base = fc
  .uniqueArray(fc.tuple(section, macro, assignments), { minLength: 2, maxLength: 4, selector: ([name]) => name })
  .map((all) => all.flatMap(([name, first, lines]) => [`[${name}]`, ...first, ...lines]));

/** Over a value that the file below has, lines are added or taken away. */
const over = fc
  .uniqueArray(fc.tuple(section, assignments), { minLength: 1, maxLength: 3, selector: ([name]) => name })
  .map((all) => all.flatMap(([name, lines]) => [`[${name}]`, ...lines]));
const sums = fc
  .tuple(fc.uniqueArray(words, { minLength: 1, maxLength: 3 }), fc.constantFrom('+=', '-='), words)
  .map(([lines, sign, text]) => ({
    under: ['[sum]', 'all =', ...lines.map((line) => `  ${line}`)],
    above: ['[sum]', `all ${sign} ${text}`],
  }));

const configuration = fc.tuple(base, over, sums).map(([below, above, sum]): BuildoutCase => ({
  files: {
    'base.cfg': [...below, ...sum.under].join('\n'),
    'buildout.cfg': ['[buildout]', 'extends = base.cfg', ...above, ...sum.above].join('\n'),
  },
  given: [],
}));

/** `count` of them; the same ones for the same seed. */
export function nastyBuildouts(seed: number, count: number): readonly BuildoutCase[] {
  return fc.sample(configuration, { seed, numRuns: count });
}
