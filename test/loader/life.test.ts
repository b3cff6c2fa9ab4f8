// Apps, filters and children of composites that start and close, served by the command with real workers.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { folderWith } from '../support/packages.ts';
import { SHAPES } from '../support/shapes.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };
const EXIT_START = 1;

/** What each thread does is noted in a file; what `go` stands before happens when that file is there. */
const LIVING = `
  import { appendFileSync, existsSync } from 'node:fs';
  import { setTimeout as later } from 'node:timers/promises';
  import { threadId } from 'node:worker_threads';

  export const noting = ({ here }) => (what) => appendFileSync(here + '/notes', threadId + ' ' + what + '\\n');
  const mayGo = async (here, what) => { while (!existsSync(here + '/' + what)) await later(1); };

  function life(globalConf, { is, waits = '', fails = '' }) {
    const note = noting(globalConf);
    const step = (what) => async () => {
      note(what + ' ' + is);
      if (waits === what) await mayGo(globalConf.here, what);
      if (fails === what) throw new RangeError(is + ' cannot ' + what);
    };
    return { start: step('start'), close: step('close') };
  }

  export function app(globalConf, settings) {
    const answer = async (request) => {
      if (!request.url.endsWith('/slow')) return new Response('hello');
      noting(globalConf)('asked');
      await mayGo(globalConf.here, 'answer');
      noting(globalConf)('answered');
      return new Response('slow');
    };
    return Object.assign(answer, life(globalConf, settings), { shape: settings.is });
  }

  export function filter(globalConf, settings) {
    const filter = (inner) => Object.assign((request) => inner(request), { shape: 'filtered' });
    return Object.assign(filter, life(globalConf, settings));
  }

  export async function front(loader, globalConf, { child }) {
    const app = await loader.getApp(child, globalConf);
    return (request) => app(request);
  }
`;

interface Served extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly command: Command;
  /** What was noted, by the thread that did. */
  readonly notes: () => readonly (readonly string[])[];
}

/** Two workers that serve the app of these lines. */
function served(lines: readonly string[], server: readonly string[] = []): Served {
  const ini = [...lines, '[server:main]', 'use = @appserve/server#main', 'socket = 127.0.0.1:0', 'workers = 2', ...server];
  const folder = folderWith({ 'site.ini': ini.join('\n'), 'living.mjs': LIVING, ...SHAPES });
  const command = Command.appserve(['site.ini'], { cwd: folder.path });
  return {
    folder,
    command,
    notes: () => {
      const path = `${folder.path}/notes`;
      const noted = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
      return [...byThread(noted).values()];
    },
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function byThread(noted: readonly string[]): Map<string, string[]> {
  const threads = new Map<string, string[]>();
  for (const line of noted) {
    const [thread = '', ...words] = line.split(' ');
    threads.set(thread, [...(threads.get(thread) ?? []), words.join(' ')]);
  }
  return threads;
}

const SITE = [
  '[composite:main]',
  'use = ./living.mjs#front',
  'child = child',
  'filter-with = f',
  '[app:child]',
  'use = ./living.mjs#app',
  'is = child',
  '[filter:f]',
  'use = ./living.mjs#filter',
  'is = filter',
];
const APP = ['[app:main]', 'use = ./living.mjs#app', 'is = app'];

describe('an app that starts', TIMEOUT, () => {
  it('starts in every worker with all that was made for it, in the order of their making, and closes in the opposite one', async () => {
    await using site = served(SITE);
    assert.equal((await site.command.get('/'))?.body, 'hello');
    site.command.signal('SIGTERM');
    assert.equal((await site.command.ending()).code, 0);
    const each = ['start filter', 'start child', 'close child', 'close filter'];
    assert.deepEqual(site.notes(), [each, each]);
  });

  it('is waited for: before that, nobody is served', async () => {
    await using site = served([...APP, 'waits = start']);
    await eventually('both begin to start', () => site.notes().flat().length === 2);
    assert.doesNotMatch(site.command.stderr, /ready in/);
    write(site.folder, { start: '' });
    assert.equal((await site.command.get('/'))?.body, 'hello');
  });

  it('that fails to start is told as one that cannot be loaded', async () => {
    await using site = served([...SITE, 'fails = start']);
    const { code } = await site.command.ending();
    assert.equal(code, EXIT_START);
    assert.match(site.command.stderr, /filter cannot start/);
    assert.doesNotMatch(site.command.stderr, /ready in/);
  });

  it('that fails to start closes what has started', async () => {
    await using site = served(SITE.flatMap((line) => (line === 'is = child' ? [line, 'fails = start'] : [line])));
    await site.command.ending();
    assert.deepEqual(site.notes()[0], ['start filter', 'start child', 'close filter']);
  });

  it('closes when another worker cannot start', async () => {
    const first = `
      import { appendFileSync, readFileSync } from 'node:fs';
      export const app = ({ here }) => Object.assign(() => new Response(), {
        start() {
          appendFileSync(here + '/notes', '1 start\\n');
          if (readFileSync(here + '/notes', 'utf8').split('start').length > 2) throw new RangeError('one too many');
        },
        close: () => appendFileSync(here + '/notes', '1 close\\n'),
      });
    `;
    await using site = served(['[app:main]', 'use = ./first.mjs#app']);
    write(site.folder, { 'first.mjs': first });
    assert.equal((await site.command.ending()).code, EXIT_START);
    assert.match(site.command.stderr, /one too many/);
    assert.deepEqual(site.notes(), [['start', 'start', 'close']]);
  });

  it('closes what has started when it is stopped meanwhile', async () => {
    await using site = served(SITE.flatMap((line) => (line === 'is = child' ? [line, 'waits = start'] : [line])));
    await eventually(
      'both begin to start',
      () =>
        site
          .notes()
          .flat()
          .filter((note) => note === 'start child').length === 2,
    );
    site.command.signal('SIGTERM');
    assert.equal((await site.command.ending()).code, 0);
    const each = ['start filter', 'start child', 'close filter'];
    assert.deepEqual(site.notes(), [each, each]);
  });
});

describe('an app that closes', TIMEOUT, () => {
  it('does so when its last request has been answered, and is waited for', async () => {
    await using site = served([...APP, 'waits = close']);
    await using client = await site.command.client();
    await client.send('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await eventually('it is asked', () => site.notes().flat().includes('asked'));
    site.command.signal('SIGTERM');
    await eventually('the other one closes', () => site.notes().flat().includes('close app'));
    write(site.folder, { answer: '' });
    assert.equal((await client.response())?.body, 'slow');
    await eventually(
      'both close',
      () =>
        site
          .notes()
          .flat()
          .filter((note) => note === 'close app').length === 2,
    );
    assert.ok(site.notes().some((notes) => notes.join() === 'start app,asked,answered,close app'));
    write(site.folder, { close: '' });
    assert.equal((await site.command.ending()).code, 0);
  });

  it('and cannot is told, and the rest closes', async () => {
    await using site = served(SITE.flatMap((line) => (line === 'is = child' ? [line, 'fails = close'] : [line])));
    await site.command.url();
    site.command.signal('SIGTERM');
    assert.equal((await site.command.ending()).code, 0);
    assert.equal(site.command.stderr.match(/the app failed to close: .*child cannot close/g)?.length, 2, site.command.stderr);
    assert.deepEqual(site.notes()[0]?.slice(2), ['close child', 'close filter']);
  });

  it('and never ends is told, and not waited for', async () => {
    await using site = served([...APP, 'waits = close'], ['graceful_timeout = 0']);
    await site.command.url();
    site.command.signal('SIGTERM');
    assert.equal((await site.command.ending()).code, 0);
    assert.equal(site.command.stderr.match(/the app is still closing after \d+ ms/g)?.length, 2, site.command.stderr);
  });
});
