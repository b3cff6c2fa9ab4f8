// What is shown of a failure: where it is, the frames of the app alone, and nothing that a terminal or a browser would obey.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, FaultList } from '@appserve/core';
import { appFrames, failureOf, failurePage, failureText, markedPlace, type Failure } from '@appserve/server/machines';
import { write } from '../../support/command.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const FACTS = { nonce: 'n0nce', waitAt: '/-/appserve-reload' };

function withStack(error: Error, stack: string): Error {
  error.stack = stack;
  return error;
}

describe('a stack', () => {
  it('is shown without the frames of Node, of packages and of ours', () => {
    const frames = appFrames(
      [
        'TypeError: no',
        '    at render (file:///app/page.mjs?v=2:3:5)',
        '    at async Promise.all (index 0)',
        '    at async Cart.show [as index] (/app/cart.cjs:10:20)',
        '    at async file:///app/top.mjs:1:1',
        '    at Layer.handle (/app/node_modules/express/lib/layer.js:95:5)',
        '    at node:internal/main/run_main_module:28:49',
        '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
      ].join('\n'),
    );
    assert.deepEqual(
      frames.map(({ call, file, line, column }) => `${call} ${file}:${line}:${column}`),
      ['render /app/page.mjs:3:5', 'async Cart.show [as index] /app/cart.cjs:10:20', ' /app/top.mjs:1:1'],
    );
  });

  it('that begins with the place of a syntax error gives it', () => {
    assert.deepEqual(markedPlace('file:///app/a%20b.mjs:2\n  let b = ;\n          ^\n\nSyntaxError: Unexpected token'), {
      call: '',
      file: '/app/a b.mjs',
      line: 2,
      column: 11,
      length: 1,
    });
    assert.equal(markedPlace('Error: no\n    at /app/a.mjs:1:1'), undefined);
  });
});

describe('a failure', () => {
  it('shows the line with some around, and what led there', () => {
    using folder = temporaryFolder();
    write(folder, { 'app.mjs': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n' });
    const file = `${folder.path}/app.mjs`;
    const cause = withStack(new TypeError('no such thing'), `TypeError: no such thing\n    at make (${file}:5:2)`);
    const at = { file: 'app.ini', line: 2, column: 7 };
    const error = new Fault('MODULE_FAILED', { module: file, message: 'x' }, { at, askedBy: ['[app:main] app.ini:1'], cause });
    const failure = failureOf(
      'The app cannot be loaded',
      new Fault('WORKER_FAILED', { worker: 'worker-1', message: 'x' }, { cause: error }),
    );
    const [problem] = failure.problems;
    assert.equal(problem?.message, 'TypeError: no such thing');
    assert.deepEqual(
      problem.at?.lines.map(({ number, text, isMeant }) => `${number} ${text}${isMeant ? ' <' : ''}`),
      ['2 two', '3 three', '4 four', '5 five <', '6 six', '7 seven', '8 eight'],
    );
    assert.deepEqual(problem.frames, [`at make (${file}:5:2)`]);
    assert.deepEqual(problem.askedBy, ['app.ini:2:7', '[app:main] app.ini:1']);
    assert.match(failureText(failure, false), /> 5 \| five\n {6,}\| {2}\^\n/);
  });

  it('is shown also when its file is gone, or what was thrown is no error', () => {
    const gone = withStack(new Error('x'), 'Error: x\n    at /nowhere/app.mjs:5:2');
    assert.match(failureText(failureOf('h', gone), false), /\/nowhere\/app\.mjs:5:2\n {2}Error: x/);
    assert.match(failureText(failureOf('h', 'a word'), false), /thrown: a word/);
    assert.match(failureText(failureOf('h', Object.create(null)), false), /thrown: \[object Object\]/);
  });

  it('tells several faults, and the causes of an error', () => {
    const list = new FaultList([
      new Fault('OPTION_UNKNOWN', { key: 'wokers', nearest: 'workers' }),
      new Fault('OPTION_UNKNOWN', { key: 'sokcet', nearest: 'socket' }),
    ]);
    assert.equal(failureOf('h', list).problems.length, 2);
    const error = new Error('outer', { cause: new RangeError('inner', { cause: 'a word' }) });
    assert.deepEqual(
      failureOf('h', error).problems[0]?.causes.map((cause) => cause.replace(/ \(.*/, '')),
      ['RangeError: inner', 'thrown: a word'],
    );
  });
});

const EVIL = '</pre></script><script>alert(1)</script><img src=x onerror="alert(1)">\u001B]0;owned\u0007';

const evil: Failure = {
  heading: EVIL,
  problems: [
    {
      message: EVIL,
      at: { file: EVIL, line: 1, column: 3, length: 4, lines: [{ number: 1, text: EVIL, isMeant: true }] },
      hint: EVIL,
      askedBy: [EVIL],
      frames: [EVIL],
      causes: [EVIL],
    },
  ],
};

describe('the page', () => {
  it('holds no markup but its own', () => {
    const page = failurePage(evil, FACTS);
    assert.equal(Array.from(page.matchAll(/<script/g)).length, 1);
    assert.equal(Array.from(page.matchAll(/<\/script>/g)).length, 1);
    assert.doesNotMatch(page, /<img/);
    assert.match(page, /<script nonce="n0nce">/);
    assert.match(page, /&lt;script&gt;alert/);
  });

  it('knows dark and light, needs nothing from outside, and does not send a POST again', () => {
    const page = failurePage({ heading: 'POST / failed', problems: [] }, { ...FACTS, waitAt: undefined });
    assert.doesNotMatch(page, /<script nonce/);
    assert.match(page, /send the request again/);
    assert.match(page, /prefers-color-scheme: dark/);
    assert.doesNotMatch(page, /(?:src|href)=/);
  });
});

describe('the text', () => {
  it('has nothing that a terminal would obey', () => {
    for (const isColoured of [true, false]) {
      const text = failureText(evil, isColoured).replaceAll(/\u001B\[(?:1|2|22|31|39)m/g, '');
      assert.doesNotMatch(text, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
      assert.match(text, /\\x1b\]0;owned\\x07/);
    }
  });
});
