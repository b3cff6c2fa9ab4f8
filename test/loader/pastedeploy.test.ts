// What an ini means to PasteDeploy it means to us: the same factories with the same globals and the same settings, called in the
// same order, or the same refusal. What is different on purpose stands in test/support/pastedeploy-differences.ts, line by line.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { folderWith } from '../support/packages.ts';
import { DIFFERENCES } from '../support/pastedeploy-differences.ts';
import { differences, expected, found, type Way } from '../support/pastedeploy-outcome.ts';
import { siteTree, writeCase } from '../support/pastedeploy-site.ts';
import {
  askPasteDeploy,
  readCases,
  readGolden,
  type Answer,
  type Case,
  type Golden,
  type PythonContext,
} from '../support/pastedeploy.ts';
import { absent } from '../support/programs.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const cases = readCases();
const golden = readGolden();
const answers = Object.values(golden.cases).flat();
const COUNTS = `in ${cases.length} cases with ${countContexts(answers)} contexts, but for ${DIFFERENCES.length} deliberate differences in ${DIFFERENCES.flatMap((difference) => Object.keys(difference.cases)).length} of them`;

describe('an ini means what it means to PasteDeploy', () => {
  let folder: TemporaryFolder;
  before(() => {
    folder = folderWith(siteTree());
  });
  after(() => {
    folder[Symbol.dispose]();
  });

  for (const [index, scene] of cases.entries()) {
    for (const [id, way] of waysOf(scene)) {
      it(id, async () => {
        const wanted = DIFFERENCES.flatMap((difference) => difference.cases[id] ?? []);
        assert.deepEqual((await differencesOf(scene, `${folder.path}/${index}`, way)).toSorted(), wanted.toSorted());
      });
    }
  }

  it(COUNTS, () => {
    assert.ok(cases.length >= 180);
    const ids = new Set(cases.flatMap(waysOf).map(([id]) => id));
    const named = DIFFERENCES.flatMap((difference) => Object.keys(difference.cases));
    assert.deepEqual(
      named.filter((id) => !ids.has(id)),
      [],
      'differences are those of cases that there are',
    );
  });
});

describe('what PasteDeploy says', () => {
  it('is known of every case', () => {
    assert.deepEqual(
      Object.keys(golden.cases),
      cases.map(({ id }) => id),
      'run node scripts/pastedeploy-golden.mjs',
    );
  });

  it('is what it says today', { skip: absent('paste.deploy') }, () => {
    const today = askPasteDeploy(cases);
    const isSamePython = today.python.split('.', 2).join() === golden.python.split('.', 2).join();
    const told = ({ cases: answered }: Golden): unknown => (isSamePython ? answered : withoutMessages(answered));
    assert.deepEqual(told(today), told(golden), 'run node scripts/pastedeploy-golden.mjs');
  });
});

/** What PasteDeploy calls global_conf is two things with us, unless there is none. */
function waysOf({ id, vars }: Case): readonly (readonly [id: string, way: Way])[] {
  const isBoth = Object.keys(vars).length > 0;
  return [[id, 'globalConf'], ...(isBoth ? [[`${id}, on the command line`, 'vars'] as const] : [])];
}

/** Each line says of which ask it is. */
async function differencesOf(scene: Case, folder: string, way: Way): Promise<readonly string[]> {
  writeCase(scene, folder);
  const different: string[] = [];
  for (const answer of golden.cases[scene.id]!) {
    const lines = differences(expected(answer), await found(scene, answer.ask, folder, way));
    const [role, uri, name] = answer.ask;
    const ask = [role, uri === 'config:site.ini' && name !== null ? '' : uri, name ?? ''].filter((word) => word !== '').join(' ');
    different.push(...lines.map((line) => `${ask}: ${line}`));
  }
  return different;
}

function countContexts(told: readonly Answer[]): number {
  return told.reduce((sum, answer) => sum + ('context' in answer ? countWithin(answer.context) : 0), 0);
}

function countWithin(context: PythonContext): number {
  if (context.kind === 'pipeline') return 1 + [...context.filters, context.app].reduce((sum, part) => sum + countWithin(part), 0);
  if (context.kind === 'filter_app' || context.kind === 'filtered_with')
    return 1 + countWithin(context.filter) + countWithin(context.next);
  return 1;
}

/** Versions of Python word their errors differently. */
function withoutMessages(told: Golden['cases']): unknown {
  return JSON.parse(JSON.stringify(told, (key, value: unknown) => (key === 'message' ? '' : value)));
}
