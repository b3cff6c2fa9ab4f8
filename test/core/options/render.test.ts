// A table of options as text: names, help and reference.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  apiName,
  camelCase,
  choice,
  count,
  helpLines,
  jsonSchema,
  kebabCase,
  markdownTable,
  option,
  optional,
  others,
  required,
  seconds,
  size,
  text,
  type Options,
} from '@appserve/core/options';

const OPTIONS: Options = {
  workers: option(count({ min: 1 }), required, 'Threads.', 'Pyruvate'),
  idle_timeout: option(seconds(), '60', 'How long | to wait.'),
  name: optional(text(), 'A name.'),
  level: option(choice('info', 'debug'), 'info', 'What is logged.'),
};

describe('help', () => {
  it('has a line for each option, its values below each other', () => {
    assert.deepEqual(helpLines(OPTIONS), [
      '  --workers N             Threads. [required]',
      '  --idle-timeout SECONDS  How long | to wait. [60]',
      '  --name TEXT             A name. [none]',
      '  --level info|debug      What is logged. [info]',
    ]);
  });

  it('is empty for no options', () => {
    assert.deepEqual(helpLines({}), []);
  });
});

describe('the reference', () => {
  const [, , ...rows] = markdownTable(OPTIONS).split('\n');

  it('has a row for each option: both names, what it must be, its default, its meaning and its origin', () => {
    assert.equal(rows[0], '| `workers`<br>`workers` | a whole number >= 1 | `required` | Threads. (Pyruvate) |');
  });

  it('does not let a value end its cell', () => {
    assert.equal(
      rows[1],
      '| `idle_timeout`<br>`idleTimeoutMs` | a time such as 30, 30s, 500ms or 2m | `60` | How long \\| to wait. |',
    );
  });

  it('has the row for every other key under what such a key is', () => {
    const table = markdownTable({ '*': others(text('an app'), '/PATH', 'Its app.') });
    assert.equal(table.split('\n')[2], '| `/PATH`<br>`others` | an app | `none` | Its app. |');
  });

  it('is a JSON Schema too, which takes other keys where the table does', () => {
    const other = { type: 'string', description: 'Its app. Must be an app.' };
    const { properties, additionalProperties } = jsonSchema({ ...OPTIONS, '*': others(text('an app'), '/PATH', 'Its app.') });
    assert.deepEqual([Object.keys(properties as object), additionalProperties], [Object.keys(OPTIONS), other]);
    assert.equal(jsonSchema(OPTIONS)['additionalProperties'], false);
  });

  it('says where there is no default', () => {
    assert.match(rows[2]!, /\| `none` \|/);
  });
});

describe('an option called max_head_size', () => {
  it('is maxHeadSize in camel case', () => {
    assert.equal(camelCase('max_head_size'), 'maxHeadSize');
  });

  it('is --max-head-size as a flag', () => {
    assert.equal(kebabCase('max_head_size'), 'max-head-size');
  });

  it('has its unit last in TypeScript', () => {
    assert.equal(apiName('max_head_size', option(size(), '1', '')), 'maxHeadSizeBytes');
    assert.equal(apiName('head_timeout', option(seconds(), '1', '')), 'headTimeoutMs');
    assert.equal(apiName('workers', option(count(), '1', '')), 'workers');
  });
});

describe('an option with a digit in its name', () => {
  it('keeps the digit where an underscore was', () => {
    assert.equal(camelCase('http_2_window'), 'http2Window');
  });
});
