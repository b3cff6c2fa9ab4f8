// buildout-golden.mjs: writes test/fixtures/buildout_golden.json: what zc.buildout makes of the cases in test/support, so that the
// comparison also runs where there is no Python. It needs a Python with zc.buildout 4 or newer:
//
//   python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install zc.buildout
//   node scripts/buildout-golden.mjs /tmp/oracle/bin/python (after a build)

import { writeFileSync } from 'node:fs';
import { askBuildout } from '../build/test/support/buildout.js';

const [program = 'python3'] = process.argv.slice(2);
const { python, buildout, answers } = askBuildout(program);
const entries = Object.entries(answers).map(([name, answer]) => `${JSON.stringify(name)}: ${JSON.stringify(answer)}`);
writeFileSync(
  new URL('../test/fixtures/buildout_golden.json', import.meta.url),
  `{"buildout": ${JSON.stringify(buildout)}, "python": ${JSON.stringify(python)}, "answers": {\n${entries.join(',\n')}\n}}\n`,
);
console.log(`${entries.length} configurations; zc.buildout ${buildout}, CPython ${python}`);
