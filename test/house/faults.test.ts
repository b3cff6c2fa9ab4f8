// Every fault is raised somewhere, and speaks as the others do.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, faultRows } from '@appserve/core';
import { PACKAGES, sourcesOf, textOf } from '../support/sources.ts';

const TABLE = 'core/src/faults.ts';
const sources = PACKAGES.flatMap(sourcesOf)
  .filter((path) => path !== TABLE)
  .map(textOf);

/** Details of any fault: whatever is asked for is a short list, which is also a short text. */
const details = new Proxy(
  {},
  { get: () => Object.assign(['x'], { trim: () => 'x', toLowerCase: () => 'x', split: () => ['x'] }) },
);

const rows = faultRows();

describe('a fault', () => {
  it('is raised somewhere', () => {
    const idle = rows.filter(({ code }) => !sources.some((text) => text.includes(`'${code}'`)));
    assert.deepEqual(
      idle.map(({ code }) => code),
      [],
    );
  });

  it('is explained in sentences', () => {
    assert.deepEqual(
      rows.filter(({ means }) => !means.endsWith('.')).map(({ code }) => code),
      [],
    );
  });

  it('has a message and a hint that fit behind a place: lower case, no full stop', () => {
    const texts = rows
      .map(({ code }) => new Fault(code, details as never))
      .flatMap(({ message, hint }) => (hint === undefined ? [message] : [message, hint]));
    // A name keeps its spelling: Content-Length.
    const shouting = texts.filter((text) => /^[A-Z][a-z]*(?![a-z-])/.test(text) || /[.!\n]$/.test(text));
    assert.deepEqual(shouting, []);
  });

  it('has a status for its kind: what no client has caused is a 500', () => {
    const strange = rows.filter(({ blame, status }) => (blame === 'peer' ? status < 400 || status > 599 : status !== 500));
    assert.deepEqual(
      strange.map(({ code }) => code),
      [],
    );
  });
});
