// Every example is played as its README tells it: a README that lies fails here.
//
// A `console` fence has a command, `$ npx appserve examples/NAME/FILE.ini` or `$ node examples/NAME/FILE.js`, perhaps behind
// variables, `NAME=value`; after it `http` and `response` fences stand in pairs, and `websocket` fences alone, up to the next command. A
// request has no Content-Length, and a Host only where it matters; so has a response its fields. The first line of a `websocket` fence is
// the path; the others are frames, sent (>) and heard (<), as test/support/frames.ts spells them, with ... for what is never the same. So
// that nothing is in the way, the command gets http_port=0 where the ini has %(http_port)s, a fresh folder where it has %(data)s, and
// PORT=0 where it is a script. A second command in the fence is an nginx in front of the first: then requests are for nginx.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { getSections, getSettings, setupLogging, type LoggingSections } from '@appserve/loader';
import { answersOf, type Heard } from './support/answers-of.ts';
import { Command } from './support/command.ts';
import { FrameClient } from './support/frame-client.ts';
import { inRepository } from './support/repository.ts';
import { RawClient } from './support/raw-client.ts';
import { temporaryFolder } from './support/temporary.ts';
import { replaceAll, WebServer } from './support/web-server.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

interface Fence {
  readonly kind: string;
  readonly text: string;
}

/** A request and its answer, or the lines of a WebSocket. */
type Scene = readonly [request: string, response: string] | readonly [webSocket: string];

interface Story {
  readonly commands: readonly string[];
  readonly scenes: readonly Scene[];
}

/** These need something before they are started, or more than two processes: test/examples-NAME.test.ts play them. */
const PLAYED_ELSEWHERE = ['buildout-plone-like', 'haproxy', 'tls'];
const examples = readdirSync(inRepository('examples'));

function fencesOf(markdown: string): Fence[] {
  const fences = markdown.matchAll(/^```(console|http|response|websocket)\n(.*?)^```$/gms);
  return Array.from(fences, ([, kind, text]) => ({ kind: kind!, text: text!.trimEnd() }));
}

/** Each command with what follows it. */
function storiesOf(markdown: string): Story[] {
  const fences = fencesOf(markdown);
  assert.equal(fences[0]?.kind, 'console', 'the first fence has a command');
  const starts = fences.flatMap(({ kind }, index) => (kind === 'console' ? [index] : []));
  return starts.map((from, index) => storyOf(fences.slice(from, starts[index + 1])));
}

function storyOf([console, ...exchanges]: readonly Fence[]): Story {
  assert.ok(console !== undefined && exchanges.length > 0, 'something is asked');
  return { commands: console.text.split('\n').map((line) => line.replace(/^\$ /, '')), scenes: scenesOf(exchanges) };
}

function scenesOf(fences: readonly Fence[]): Scene[] {
  const scenes: Scene[] = [];
  for (let at = 0; at < fences.length; at += 1) {
    const { kind, text } = fences[at]!;
    if (kind === 'websocket') {
      scenes.push([text]);
      continue;
    }
    at += 1;
    assert.deepEqual([kind, fences[at]?.kind], ['http', 'response']);
    scenes.push([text, fences[at]!.text]);
  }
  return scenes;
}

/** `settings`: for an ini that has them. */
function start(command: string, settings: Readonly<Record<string, string>>): Command {
  const words = command.split(' ');
  const first = words.findIndex((word) => !word.includes('='));
  const env = Object.fromEntries(words.slice(0, first).map((variable) => variable.split('=') as [string, string]));
  const [program, ...args] = words.slice(first);
  const options = { cwd: inRepository('') };
  if (program === 'node') return Command.node(args, { ...options, env: { PORT: '0', ...env } });
  assert.equal(args.shift(), 'appserve', `${command}: neither node nor npx appserve`);
  const ini = readFileSync(inRepository(args[0]!), 'utf8');
  const wanted = Object.entries({ http_port: '0', ...settings }).filter(([name]) => ini.includes(`%(${name})s`));
  return Command.appserve([...args, ...wanted.map((pair) => pair.join('='))], { ...options, env });
}

/** nginx as the README starts it, but in a folder and on a port of its own, before that socket. */
async function startNginx(command: string, socket: string): Promise<WebServer> {
  const [, folder, file] = /^nginx -p (\S+) -e stderr -c (\S+)$/.exec(command) ?? assert.fail(command);
  const text = readFileSync(inRepository(`${folder}/${file}`), 'utf8');
  const name = /unix:\S+\/run\/([a-z]+\.sock)/.exec(text)![1];
  return WebServer.startWith('nginx', (port) =>
    replaceAll(text, [
      ['error_log stderr;', 'error_log stderr notice;'],
      ['listen 127.0.0.1:8080;', `listen 127.0.0.1:${port};`],
      [`unix:${folder}/run/${name}`, `unix:${socket}`],
      ['run/', ''],
      // Files that it answers with itself stay where they are.
      ...(text.includes('alias ') ? [['alias ', `alias ${inRepository(folder!)}/`] as const] : []),
    ]),
  );
}

/** The processes of a story. Requests are for the one that speaks HTTP. */
class Players implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly process: Command;
  #front: WebServer | undefined;

  private constructor(process: string) {
    this.process = start(process, { fastcgi_socket: this.#socket, http_socket: this.#socket, data: this.#folder.path });
  }

  static async enter([first, second]: readonly string[]): Promise<Players> {
    const players = new Players(first!);
    if (second === undefined) return players;
    chmodSync(players.#folder.path, 0o755);
    await players.process.url();
    players.#front = await startNginx(second, players.#socket);
    return players;
  }

  get #socket(): string {
    return `${this.#folder.path}/s`;
  }

  async client(): Promise<RawClient> {
    return this.#front === undefined ? this.process.client() : RawClient.connect(this.#front.port);
  }

  /** Of whoever speaks HTTP with clients. */
  async port(): Promise<number> {
    return this.#front?.port ?? Number(new URL(await this.process.url()).port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#front?.[Symbol.asyncDispose]();
    await this.process[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** A request as bytes: with a Host, and the length of its body. */
function bytesOf(request: string): string {
  const [head, body = ''] = request.split('\n\n') as [string, string?];
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const host = /^Host: /m.test(head) ? [] : ['Host: example.test'];
  return [...head.split('\n'), ...host, ...length, '', body].join('\r\n');
}

/** As a browser does it: where a connection ends without a word, its worker may just have crashed, and a GET is asked again. */
async function ask(process: Players, bytes: string): Promise<Heard | undefined> {
  return (await askOnce(process, bytes)) ?? (bytes.startsWith('GET ') ? askOnce(process, bytes) : undefined);
}

async function askOnce(process: Players, bytes: string): Promise<Heard | undefined> {
  await using client = await process.client();
  await client.send(bytes);
  const methods = [bytes.split(' ', 1)[0]!];
  const text = await client.until((received) => answersOf(received, methods)[0]?.isWhole === true);
  return answersOf(text, methods)[0];
}

function assertAnswer(answer: Heard | undefined, wanted: string): void {
  assert.ok(answer !== undefined, 'there is an answer');
  const [head, body = ''] = wanted.split('\n\n') as [string, string?];
  const [statusLine, ...fields] = head.split('\n');
  assert.equal(`HTTP/1.1 ${answer.status} ${answer.reason}`.trimEnd(), statusLine);
  for (const field of fields) {
    const [name = '', value = ''] = field.toLowerCase().split(/: (.*)/s);
    const values = answer.fields.get(name)?.map((one) => one.toLowerCase()) ?? [];
    assert.ok(values.includes(value), `${field} is among ${name}: ${values.join(', ')}`);
  }
  assert.equal(answer.body.trimEnd(), body);
}

async function assertConversation(players: Players, text: string): Promise<void> {
  const [path, ...lines] = text.split('\n');
  await using client = await FrameClient.open(await players.port(), path);
  assert.match(client.head, /^HTTP\/1\.1 101 /);
  for (const line of lines) {
    const frame = line.slice(2);
    if (line.startsWith('> ')) client.send(frame);
    else assertLine(await client.hear(), frame);
  }
  // As a program that has all it wanted.
  client.send('close 1000');
  await client.untilEnd();
}

function assertLine(heard: string, wanted: string): void {
  const [before = '', ...rest] = wanted.split('...');
  const isAlike = heard.startsWith(before) && rest.every((part) => heard.includes(part));
  assert.ok(isAlike, `${heard} is ${wanted}`);
}

describe('an example', TIMEOUT, () => {
  it('has a README', () => {
    assert.ok(examples.length > 0);
    assert.deepEqual(
      examples.filter((name) => !existsSync(inRepository(`examples/${name}/README.md`))),
      [],
    );
  });

  for (const name of examples.filter((one) => !PLAYED_ELSEWHERE.includes(one))) {
    it(`does what its README says: ${name}`, async () => {
      for (const { commands, scenes } of storiesOf(readFileSync(inRepository(`examples/${name}/README.md`), 'utf8'))) {
        await using players = await Players.enter(commands);
        for (const [text, response] of scenes) {
          if (response === undefined) await assertConversation(players, text);
          else assertAnswer(await ask(players, bytesOf(text)), response);
        }
        players.process.signal('SIGINT');
        assert.deepEqual(await players.process.ending(), { code: 0, signal: null });
      }
    });
  }
});

const inis = examples.flatMap((name) =>
  readdirSync(inRepository(`examples/${name}`))
    .filter((file) => file.endsWith('.ini'))
    .map((file) => `examples/${name}/${file}`),
);

async function loggingOf(ini: string): Promise<LoggingSections['sections'] | undefined> {
  let found: LoggingSections['sections'] | undefined;
  await setupLogging(inRepository(ini), (logging) => {
    found = logging?.sections;
  });
  return found;
}

describe('the ini of an example', () => {
  for (const ini of inis) {
    it(`has no section that cannot be read: ${ini}`, async () => {
      const sections = await getSections(inRepository(ini));
      // What stands in a formatter is for the logger.
      for (const name of sections.filter((section) => !section.startsWith('formatter_')))
        await getSettings(inRepository(ini), name);
      const logging = Object.keys((await loggingOf(ini)) ?? {});
      assert.deepEqual(
        logging,
        sections.filter((name) => /^(?:logger|handler|formatter)/.test(name)),
      );
    });
  }

  it('keeps the percent signs of alembic and of the formatters, as Python reads them', async () => {
    const ini = 'examples/pyramid-like/development.ini';
    const { file_template } = await getSettings(inRepository(ini), 'alembic');
    assert.equal(file_template, '%(year)d%(month).2d%(day).2d_%(rev)s');
    const { formatter_generic } = (await loggingOf(ini))!;
    assert.match(formatter_generic!['format']!, /^%\(asctime\)s %\(levelname\)-5\.5s /);
  });

  it('has a pipeline with a comment in it', async () => {
    const { pipeline } = await getSettings(inRepository('examples/plone-like/zope.ini'), 'pipeline:main');
    assert.deepEqual(pipeline!.trim().split('\n'), ['translogger', 'egg:plone-like#httpexceptions', 'zope']);
  });
});
