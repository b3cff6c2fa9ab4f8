// Files that rotate while two processes write to them, as they do while one takes the place of the other: no line is lost.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { RotatingSink, TimedSink } from '@appserve/server/machines';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary.ts';

const INFO = 20;
const DAY_MS = 86_400_000;
const NOON = new Date(2_026, 10, 20, 12).getTime();
const FILE = { isDelayed: false, isTruncated: false } as const;

type Sink = RotatingSink | TimedSink;

function say(sink: Sink, text: string): void {
  sink.write(`${text}\n`, INFO);
  sink.flush();
}

/** By name, what each file has. */
function filesOf({ path }: TemporaryFolder): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path)
      .toSorted()
      .map((name) => [name, readFileSync(join(path, name), 'utf8')]),
  );
}

describe('a file that rotates by time, of two processes', () => {
  it('is rotated by one of them', (t) => {
    using folder = temporaryFolder();
    t.mock.timers.enable({ apis: ['Date'], now: NOON });
    const sinks = timed(folder);
    const [heir, old] = sinks;
    say(old, 'yesterday, by the old one');
    say(heir, 'yesterday, by the heir');
    t.mock.timers.setTime(NOON + DAY_MS);
    say(heir, 'today, by the heir');
    say(old, 'today, by the old one');
    say(heir, 'today, once more');
    assert.deepEqual(filesOf(folder), {
      'shop.log': 'today, by the heir\ntoday, by the old one\ntoday, once more\n',
      'shop.log.2026-11-20': 'yesterday, by the old one\nyesterday, by the heir\n',
    });
    for (const sink of sinks) sink.close();
  });

  it('goes on where its name for the period is taken', (t) => {
    using folder = temporaryFolder();
    t.mock.timers.enable({ apis: ['Date'], now: NOON });
    writeFileSync(join(folder.path, 'shop.log.2026-11-20'), 'of somebody else\n');
    const sinks = timed(folder);
    const [heir] = sinks;
    say(heir, 'yesterday');
    t.mock.timers.setTime(NOON + DAY_MS);
    say(heir, 'today');
    assert.deepEqual(filesOf(folder), { 'shop.log': 'yesterday\ntoday\n', 'shop.log.2026-11-20': 'of somebody else\n' });
    for (const sink of sinks) sink.close();
  });
});

function timed(folder: TemporaryFolder): [TimedSink, TimedSink] {
  const to = {
    ...FILE,
    type: 'timed',
    path: join(folder.path, 'shop.log'),
    when: 'MIDNIGHT',
    interval: 1,
    isUtc: false,
    backupCount: 3,
  } as const;
  return [new TimedSink(to), new TimedSink(to)];
}

describe('a file that rotates by size, of two processes', () => {
  it('is rotated by one of them, where the new one has room', () => {
    using folder = temporaryFolder();
    const to = { ...FILE, type: 'rotating', path: join(folder.path, 'shop.log'), maxBytes: 100, backupCount: 1 } as const;
    const heir = new RotatingSink(to);
    const old = new RotatingSink(to);
    const long = `by the old one ${'x'.repeat(80)}`;
    say(old, long);
    say(heir, 'by the heir');
    say(old, 'by the old one');
    assert.deepEqual(filesOf(folder), { 'shop.log': 'by the heir\nby the old one\n', 'shop.log.1': `${long}\n` });
    heir.close();
    old.close();
  });

  it('is rotated again where it has none', () => {
    using folder = temporaryFolder();
    const to = { ...FILE, type: 'rotating', path: join(folder.path, 'shop.log'), maxBytes: 100, backupCount: 2 } as const;
    const heir = new RotatingSink(to);
    const old = new RotatingSink(to);
    const lines = ['1', '2', '3', '4'].map((number) => number.repeat(90));
    for (const [index, line] of lines.entries()) say(index % 2 === 0 ? old : heir, line);
    const [, second, third, fourth] = lines;
    assert.deepEqual(filesOf(folder), { 'shop.log': `${fourth}\n`, 'shop.log.1': `${third}\n`, 'shop.log.2': `${second}\n` });
    heir.close();
    old.close();
  });
});
