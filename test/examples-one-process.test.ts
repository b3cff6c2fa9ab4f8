// examples/one-process in a browser: what is sent comes back, also after the server has loaded anew or was away for a while; by mouse and
// by keyboard, in light and in dark, and with nothing that its policy refuses.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Chromium, type Look } from './support/chromium.ts';
import { Command } from './support/command.ts';
import { brightness, coloursOf, contrast, type Coloured } from './support/contrast.ts';
import { demand } from './support/programs.ts';
import { inRepository } from './support/repository.ts';

const TIMEOUT = { timeout: 240_000 };
const DESK = { width: 1_024, height: 900, scheme: 'light' } as const;
const PHONE = { width: 360, height: 740, scheme: 'light' } as const;

/** Where nobody else takes the port of a server that has gone. */
const LONELY = `127.${1 + (process.pid % 250)}.0.2`;

const STATUS = `document.getElementById('status').textContent`;
const HINT = `document.getElementById('hint').textContent`;
const FOCUSED = 'document.activeElement.id';
const TYPED = `document.getElementById('message').value`;

/** Rows of that kind with that text, how many. */
function rows(kind: string, text: RegExp): string {
  return `[...document.querySelectorAll('#log li.${kind} .text')].filter((one) => ${String(text)}.test(one.textContent)).length`;
}

/** All that is seen only while there is no connection. */
const AS_IF_LOST = `{
  document.getElementById('connection').dataset.state = 'waiting';
  document.getElementById('now').hidden = false;
  document.getElementById('send').setAttribute('aria-disabled', 'true');
  document.getElementById('hint').textContent = 'Not sent';
  document.querySelector('#log li.heard').className = 'lost';
}`;

function serveExample(...args: readonly string[]): Command {
  return Command.appserve(['examples/one-process/development.ini', ...args], { cwd: inRepository('') });
}

describe('examples/one-process', TIMEOUT, () => {
  let chromium: Chromium;
  let server: Command;
  let url: string;

  before(async () => {
    demand('chromium');
    server = serveExample('http_port=0');
    chromium = await Chromium.start();
    url = await server.url();
  });

  after(async () => {
    await Promise.all([chromium?.[Symbol.asyncDispose](), server?.[Symbol.asyncDispose]()]);
  });

  async function open(look: Look = DESK, address = url): Promise<void> {
    await chromium.look(look);
    await chromium.goTo(address);
    await chromium.until('it is connected', `${STATUS} === 'Connected'`);
  }

  /** By the keyboard, from the field. */
  async function say(text: string): Promise<void> {
    await chromium.evaluate(`document.getElementById('message').focus()`);
    await chromium.type(text);
    await chromium.press('Enter');
  }

  async function echo(text: string): Promise<void> {
    await say(text);
    await chromium.until(`the echo of ${text}`, `${rows('heard', new RegExp(`^${text}$`))} === 1`);
  }

  /** An old worker may take one more connection before it hears that it should not; then its client is told once more, and says it again. */
  async function echoAtLast(text: string): Promise<void> {
    const isHeard = `${rows('heard', new RegExp(`^${text}$`))} > 0`;
    while (!(await chromium.evaluate<boolean>(isHeard))) {
      await chromium.until('it is connected', `${STATUS} === 'Connected'`);
      await chromium.evaluate(`document.getElementById('message').value = ''`);
      await say(text);
      await chromium.until(`the echo of ${text}`, `${isHeard} || ${STATUS} !== 'Connected'`);
    }
  }

  async function assertReadable(): Promise<void> {
    const coloured = await chromium.evaluate<readonly Coloured[]>(coloursOf('h1, h2, p, li > *, label, button, dt, dd'));
    assert.ok(coloured.length > 15, String(coloured.length));
    for (const [text, colour, behind] of coloured)
      assert.ok(contrast(colour, behind) >= 4.5, `${text}: ${colour} on ${behind} is ${contrast(colour, behind).toFixed(2)}`);
  }

  it('sends what is typed, and shows that it comes back', async () => {
    await open();
    await chromium.click('#message');
    await chromium.type('Is anybody there?');
    await chromium.click('#send');
    await chromium.until('the echo is there', `${rows('heard', /^Is anybody there\?$/)} === 1`);
    assert.equal(await chromium.evaluate(rows('sent', /^Is anybody there\?$/)), 1);
    assert.match(await chromium.evaluate(`document.querySelector('li.heard .aside').textContent`), /^[0-9.]+ ms$/);
    assert.equal(await chromium.evaluate(TYPED), '');
    await server.says(/^ {2}2 workers/m);
    await chromium.shows(new RegExp(`made in thread \\d+ of process ${server.pid}\\.`));
    assert.deepEqual(chromium.complaints, []);
  });

  it('connects again when the server has loaded anew, and says so', async () => {
    await open();
    await echo('before');
    server.signal('SIGHUP');
    await server.says(/reloaded: new workers are ready/);
    await chromium.until('it is told', `${rows('note', /^The server goes away, or loads anew \(1001\)\./)} > 0`);
    await chromium.until('it is back', `${rows('note', /^Connected again, after [0-9.]+ s\.$/)} > 0`);
    await echoAtLast('after');
    assert.deepEqual(chromium.complaints, []);
  });

  it('waits while there is no server, keeps what is typed, and is back when the server is', async () => {
    await using first = serveExample('--set', `server:main.socket=${LONELY}:0`);
    const lonely = await first.url();
    await open(DESK, lonely);
    // It hears no more, and then it is gone without a word.
    first.signal('SIGSTOP');
    await say('Do you hear me?');
    first.signal('SIGKILL');
    await first.ending();
    await chromium.until('it is told', `${rows('note', /^There is no connection to the server \(1006\)\./)} === 1`);
    await chromium.until('what was not heard is marked', `${rows('sent.lost', /^Do you hear me\?$/)} === 1`);
    await chromium.until('it has tried, and waits longer now', `/^Not connected, next try in [1-9]/.test(${STATUS})`);
    await say('Wait for me');
    assert.match(await chromium.evaluate(HINT), /^Not sent: there is no connection/);
    assert.equal(await chromium.evaluate(TYPED), 'Wait for me');
    await using second = serveExample('--set', `server:main.socket=${new URL(lonely).host}`);
    await second.url();
    await chromium.until('it is back', `${rows('note', /^Connected again/)} === 1`);
    assert.equal(await chromium.evaluate(HINT), '');
    await chromium.press('Enter');
    await chromium.until('the echo is there', `${rows('heard', /^Wait for me$/)} === 1`);
    assert.equal(await chromium.evaluate(rows('note', /./)), 3, 'each loss is told once');
  });

  it('tries at once when it is asked to, and takes the focus along', async () => {
    await using first = serveExample('--set', `server:main.socket=${LONELY}:0`);
    const lonely = await first.url();
    await open(DESK, lonely);
    first.signal('SIGTERM');
    await first.ending();
    const now = `document.getElementById('now')`;
    await chromium.until('it can be asked', `!${now}.hidden`);
    const isWaiting = `/^Not connected/.test(${STATUS})`;
    await chromium.until(
      'it does as it is asked',
      `${isWaiting} && (${now}.focus(), ${now}.click(), ${STATUS} === 'Trying again')`,
    );
    await using second = serveExample('--set', `server:main.socket=${new URL(lonely).host}`);
    await second.url();
    await chromium.evaluate(`${now}.click()`);
    await chromium.until('it is back', `${STATUS} === 'Connected'`);
    assert.equal(await chromium.evaluate(FOCUSED), 'message');
  });

  it('can be used with the keyboard alone, and shows where one is', async () => {
    await open();
    const stops: string[] = [];
    for (let stop = 0; stop < 3; stop += 1) {
      await chromium.press('Tab');
      stops.push(await chromium.evaluate(FOCUSED));
      assert.equal(await chromium.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid', stops.at(-1));
      if (stops.at(-1) === 'message') await chromium.type('by keys');
    }
    assert.deepEqual(stops, ['log', 'message', 'send']);
    await chromium.press('Space');
    await chromium.until('the echo is there', `${rows('heard', /^by keys$/)} === 1`);
    assert.equal(await chromium.evaluate(FOCUSED), 'message');
    await chromium.type('and again');
    await chromium.press('Enter');
    await chromium.until('the echo is there', `${rows('heard', /^and again$/)} === 1`);
  });

  it('has names for all that it shows, for those who do not see it', async () => {
    await open();
    await echo('named');
    const names = await chromium.accessibleNames();
    const named = (role: string): string[] => names.filter((one) => one.role === role).map(({ name }) => name);
    assert.deepEqual(named('heading'), ['Echo Test', 'One process serves all of it']);
    assert.deepEqual(named('textbox'), ['Message']);
    assert.deepEqual(named('button'), ['Send']);
    assert.deepEqual(named('log'), ['Log']);
    assert.equal(await chromium.evaluate(`getComputedStyle(document.getElementById('log')).display`), 'block');
    for (const role of ['main', 'banner', 'status'])
      assert.ok(
        names.some((one) => one.role === role),
        role,
      );
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`can be read in ${scheme}: each text stands out from its ground`, async () => {
      // No colour is on its way from one to another.
      await open({ ...DESK, scheme, motion: 'reduce' });
      await echo('to be read');
      const ground = await chromium.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.equal(brightness(ground) > 128, scheme === 'light');
      await assertReadable();
      await chromium.evaluate(AS_IF_LOST);
      await assertReadable();
    });
  }

  it('fits a phone, whatever is said', async () => {
    await open(PHONE);
    await echo('word'.repeat(100));
    assert.equal(await chromium.evaluate('document.documentElement.scrollWidth'), PHONE.width);
    const heights = await chromium.evaluate<readonly number[]>(
      '[...document.querySelectorAll("input, #send")].map((one) => one.getBoundingClientRect().height)',
    );
    assert.deepEqual(heights, [44, 44]);
  });

  it('moves nothing for who prefers that', async () => {
    const arriving = `getComputedStyle(document.querySelector('#log li')).animationName`;
    await open({ ...DESK, motion: 'no-preference' });
    assert.equal(await chromium.evaluate(arriving), 'arrive');
    await chromium.look({ ...DESK, motion: 'reduce' });
    assert.equal(await chromium.evaluate(arriving), 'none');
    assert.equal(await chromium.evaluate(`getComputedStyle(document.getElementById('send')).transitionDuration`), '0s');
  });

  it('shows markup as the text that it is', async () => {
    await open();
    const markup = '<img src=x onerror="document.title=1">';
    await say(markup);
    await chromium.until(
      'the echo is there',
      `document.querySelector('li.heard .text')?.textContent === ${JSON.stringify(markup)}`,
    );
    assert.equal(await chromium.evaluate(`document.querySelectorAll('#log img').length`), 0);
    assert.equal(await chromium.evaluate('document.title'), 'Echo Test');
    assert.deepEqual(chromium.complaints, []);
  });

  it('runs no script and asks nobody but its own', async () => {
    await open();
    const asked = await chromium.evaluate(`fetch('http://127.0.0.1:1/').then(() => 'asked', () => 'refused')`);
    assert.equal(asked, 'refused');
    await chromium.evaluate(`{
      const script = document.createElement('script');
      script.append('document.title = "run"');
      document.body.append(script);
    }`);
    assert.equal(await chromium.evaluate('document.title'), 'Echo Test');
    const complaints = chromium.complaints.join('\n');
    assert.match(complaints, /connect-src 'self'/);
    assert.match(complaints, /script-src 'self'|TrustedScript/);
  });

  it('waits twice as long each time, up to a limit, and not all clients alike', async () => {
    const backoff = pathToFileURL(inRepository('examples/one-process/assets/backoff.js')).href;
    const { waitMs } = (await import(backoff)) as { waitMs: (failed: number, chance: number) => number };
    const waits = (chance: number): number[] => [0, 1, 2, 3, 4, 5, 60].map((failed) => waitMs(failed, chance));
    assert.deepEqual(waits(0), [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    assert.deepEqual(waits(1), [250, 500, 1_000, 2_000, 4_000, 7_500, 7_500]);
  });
});
