// What is said of a buildout.cfg that is wrong: where, why, how one came there, and what to do; and what only we have.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Fault, FaultList, formatPlace } from '@appserve/core';
import { annotated, Configuration, layerOf, Merged, readLayers, type Machine } from '@appserve/loader/buildout';

const MACHINE: Machine = {
  words: { linux: true, posix: true, windows: false, macosx: false, sys_platform: 'linux', node_version: '20.19.0' },
  environment: { HOME: '/home/me', TOKEN: '$${a:b} 50%', DRIVE: 'C:\\' },
};

type Files = Readonly<Record<string, readonly string[]>>;

function configurationOf(files: Files, given: readonly (readonly [string, string, string])[] = []): Configuration {
  const layers = readLayers('/site/buildout.cfg', 'buildout.cfg', {
    read: (file) => {
      const lines = files[file.replace('/site/', '')];
      if (lines === undefined) throw new Fault('CONFIG_MISSING', { path: file });
      return lines.join('\n');
    },
    exists: (file) => Object.hasOwn(files, file.replace('/site/', '')),
    machine: MACHINE,
  });
  return new Configuration(new Merged([...layers, layerOf('the command line', given)]), MACHINE.environment);
}

function of(...lines: readonly string[]): Configuration {
  return configurationOf({ 'buildout.cfg': lines });
}

function valueIn(configuration: Configuration, section: string, option: string): string | undefined {
  return configuration.option(section, option)?.value;
}

/** `CODE buildout.cfg:3:5 message | hint | asked by`, one for each. */
function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    const faults = error instanceof FaultList ? error.faults : [error as Fault];
    return faults.map((fault) => {
      const marked = fault.at?.text?.slice(fault.at.column - 1, fault.at.column - 1 + (fault.at.length ?? 0));
      const where = fault.at === undefined ? '' : ` ${formatPlace(fault.at)} <${marked}>`;
      return [`${fault.code}${where} ${fault.message}`, fault.hint, ...fault.askedBy].join(' | ');
    });
  }
  assert.fail('a fault was expected, but all went well');
}

function chain(length: number): Configuration {
  return of('[a]', ...Array.from({ length }, (_, nth) => `x${nth} = \${:x${nth + 1}}`), `x${length} = word`);
}

describe('a reference', () => {
  it('that names nothing points at itself, with a guess and the way that led there', () => {
    const faults = faultsOf(() =>
      of('[a]', 'url = http://${:host}/', 'host = ${b:hots}', '[b]', 'host = x', 'port = 1').options('a'),
    );
    assert.deepEqual(faults, [
      'BUILDOUT_OPTION_MISSING buildout.cfg:3:8 <${b:hots}> [b] has no option hots | did you mean host? | [a] buildout.cfg:3 host | [a] buildout.cfg:2 url',
    ]);
  });

  it('to a section that is not there has a guess', () => {
    assert.deepEqual(
      faultsOf(() => of('[instance]', 'x = 1', '[b]', 'y =', '  one', '  two ${instanec:x}').options('b')),
      [
        'BUILDOUT_SECTION_MISSING buildout.cfg:6:7 <${instanec:x}> there is no section [instanec] | did you mean [instance]? | [b] buildout.cfg:4 y',
      ],
    );
  });

  it('says what the section has where nothing is like it', () => {
    const [fault] = faultsOf(() => of('[a]', 'x = ${b:quite-else}', '[b]', 'y = 1', 'z = 2').options('a'));
    assert.match(fault!, /\| it has y, z \|/);
  });

  it('in a circle is told as the circle, once', () => {
    assert.deepEqual(
      faultsOf(() => of('[a]', 'x = ${b:y}', 'z = ${:x}', '[b]', 'y = ${a:x}').options('a')),
      [
        'SUBSTITUTION_CYCLE buildout.cfg:5:5 <${a:x}> options refer to each other in a circle: a:x -> b:y -> a:x | write one of them out; $${ is a ${ that stands for itself | [b] buildout.cfg:5 y | [a] buildout.cfg:2 x',
      ],
    );
  });

  it('is told with all other mistakes of the section', () => {
    const faults = faultsOf(() => of('[a]', 'x = ${y}', 'z = ${a:b:c}', 'w = ${', 'v = ${a/b:c}').options('a'));
    assert.deepEqual(
      faults.map((fault) => /: (it has [^|]*|the name of [^|]*?) \|/.exec(fault)?.[1]?.slice(0, 24)),
      ['it has no colon', 'it has more than one col', 'it has no }', 'the name of the section '],
    );
  });

  it('that grows without end is stopped', () => {
    const lines = Array.from({ length: 30 }, (_, nth) => `x${nth} = \${:x${nth + 1}}\${:x${nth + 1}}`);
    const [fault] = faultsOf(() => of('[a]', ...lines, 'x30 = word').options('a'));
    assert.match(fault!, /^SUBSTITUTION_TOO_LONG buildout.cfg:\d+:\d+ /);
  });

  it('may be deep, but not without end', () => {
    assert.equal(valueIn(chain(150), 'a', 'x0'), 'word');
    const [fault] = faultsOf(() => chain(1_000).option('a', 'x0'));
    assert.match(fault!, /^SUBSTITUTION_DEPTH buildout.cfg:202:8 /);
  });
});

describe('the environment', () => {
  it('is put in as it is, and never scanned again', () => {
    const made = of('[a]', 'x = ${env:TOKEN}', 'y = <${:x}>').options('a');
    assert.deepEqual(
      [made.get('x')!.value, made.get('y')!.value, made.get('y')!.isSecret],
      ['$${a:b} 50%', '<$${a:b} 50%>', true],
    );
  });

  it('may lack a variable that has a fallback', () => {
    const made = of('[a]', 'x = ${env:NONE|http://localhost:80/}', 'y = ${env:NONE|}').options('a');
    assert.deepEqual([made.get('x')!.value, made.get('x')!.isSecret, made.get('y')!.value], ['http://localhost:80/', false, '']);
  });

  it('that lacks a variable is told, with a guess', () => {
    assert.deepEqual(
      faultsOf(() => of('[a]', 'x = ${env:HOEM}').options('a')),
      [
        'SUBSTITUTION_ENVIRONMENT buildout.cfg:2:5 <${env:HOEM}> the environment has no HOEM | did you mean HOME? | [a] buildout.cfg:2 x',
      ],
    );
  });

  it('gives way to a section of that name, which has no fallbacks', () => {
    assert.equal(valueIn(of('[a]', 'x = ${env:HOME}', '[env]', 'HOME = mine'), 'a', 'x'), 'mine');
    assert.match(
      faultsOf(() => of('[a]', 'x = ${env:HOME|y}', '[env]', 'HOME = mine').options('a'))[0]!,
      /^SUBSTITUTION_SYNTAX .*\[env\] is a section here/,
    );
  });

  it('may stand in extends', () => {
    const configuration = configurationOf({
      'buildout.cfg': ['[buildout]', 'extends = ${env:STAGE|production}.cfg'],
      'production.cfg': ['[a]', 'x = 1'],
    });
    assert.equal(valueIn(configuration, 'a', 'x'), '1');
  });
});

describe('files', () => {
  it('that are not there are told where they are named', () => {
    assert.deepEqual(
      faultsOf(() => configurationOf({ 'buildout.cfg': ['[buildout]', 'extends =', '    base.cfg'] })),
      [
        'CONFIG_MISSING buildout.cfg:3:5 <base.cfg> there is no file /site/base.cfg | a path is relative to the working directory; in an ini, to the folder of that ini | [buildout] buildout.cfg:3',
      ],
    );
  });

  it('that extend each other in a circle are told as the circle', () => {
    const [fault] = faultsOf(() =>
      configurationOf({
        'buildout.cfg': ['[buildout]', 'extends = one.cfg'],
        'one.cfg': ['[buildout]', 'extends = buildout.cfg'],
      }),
    );
    assert.match(
      fault!,
      /^BUILDOUT_EXTENDS one.cfg:2:11 <buildout.cfg> files extend each other in a circle: buildout.cfg -> one.cfg -> buildout.cfg /,
    );
  });

  it('are not fetched', () => {
    const [fault] = faultsOf(() => of('[buildout]', 'extends = https://example.org/base.cfg'));
    assert.match(fault!, /^BUILDOUT_EXTENDS buildout.cfg:2:11 .* nothing is fetched /);
  });

  it('are not named by what is not known yet', () => {
    const [fault] = faultsOf(() => of('[buildout]', 'extends = ${:base}.cfg'));
    assert.match(fault!, /^BUILDOUT_EXTENDS buildout.cfg:2:11 <\$\{:base\}> .*is not known before all files are read/);
  });
});

describe('lines that mean nothing', () => {
  it('are told all at once, with what is wrong', () => {
    const faults = faultsOf(() => of('[a]', '  x = 1', 'y: 2', 'z z = 3', '[b c]', 'w', '+= 1'));
    assert.deepEqual(
      faults.map((fault) => fault.split(' | ')[0]),
      [
        'BUILDOUT_SYNTAX buildout.cfg:2:3 <x = 1> an indented line continues a value, and there is none above it',
        'BUILDOUT_SYNTAX buildout.cfg:3:1 <y: 2> this line has no =; a colon does not end the name of an option here',
        'BUILDOUT_SYNTAX buildout.cfg:4:1 <z z = 3> the name of an option has no blanks, braces or brackets',
        'BUILDOUT_SYNTAX buildout.cfg:5:1 <[b c]> this is no header of a section: a name has neither blanks nor # [ ] : ; { }',
        'BUILDOUT_SYNTAX buildout.cfg:6:1 <w> this line is neither a section nor option = value',
        'BUILDOUT_SYNTAX buildout.cfg:7:1 <+= 1> there is no name in front of the operator',
      ],
    );
  });

  it('in front of all sections are told once', () => {
    assert.match(faultsOf(() => of('x = 1', 'y = 2')).join(), /^INI_NO_SECTION buildout.cfg:1:1 <x = 1> [^,]*$/);
  });
});

describe('macros', () => {
  it('in a circle are told as the circle', () => {
    assert.match(
      faultsOf(() => of('[a]', '<= b', '[b]', '<= c', '[c]', '<= b').options('a'))[0]!,
      /^MACRO_CYCLE buildout.cfg:6:4 <b> macros lead in a circle: \[b\] -> \[c\] -> \[b\] /,
    );
  });

  it('that are not there have a guess, and a place', () => {
    assert.match(
      faultsOf(() => of('[a]', '<=', '  b', '  insance', '[b]', '[instance]').options('a'))[0]!,
      /^BUILDOUT_SECTION_MISSING buildout.cfg:4:3 <insance> .*\| did you mean \[instance\]\?/,
    );
  });
});

describe('conditions', () => {
  for (const [condition, isMet] of [
    ['linux', true],
    ['not linux', false],
    ['windows or macosx', false],
    ['linux and (windows or posix)', true],
    ['not windows and not macosx', true],
    ['node_version >= "20"', true],
    ['node_version < "20.9"', false],
    ['node_version >= "20.19" and node_version < "100"', true],
    ['sys_platform == "linux"', true],
    ["sys_platform != 'linux'", false],
    ['"lin" in sys_platform', true],
    ['"win" not in sys_platform', true],
    ['env.HOME', true],
    ['env.NONE', false],
    ['env.HOME == "/home/me"', true],
    ['env.NONE == ""', true],
    ['True', true],
    ['False or True', true],
  ] as const) {
    it(`${condition} ${isMet ? 'holds' : 'does not hold'}`, () => {
      const made = of('[a]', 'x = 0', `[a: ${condition}]`, 'x = 1');
      assert.equal(valueIn(made, 'a', 'x'), isMet ? '1' : '0');
    });
  }

  for (const [condition, why] of [
    ['linux ==', 'something is missing at its end'],
    ['linxu', 'linxu is not known here; did you mean linux?'],
    ['(linux', 'a ) is missing'],
    ['linux windows', 'nothing can follow before windows'],
    ['linux + 1', 'cannot be understood at + 1'],
    ['and', 'and stands where a name or a text is needed'],
    ['linux not == windows', 'not stands in front of what it denies, or in front of in'],
    [
      '__import__("os")',
      '__import__ is not known here; there are linux, posix, windows, macosx, sys_platform, node_version and env.NAME',
    ],
    [
      'constructor',
      'constructor is not known here; there are linux, posix, windows, macosx, sys_platform, node_version and env.NAME',
    ],
  ] as const) {
    it(`${condition} is refused`, () => {
      const [fault] = faultsOf(() => of(`[a: ${condition}]`, 'x = 1'));
      assert.ok(fault!.startsWith(`BUILDOUT_CONDITION buildout.cfg:1:4 < ${condition}> ${condition}: ${why} |`), fault);
    });
  }
});

describe('the history of values', () => {
  it('says who said what, and hides what nobody shall read', () => {
    const configuration = configurationOf(
      {
        'buildout.cfg': [
          '[buildout]',
          'extends = base.cfg',
          'parts += b',
          'parts -= c',
          '[b]',
          '<= m',
          'x = ${env:TOKEN}',
          'y = ${b:none}',
          'z =',
        ],
        'base.cfg': ['[buildout]', 'parts =', '    a', '    c', '[m]', 'port = 80'],
      },
      [['b', 'port', '81']],
    );
    assert.equal(
      annotated(configuration),
      `[buildout]  # buildout.cfg:1
parts = a
    b
    # base.cfg:2:1  = a c
    # buildout.cfg:3:1  += b
    # buildout.cfg:4:1  -= c

[m]  # base.cfg:5
port = 80
    # base.cfg:6:1  = 80

[b]  # buildout.cfg:5
port = 81
    # base.cfg:6:1  = 80
    # the command line  = 81
x = ********
    # buildout.cfg:7:1  = \${env:TOKEN}
y = ([b] has no option none)
    # buildout.cfg:8:1  = \${b:none}
z =
    # buildout.cfg:9:1  =
`,
    );
  });
});

describe('reading takes time in proportion to what is read', () => {
  const LIMIT_MS = 1_500;
  for (const [what, lines] of [
    ['many sections', Array.from({ length: 10_000 }, (_, nth) => `[s${nth}]\nx = ${nth}`)],
    ['many options', ['[a]', ...Array.from({ length: 20_000 }, (_, nth) => `x${nth} = \${:y}`), 'y = 1']],
    ['a block of many lines', ['[a]', 'x =', ...Array.from({ length: 20_000 }, () => '    word')]],
    ['many additions', ['[a]', 'x =', ...Array.from({ length: 2_000 }, () => 'x += word')]],
    ['many blanks', ['[a]', `x = y${' '.repeat(40_000)}z`, `w${' '.repeat(40_000)}= 1`]],
    ['many dollar signs', ['[a]', `x = ${'$'.repeat(40_000)}`, `y = ${'${'.repeat(1)}a:z}${'$${'.repeat(10_000)}`, 'z = 1']],
  ] as const) {
    it(what, () => {
      const before = process.cpuUsage();
      const configuration = of(...lines);
      for (const name of configuration.names) configuration.options(name);
      const { user, system } = process.cpuUsage(before);
      assert.ok((user + system) / 1_000 < LIMIT_MS, `${Math.round((user + system) / 1_000)} ms`);
    });
  }
});

/** Each extends the next one twice, by way of two others. */
const diamonds = (depth: number, ...last: readonly string[]): Files =>
  Object.fromEntries([
    ...Array.from({ length: depth }, (_, index): [string, string[]][] => {
      const [name, next] = [index === 0 ? 'buildout.cfg' : `c${index}.cfg`, `c${index + 1}.cfg`];
      return [
        [name, ['[buildout]', `extends = l${index}.cfg r${index}.cfg`, '[x]', `of-${index} = 1`]],
        [`l${index}.cfg`, ['[buildout]', `extends = ${next}`, '[x]', 'side = left']],
        [`r${index}.cfg`, ['[buildout]', `extends = ${next}`, '[x]', 'side = right', `only-${index} = 1`]],
      ];
    }).flat(),
    [`c${depth}.cfg`, last],
  ]);

describe('files that extend each other on many ways', () => {
  it('are read once, and come to the same', () => {
    const configuration = configurationOf(diamonds(100, '[x]', 'side = none', 'base = 1'));
    assert.equal(valueIn(configuration, 'x', 'side'), 'right');
    assert.equal(configuration.merged.section('x').options.size, 202);
    assert.deepEqual([...configuration.merged.section('x').options.keys()].slice(0, 2), ['side', 'base']);
  });

  it('add for each way, as in zc.buildout, up to a limit', () => {
    assert.equal(valueIn(configurationOf(diamonds(2, '[x]', 'y += 1')), 'x', 'y'), '1\n1\n1\n1');
    assert.match(faultsOf(() => configurationOf(diamonds(20, '[x]', 'y += 1')))[0]!, /^BUILDOUT_EXTENDS .*more than 10000 ways/);
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    ...'[a] [b:linux] [ ] [c: = += -= <= => x y ${ ${a:x} ${:y} ${env:HOME| } $$ $${ } # ; \t \n \r\n'.split(' '),
    '\n',
    '\n  ',
    '\n[a]\n',
    '\nx = ',
    '\u2028',
    '\ufeff',
    '\0',
  );
  const text = fc.array(
    fc.oneof({ weight: 9, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) }),
    { maxLength: 40 },
  );

  it('is a configuration or has faults, with places, and nothing else becomes of it', () => {
    fc.assert(
      fc.property(text, (pieces) => {
        try {
          const configuration = of(pieces.join(''));
          for (const name of configuration.names) configuration.options(name);
        } catch (error) {
          const faults = error instanceof FaultList ? error.faults : [error];
          for (const fault of faults) assert.ok(fault instanceof Fault && fault.at !== undefined, String(fault));
        }
      }),
      { seed: 2012, numRuns: 3_000 },
    );
  });
});
