// A fault: a code for programs; words, a place and a next step for people.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, FaultList, faultRows, throwFaults, type Place } from '@appserve/core';

const AT: Place = { file: 'a.ini', line: 3, column: 1 };

describe('a fault', () => {
  it('says what is wrong, with the value and the limit', () => {
    assert.equal(new Fault('HEAD_TOO_LARGE', { limit: 4_096 }).message, 'the head exceeds 4096 bytes');
  });

  it('is an Error by the name of Fault', () => {
    const fault = new Fault('HOST_MISSING', {});
    assert.ok(fault instanceof Error);
    assert.match(fault.stack!, /^Fault: there is no Host field\n/);
  });

  it('knows who can mend it, and the status that answers it', () => {
    const { blame, status } = new Fault('HEAD_TOO_LARGE', { limit: 4_096 });
    assert.deepEqual([blame, status], ['peer', 431]);
  });

  it('is a 500 where no client caused it', () => {
    assert.equal(new Fault('START_RESPONSE_MISSING', {}).status, 500);
    assert.equal(new Fault('OPTION_UNKNOWN', { key: 'a', nearest: undefined }).status, 500);
  });

  it('keeps its details for programs', () => {
    assert.deepEqual(new Fault('HEAD_TOO_LARGE', { limit: 4_096 }).details, { limit: 4_096 });
  });

  it('has a next step where its details allow one', () => {
    assert.equal(new Fault('OPTION_UNKNOWN', { key: 'wokers', nearest: 'workers' }).hint, 'did you mean workers?');
    assert.equal(new Fault('OPTION_UNKNOWN', { key: 'wokers', nearest: undefined }).hint, undefined);
    assert.equal(new Fault('HOST_MISSING', {}).hint, undefined);
  });

  it('falls back on what there is, when nothing is like what was asked for', () => {
    const details = {
      sections: ['app:mian'],
      found: ['app:one', 'app:two'],
      other: undefined,
      role: 'app',
      nearest: undefined,
      misspelt: undefined,
      isFile: false,
    };
    assert.equal(
      new Fault('SECTION_MISSING', details).hint,
      'the file has [app:one] [app:two]; a package of that name would be mian#main',
    );
    assert.equal(new Fault('SECTION_MISSING', { ...details, nearest: 'app:one' }).hint, 'there is [app:one]: did you mean that?');
  });

  it('points at its place, and at what led there', () => {
    const fault = new Fault('HOST_MISSING', {}, { at: AT, askedBy: ['[server:main]'] });
    assert.deepEqual([fault.at, fault.askedBy], [AT, ['[server:main]']]);
  });

  it('has no place unless it is given one', () => {
    const fault = new Fault('HOST_MISSING', {});
    assert.deepEqual([fault.at, fault.askedBy, 'cause' in fault], [undefined, [], false]);
  });

  it('keeps its cause', () => {
    const cause = new TypeError('x');
    assert.equal(new Fault('HOST_MISSING', {}, { cause }).cause, cause);
  });
});

describe('several faults', () => {
  const faults = [new Fault('HOST_MISSING', {}), new Fault('HEAD_TOO_LARGE', { limit: 1 })];

  it('are thrown as a list, one message a line', () => {
    assert.throws(
      () => throwFaults(faults),
      (error) => error instanceof FaultList && error.faults === faults,
    );
    assert.equal(new FaultList(faults).message, 'there is no Host field\nthe head exceeds 1 bytes');
  });

  it('are no list when there is one', () => {
    assert.throws(() => throwFaults(faults.slice(1)), { code: 'HEAD_TOO_LARGE' });
  });

  it('are nothing when there is none', () => {
    assert.doesNotThrow(() => throwFaults([]));
  });
});

describe('the table of faults', () => {
  const rows = faultRows();

  it('explains every code in sentences', () => {
    assert.deepEqual(
      rows.filter(({ means }) => !/\w[^]*\.$/.test(means)).map(({ code }) => code),
      [],
    );
  });

  it('has codes that programs can spell', () => {
    assert.deepEqual(
      rows.filter(({ code }) => !/^[A-Z]+(?:_[A-Z0-9]+)*$/.test(code)),
      [],
    );
  });

  it('has a client error for every fault of a client, or says that we are too busy or know too little', () => {
    assert.deepEqual(
      rows.filter(({ blame, status }) => blame === 'peer' && (status < 400 || status > 499)).map(({ code }) => code),
      ['VERSION_UNSUPPORTED', 'METHOD_UNKNOWN', 'CODING_UNKNOWN', 'REQUESTS_TOO_MANY', 'QUEUE_FULL'],
    );
  });

  it('has 500 for everybody else', () => {
    assert.deepEqual(
      rows.filter(({ blame, status }) => blame !== 'peer' && status !== 500),
      [],
    );
  });
});
