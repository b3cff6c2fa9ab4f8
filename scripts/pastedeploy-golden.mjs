// pastedeploy-golden.mjs: writes test/fixtures/pastedeploy_golden.json: what PasteDeploy makes of the cases in
// test/transcripts/pastedeploy, so that the comparison also runs where there is no Python. It needs Debian's python3-pastedeploy.
// Run it after a build: node scripts/pastedeploy-golden.mjs

import { writeFileSync } from 'node:fs';
import { askPasteDeploy, readCases } from '../build/test/support/pastedeploy.js';

const { python, pastedeploy, cases } = askPasteDeploy(readCases());
// An answer a line: a change shows as the lines of what has changed.
const entries = Object.entries(cases).map(
  ([id, answers]) => `${JSON.stringify(id)}: [\n${answers.map((answer) => `  ${JSON.stringify(answer)}`).join(',\n')}\n]`,
);
writeFileSync(
  new URL('../test/fixtures/pastedeploy_golden.json', import.meta.url),
  `{"python": ${JSON.stringify(python)}, "pastedeploy": ${JSON.stringify(pastedeploy)}, "cases": {\n${entries.join(',\n')}\n}}\n`,
);
const answers = Object.values(cases).flat();
console.log(
  `${entries.length} cases, ${answers.length} answers, ${answers.filter((answer) => 'error' in answer).length} of them errors; PasteDeploy ${pastedeploy}, CPython ${python}`,
);
