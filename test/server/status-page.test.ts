// The status page, in a browser: it shows what happens, without a word of its own where nothing can be said, in light and in dark, on a
// desk and on a phone, and runs nothing that clients have sent.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../support/chromium.ts';
import { brightness, coloursOf, contrast, type Coloured } from '../support/contrast.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { absent } from '../support/programs.ts';

const TIMEOUT = { timeout: 120_000, skip: absent('chromium') };
const DESK = { width: 1_280, height: 900, scheme: 'light' } as const;
const PHONE = { width: 360, height: 740, scheme: 'light' } as const;

const TEXTS = 'h1, h2, p:not([hidden]), dt, dd, small, th, td, span, a';

describe('the status page', TIMEOUT, () => {
  let chromium: Chromium;
  let server: Served;
  let page: string;

  before(async () => {
    chromium = await Chromium.start();
    server = serveIni(['socket = 127.0.0.1:0', 'workers = 2', 'metrics = 127.0.0.1:0']);
    await server.command.url();
    page = (await server.command.says(/metrics and status page: (\S+)/))[1]!;
  });

  after(async () => {
    await Promise.all([chromium[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
  });

  async function open(look: Parameters<Chromium['look']>[0]): Promise<void> {
    await chromium.look(look);
    await chromium.goTo(page);
    await chromium.until('it is loaded', 'document.querySelectorAll("#workers tr").length === 2');
  }

  it('shows the server, its workers, its figures and charts, and complains of nothing', async () => {
    for (let n = 0; n < 20; n += 1) await server.command.get('/');
    await open(DESK);
    assert.equal(await chromium.evaluate('document.title'), 'app.ini · appserve');
    assert.equal(await chromium.evaluate('document.getElementById("state").textContent'), 'serving');
    await chromium.until('requests are counted', `document.querySelector('#figures dd').textContent !== '0.0 / s'`);
    await chromium.until(
      'all of them have been told',
      `[...document.querySelectorAll('#workers tr')].reduce((sum, row) => sum + Number(row.children[2].textContent), 0) === 20`,
    );
    await chromium.until('there are three charts', 'document.querySelectorAll("#charts svg path.line").length === 5');
    assert.deepEqual(chromium.complaints, []);
  });

  it('goes on by itself', async () => {
    await open(DESK);
    const heard = 'document.getElementById("about").textContent';
    const first = await chromium.evaluate<string>(heard);
    await chromium.until('it says how long the server is up', `${heard} !== ${JSON.stringify(first)}`);
  });

  it('shows slow requests as text, whatever is in them, without their queries', async () => {
    const path = '/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E<b>';
    for (let n = 0; n < 12; n += 1) {
      await using client = await server.command.client();
      await client.send(`GET ${path.replace('<b>', '')}?token=secret HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.response();
    }
    await open(DESK);
    assert.equal(await chromium.evaluate('document.querySelectorAll("#slow img, #slow b").length'), 0);
    assert.doesNotMatch(await chromium.evaluate<string>('document.documentElement.outerHTML'), /secret/);
  });

  it('tells of a worker that hangs, and of what it hangs in', async () => {
    await using hanging = serveIni(['socket = 127.0.0.1:0', 'workers = 2', 'metrics = 127.0.0.1:0']);
    await using client = await hanging.command.client();
    const [, url] = await hanging.command.says(/metrics and status page: (\S+)/);
    await client.send('GET /spin?token=secret HTTP/1.1\r\nHost: test\r\n\r\n');
    await hanging.command.says(/spinning/);
    await chromium.look(DESK);
    await chromium.goTo(url!);
    await chromium.until(
      'the worker is shown as busy',
      `[...document.querySelectorAll('#workers td.bad')].some((cell) => /^busy for .*: GET \\/spin$/.test(cell.textContent))`,
    );
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`can be read in ${scheme}: each text stands out from its ground`, async () => {
      await open({ ...DESK, scheme });
      const ground = await chromium.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.equal(brightness(ground) > 128, scheme === 'light');
      const pairs = await chromium.evaluate<readonly Coloured[]>(coloursOf(TEXTS));
      assert.ok(pairs.length > 20);
      for (const [text, colour, behind] of pairs)
        assert.ok(contrast(colour, behind) >= 4.5, `${text}: ${colour} on ${behind} is ${contrast(colour, behind).toFixed(2)}`);
    });
  }

  it('fits a phone: nothing of the page is wider than its screen', async () => {
    await open(PHONE);
    assert.equal(await chromium.evaluate('document.documentElement.scrollWidth'), PHONE.width);
    const sizes = await chromium.evaluate<readonly number[]>(
      '[...document.querySelectorAll("p, dt, dd, th, td, a")].map((one) => parseFloat(getComputedStyle(one).fontSize))',
    );
    assert.ok(Math.min(...sizes) >= 12, String(Math.min(...sizes)));
  });

  it('has names for all that it shows, for those who do not see it', async () => {
    await open(DESK);
    const names = await chromium.accessibleNames();
    const named = (role: string): string[] => names.filter((one) => one.role === role).map(({ name }) => name);
    assert.deepEqual(named('heading').slice(0, 4), ['app.ini', 'Now', 'Lately the last 60 s', 'Workers']);
    assert.match(named('image').join('\n'), /^Requests a second: .*highest/m);
    assert.match(named('image').join('\n'), /^Latency: median .*, 99 of 100 .*highest/m);
    for (const role of ['main', 'contentinfo', 'navigation'])
      assert.ok(
        names.some((one) => one.role === role),
        role,
      );
    assert.ok(named('columnheader').includes('Lag') && named('rowheader').includes('worker-1'));
    assert.ok([...named('link'), ...named('image'), ...named('region')].every((name) => name !== ''));
  });

  it('says so when the server answers no more', async () => {
    await using mortal = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'metrics = 127.0.0.1:0']);
    await mortal.command.url();
    const [, url] = await mortal.command.says(/metrics and status page: (\S+)/);
    await chromium.look(DESK);
    await chromium.goTo(url!);
    await chromium.until('it is loaded', 'document.getElementById("state").textContent === "serving"');
    mortal.command.signal('SIGTERM');
    await mortal.command.ending();
    await chromium.until('it is told', 'document.getElementById("state").textContent === "no answer"');
    assert.match(await chromium.evaluate('document.getElementById("trouble").textContent'), /has not answered for \d+ s/);
  });
});
