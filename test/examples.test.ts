// Every example is played as its README tells it: a README that lies fails here.
//
// A `console` fence has a command, `$ npx appserve examples/NAME/FILE.ini` or `$ node examples/NAME/FILE.js`; after it `http` and
// `response` fences stand in pairs, up to the next command. A request has no Host and no Content-Length, a response only the fields
// that matter. So that nothing is in the way, the command gets http_port=0 where the ini has %(http_port)s, and PORT=0 where it is a
// script.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { getSections, getSettings, setupLogging, type LoggingSections } from '@appserve/loader';
import { answersOf, type Heard } from './support/answers-of.ts';
import { Command } from './support/command.ts';
import { inRepository } from './support/repository.ts';

const TIMEOUT = { timeout: 90_000, concurrency: 2 };

interface Fence {
  readonly kind: string;
  readonly text: string;
}

interface Story {
  readonly command: string;
  readonly pairs: readonly (readonly [request: string, response: string])[];
}

const examples = readdirSync(inRepository('examples'));

function fencesOf(markdown: string): Fence[] {
  const fences = markdown.matchAll(/^```(console|http|response)\n(.*?)^```$/gms);
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
  assert.deepEqual(
    exchanges.map(({ kind }) => kind),
    exchanges.map((_, index) => (index % 2 === 0 ? 'http' : 'response')),
  );
  const texts = exchanges.map(({ text }) => text);
  const pairs = texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1]!] as const] : []));
  return { command: console.text.replace(/^\$ /, ''), pairs };
}

function start(command: string): Command {
  const [program, ...args] = command.split(' ');
  if (program === 'node') return Command.node(args, { cwd: inRepository(''), env: { PORT: '0' }, lifetimeMs: 30_000 });
  assert.equal(args.shift(), 'appserve', `${command}: neither node nor npx appserve`);
  const hasPort = readFileSync(inRepository(args[0]!), 'utf8').includes('%(http_port)s');
  return Command.appserve(hasPort ? [...args, 'http_port=0'] : args, { cwd: inRepository(''), lifetimeMs: 30_000 });
}

/** A request as bytes: with a Host, and the length of its body. */
function bytesOf(request: string): string {
  const [head, body = ''] = request.split('\n\n') as [string, string?];
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  return [...head.split('\n'), 'Host: example.test', ...length, '', body].join('\r\n');
}

/** As a browser does it: where a connection ends without a word, its worker may just have crashed, and a GET is asked again. */
async function ask(process: Command, bytes: string): Promise<Heard | undefined> {
  return (await askOnce(process, bytes)) ?? (bytes.startsWith('GET ') ? askOnce(process, bytes) : undefined);
}

async function askOnce(process: Command, bytes: string): Promise<Heard | undefined> {
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

describe('an example', TIMEOUT, () => {
  it('has a README', () => {
    assert.ok(examples.length > 0);
    assert.deepEqual(
      examples.filter((name) => !existsSync(inRepository(`examples/${name}/README.md`))),
      [],
    );
  });

  for (const name of examples) {
    it(`does what its README says: ${name}`, async () => {
      for (const { command, pairs } of storiesOf(readFileSync(inRepository(`examples/${name}/README.md`), 'utf8'))) {
        await using process = start(command);
        for (const [request, response] of pairs) assertAnswer(await ask(process, bytesOf(request)), response);
        process.signal('SIGINT');
        assert.deepEqual(await process.ending(), { code: 0, signal: null });
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
