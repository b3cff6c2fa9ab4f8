// buildout-differences.ts: where our buildout.cfg is not zc.buildout's on purpose, and why; docs/reference/buildout-differences.md is
// printed from this table.
//
// Law: a case that stands here differs in exactly these lines: zc.buildout's with a minus, ours with a plus. A case that does not
// stand here does not differ.

export interface BuildoutDifference {
  readonly title: string;
  readonly buildout: string;
  readonly appserve: string;
  readonly reason: string;
  /** By the name in buildout-cases.ts. The first is shown on the page. None, where no configuration alone shows it. */
  readonly cases: Readonly<Record<string, readonly string[]>>;
}

const ALL = ['+ [buildout] directory = "<here>"'] as const;

export const BUILDOUT_DIFFERENCES: readonly BuildoutDifference[] = [
  {
    title: 'An escape that works',
    buildout: '`$${a:b}` is not replaced, and stays `$${a:b}`: there is no way to write `${a:b}` into a file.',
    appserve: '`$${` is a `${` that stands for itself. Any other `$$` is two dollar signs, as there.',
    reason: 'Shell scripts and configurations of other programs have `${...}` of their own.',
    cases: {
      'an escape': ['+ [a] x = "${a:y}"', '- [a] x = "$${a:y}"'],
      'an escape that is referred to': ['+ [a] x = "${a:y}"', '- [a] x = "$${a:y}"', '+ [a] z = "${a:y}"', '- [a] z = "$${a:y}"'],
      'an escape beside a reference': ['+ [a] x = "${a:y} 1"', '- [a] x = "$${a:y} 1"'],
      'four dollar signs': ['+ [a] x = "$$${:y}"', '- [a] x = "$$$${:y}"'],
    },
  },
  {
    title: 'The environment',
    buildout: 'There is no way to it but a recipe of others.',
    appserve:
      '`${env:NAME}` and `${env:NAME|fallback}`, in `extends` too. A section [env] keeps its name for itself. Such a value is not printed.',
    reason: 'Asked for since 2012.',
    cases: { 'the environment': ['- [a] refuses', '+ [a] x = "/bin"'] },
  },
  {
    title: 'A `${` without `}` is refused',
    buildout: 'It is text.',
    appserve: 'It is a mistake; `$${` writes it.',
    reason: 'It is nearly always a brace that was forgotten, and the rest of the line with it.',
    cases: { 'braces that are not closed': ['+ [a] refuses', '- [a] x = "${a:y"', '- [a] y = "1"'] },
  },
  {
    title: 'A mistake is told of the section that has it',
    buildout: 'A section fails when any section that it refers to has a mistake anywhere.',
    appserve: 'Only options that are asked for are put together. All mistakes of a section are told at once.',
    reason: 'A mistake has one place.',
    cases: {
      'a section that refers to one with a mistake': ['- [a] refuses', '+ [a] x = "1"'],
      'part-dependencies that are not there': ['+ [a] <part-dependencies> = "b"', '- [a] refuses', '+ [a] x = "1"'],
    },
  },
  {
    title: 'The name of another section',
    buildout: '`${b:_buildout_section_name_}` in [a] is `a`.',
    appserve: 'It is `b`.',
    reason: 'It asks for the name of [b].',
    cases: { 'the name of another section': ['- [a] x = "a"', '+ [a] x = "b"'] },
  },
  {
    title: 'Blanks in front of += and -= may be left out',
    buildout: '`x+= 2` is an error, or makes an option of another name.',
    appserve: '`x+= 2` is `x += 2`.',
    reason: 'It can mean nothing else.',
    cases: {
      'an option is added to without blanks': ['+ [a] x = "1\\n2"', ...ALL, '+ [buildout] parts = ""', '- refuses'],
      'an option is added to that is not there, without blanks': [
        '+ [a] x = "1"',
        ...ALL,
        '+ [buildout] parts = ""',
        '- refuses',
      ],
      'lines are taken away without blanks': ['+ [a] x = "1"', ...ALL, '+ [buildout] parts = ""', '- refuses'],
    },
  },
  {
    title: 'What is added to nothing begins with no empty line',
    buildout:
      '`x += 1` is `1` where the section is new, and an empty line and `1` where an extended file has the section, or a macro, without x.',
    appserve: 'It is `1`.',
    reason: 'The same line means the same.',
    cases: {
      'an option is added to that the extended file lacks': ['- [a] x = "\\n1"', '+ [a] x = "1"'],
      'a macro lacks what is added to': ['- [a] x = "\\n2"', '+ [a] x = "2"'],
    },
  },
  {
    title: 'A section with a macro may be extended and added to',
    buildout: '`+=` in a file that extends the one with `<=` forgets the lines of the macro, or puts them in another order.',
    appserve: 'The macro first, then each file in its turn.',
    reason: 'It is what is written.',
    cases: {
      'a section with a macro is extended': ['- [a] x = "\\n2"', '+ [a] x = "1\\n2"'],
      'a section with a macro that adds is extended by one that adds': ['- [a] x = "\\n3\\n2"', '+ [a] x = "1\\n2\\n3"'],
    },
  },
  {
    title: '`optional-extends` is relative to the file that says it',
    buildout: 'Whether the file is there is asked in the working directory; it is opened beside the file that says so.',
    appserve: 'Both beside the file that says so.',
    reason: 'A build shall not depend on where it is started.',
    cases: { 'a file of a folder is extended if it is there': ['+ [a] y = "2"'] },
  },
  {
    title: '`extends +=` extends',
    buildout: 'It is an option without effect.',
    appserve: 'It is followed.',
    reason: 'A line that is written and has no effect is a trap.',
    cases: { 'extends += ': ['+ [a] x = "1"', '- [buildout] extends = "one.cfg"'] },
  },
  {
    title: 'Conditions are expressions of their own',
    buildout: 'A marker of PEP 508, or else any Python, with the names of Python.',
    appserve:
      'Comparisons, `in`, `and`, `or`, `not` and brackets, with `linux`, `macosx`, `windows`, `sys_platform`, `node_version`, `env.NAME` and others. No code is run. A section whose condition does not hold may be the first one, and is not read.',
    reason: 'Here is no Python.',
    cases: {
      'a condition on Python': ['- [a] x = "2"', '- [buildout] directory = "<here>"', '+ refuses'],
      'a condition of the first section': ['+ [b] y = "2"', ...ALL, '- refuses'],
      'a mistake in a section whose condition does not hold': ['+ [a] x = "1"', ...ALL, '- refuses'],
    },
  },
  {
    title: 'A byte order mark is passed over',
    buildout: 'The first line is no section.',
    appserve: 'It is.',
    reason: 'Editors write it, and nobody sees it.',
    cases: { 'a byte order mark': ['+ [a] x = "1"', ...ALL, '- refuses'] },
  },
  {
    title: 'Nothing comes from elsewhere',
    buildout: '`extends` may name a URL, and `~/.buildout/default.cfg` is read first.',
    appserve: 'A URL is refused, and there are no defaults of the user.',
    reason: 'A build of the same files is the same on every machine.',
    cases: {},
  },
  {
    title: 'A build that fails changes nothing',
    buildout: 'Parts are uninstalled and installed one after the other; what was done before a mistake stays done.',
    appserve: 'All parts are made in memory, generated inis are loaded, and only then files are replaced, all of them or none.',
    reason: 'A site that runs shall not lose its configuration because another part has a mistake.',
    cases: {},
  },
  {
    title: 'Files are not lost',
    buildout: 'What stands where a file is to be written is written over.',
    appserve:
      'A file that was not generated, or was changed by hand since, is kept, and the build says so; `--force` writes over it.',
    reason: 'A change that somebody has made in a hurry, at night, is worth a question.',
    cases: {},
  },
];
