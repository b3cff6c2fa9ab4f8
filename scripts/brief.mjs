// brief.mjs: tells of a whole run in few lines: a line for each file while it runs, and at the end, where a log is read first, each
// failure whole. 14,000 lines of what went well hide the one that did not.
//
// Source: https://nodejs.org/docs/latest-v20.x/api/test.html#custom-reporters

import { relative } from 'node:path';
import { inspect } from 'node:util';

/** Of one failure, and of what one file wrote, so many lines from each end: a process that says one thing for ever hides the others too. */
const LINES_MAX = 60;
const LINE_CHARS_MAX = 1_000;

/** @param {AsyncIterable<{ type: string, data: any }>} events of the test runner @returns {AsyncGenerator<string>} */
// oxlint-disable-next-line import/no-default-export -- Node takes a reporter from there
export default async function* brief(events) {
  /** What files wrote, by their name: it is expected of who tests mistakes, and shown of who failed. */
  const said = new Map();
  const failures = [];
  const totals = [];
  /** The names of the suites around what is heard now, outermost first. */
  const within = [];
  let file = { path: '', passed: 0, failed: 0 };

  for await (const { type, data } of events) {
    const path = sourceOf(data.file ?? data.name);
    if (type === 'test:stdout' || type === 'test:stderr') said.set(path, `${said.get(path) ?? ''}${data.message}`);
    // Without a file it is the runner that speaks, when all is done.
    else if (type === 'test:diagnostic' && data.file === undefined) totals.push(data.message);
    else if (type === 'test:diagnostic') yield `# ${data.message}\n`;
    else if (type === 'test:start') within.splice(data.nesting, Infinity, data.name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;

    if (path !== file.path) {
      yield* line(file);
      file = { path, passed: 0, failed: 0 };
    }
    const title = `${path}: ${[...within.slice(0, data.nesting), data.name].join(' > ')}`;
    if (data.skip !== undefined) yield `skipped: ${title}\n`;
    if (type === 'test:pass') file.passed += 1;
    // A suite that failed because of what is in it says nothing new.
    else if (data.details.error?.failureType !== 'subtestsFailed') {
      file.failed += 1;
      const failure = `NOT OK: ${title}\n${ends(inspect(data.details.error?.cause ?? data.details.error))}\n`;
      failures.push(failure);
      // At once too: a run may be cut off.
      yield failure;
    }
  }
  yield* line(file);
  for (const [path, text] of said)
    if (failures.some((failure) => failure.includes(path))) yield `\n${path} wrote:\n${ends(text)}\n`;
  for (const failure of failures) yield `\n${failure}`;
  yield `\n${totals.join(', ')}\n`;
}

/** What runs is compiled; what is named, and where a failure stands, is what was written. */
function sourceOf(file = '') {
  return relative(process.cwd(), file).replace(/^build\/(.*)\.js$/, '$1.ts');
}

/** What is between is counted. @param {string} text */
function ends(text) {
  const lines = text.split('\n').map((one) => (one.length > LINE_CHARS_MAX ? `${one.slice(0, LINE_CHARS_MAX)} ...` : one));
  const left = lines.length - 2 * LINES_MAX;
  if (left <= 0) return lines.join('\n');
  return [...lines.slice(0, LINES_MAX), `... ${left} lines more ...`, ...lines.slice(-LINES_MAX)].join('\n');
}

function* line({ path, passed, failed }) {
  if (path !== '')
    yield `${failed === 0 ? 'ok' : 'NOT OK'}: ${path} (${failed === 0 ? passed : `${failed} of ${passed + failed} failed`})\n`;
}
