// The example radicale-like with a real client of WebDAV, cadaver; and what a client can do to it that cadaver would not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command } from './support/command.ts';
import { absent } from './support/programs.ts';
import { inRepository } from './support/repository.ts';
import { temporaryFolder, type TemporaryFolder } from './support/temporary.ts';
import { eventually } from './support/eventually.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };
const MIB = 1_024 * 1_024;

interface Served extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly command: Command;
  readonly url: string;
}

async function served(): Promise<Served> {
  const folder = temporaryFolder();
  const args = ['examples/radicale-like/development.ini', 'http_port=0', `data=${folder.path}`];
  const command = Command.appserve(args, { cwd: inRepository('') });
  return {
    folder,
    command,
    url: await command.url(),
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** What cadaver says to these lines, as a person would type them. */
function cadaver({ folder, url }: Served, ...lines: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('cadaver', [url], {
    input: `${lines.join('\n')}\nquit\n`,
    cwd: folder.path,
    env: { ...process.env, HOME: folder.path },
    encoding: 'utf8',
    timeout: 240_000,
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

async function ask({ url }: Served, method: string, path: string, init: Omit<RequestInit, 'method'> = {}): Promise<string> {
  const response = await fetch(url + path, { method, ...init });
  return `${response.status} ${await response.text()}`;
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One line of it is folded. */
function event(start: string, more = ''): string {
  return `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/\r\n Rome:${start}\r\n${more}END:VEVENT\r\nEND:VCALENDAR\r\n`;
}

function hrefs(text: string): string[] {
  return Array.from(text.matchAll(/<D:href>(.*?)<\/D:href>/g), ([, href]) => href!);
}

describe('the example radicale-like', TIMEOUT, () => {
  it('is used by cadaver', { skip: absent('cadaver') }, async () => {
    await using server = await served();
    const { path } = server.folder;
    const large = randomBytes(48 * MIB);
    writeFileSync(`${path}/large.bin`, large);
    writeFileSync(`${path}/caf\u00e9 & co.txt`, 'small\n');
    const said = cadaver(
      server,
      'mkcol box',
      'cd box',
      'put large.bin',
      'put "caf\u00e9 & co.txt"',
      'copy large.bin copied.bin',
      'move copied.bin moved.bin',
      'get moved.bin got.bin',
      'delete large.bin',
      'mkcol inner',
      'ls',
      'cd ..',
      'ls',
    );
    assert.doesNotMatch(said, /failed/i, said);
    assert.equal(sha(readFileSync(`${path}/got.bin`)), sha(large));
    assert.match(said, new RegExp(`moved\\.bin +${large.length} `));
    assert.match(said, /Coll: +inner +0 /);
    assert.match(said, /Coll: +box +0 /);
    const there = readdirSync(`${path}/collections/box`).filter((name) => !name.startsWith('.'));
    assert.deepEqual(there.toSorted(), ['caf\u00e9 & co.txt', 'inner', 'moved.bin'].toSorted());
    const removed = cadaver(server, 'rmcol box', 'ls');
    assert.doesNotMatch(removed, /failed/i, removed);
    assert.equal(existsSync(`${path}/collections/box`), false);
    assert.doesNotMatch(server.command.stderr, / ERROR /);
  });

  it('finds events by their names and by time, of which one recurs', async () => {
    await using server = await served();
    await ask(server, 'MKCALENDAR', '/work');
    for (const [name, body] of [
      ['past', event('20250101T090000')],
      ['day', event('20260601')],
      ['again', event('20250101T090000', 'RRULE:FREQ=DAILY\r\n')],
    ] as const)
      assert.match(await ask(server, 'PUT', `/work/${name}.ics`, { body }), /^201 /);
    const xmlns = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"';
    const range = '<C:time-range start="20260601T000000Z" end="20260602T000000Z"/>';
    const filter = `<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">${range}</C:comp-filter></C:comp-filter></C:filter>`;
    const query = `<C:calendar-query ${xmlns}><D:prop><D:getetag/></D:prop>${filter}</C:calendar-query>`;
    assert.deepEqual(hrefs(await ask(server, 'REPORT', '/work/', { body: query })), ['/work/again.ics', '/work/day.ics']);
    const names = ['past', 'gone'].map((name) => `<D:href>/work/${name}.ics</D:href>`).join('');
    const multiget = `<C:calendar-multiget ${xmlns}><D:prop><C:calendar-data/></D:prop>${names}</C:calendar-multiget>`;
    const answer = await ask(server, 'REPORT', '/work/', { body: multiget });
    assert.match(answer, /past\.ics<\/D:href><D:propstat><D:prop><C:calendar-data>BEGIN:VCALENDAR/);
    assert.match(answer, /gone\.ics<\/D:href><D:status>HTTP\/1\.1 404 Not Found/);
  });

  it('keeps nothing of a body that is cut short', async () => {
    await using server = await served();
    await using client = await server.command.client();
    const collections = `${server.folder.path}/collections`;
    await client.send(`PUT /half HTTP/1.1\r\nHost: a\r\nContent-Length: ${MIB}\r\n\r\n${'x'.repeat(MIB / 2)}`);
    await eventually('the first half is on its way', () => readdirSync(collections).some((name) => name.startsWith('.')));
    client.reset();
    await eventually('it is gone', () => readdirSync(collections).length === 0);
    assert.match(await ask(server, 'GET', '/half'), /^404 /);
  });

  it('has no property that only objects have', async () => {
    await using server = await served();
    for (const [namespace, name] of [
      ['constructor', 'entries'],
      ['constructor', 'defineProperty'],
      ['DAV:', 'constructor'],
      ['__proto__', 'toString'],
    ]) {
      const body = `<D:propfind xmlns:D="DAV:"><D:prop><x:${name} xmlns:x="${namespace}"/></D:prop></D:propfind>`;
      const answer = await ask(server, 'PROPFIND', '/', { body, headers: { depth: '0' } });
      assert.match(answer, /^207 /);
      assert.match(answer, /404 Not Found/);
      assert.doesNotMatch(answer, /200 OK|native code|object Object/);
    }
  });

  for (const [name, method, path, init, status] of [
    ['a hidden name', 'PUT', '/.properties.json', { body: 'x' }, 403],
    ['a path that leads out', 'GET', '/%2e%2e%2f%2e%2e%2fetc/passwd', {}, 403],
    ['a NUL', 'GET', '/a%00b', {}, 403],
    ['what is there to be made', 'MKCOL', '/', {}, 405],
    ['a collection in nothing', 'MKCOL', '/a/b', {}, 409],
    ['a file in nothing', 'PUT', '/a/b', { body: 'x' }, 409],
    ['to remove all', 'DELETE', '/', {}, 403],
    [
      'another document type',
      'PROPFIND',
      '/',
      { body: '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', headers: { depth: '0' } },
      400,
    ],
    ['broken XML', 'PROPFIND', '/', { body: '<a><b></a>', headers: { depth: '0' } }, 400],
    ['much XML', 'PROPFIND', '/', { body: `<a>${' '.repeat(MIB)}</a>`, headers: { depth: '0' } }, 413],
    ['a method that is none', 'LOCK', '/', {}, 405],
    ['another destination', 'MOVE', '/', { headers: { destination: 'http://elsewhere.example/a' } }, 502],
  ] as const) {
    it(`refuses ${name}: ${status}`, async () => {
      await using server = await served();
      assert.match(await ask(server, method, path, init), new RegExp(`^${status} `));
      assert.doesNotMatch(server.command.stderr, / ERROR /);
    });
  }
});
