// The error page of appserve --reload in a real browser: it is run by nothing but itself, and gives way to the app when it is mended.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chromium } from '../support/chromium.ts';
import { Developed, saying } from '../support/developed.ts';
import { absent } from '../support/programs.ts';

const DESK = { width: 1_024, height: 768 } as const;

describe('the error page', { timeout: 240_000, skip: absent('chromium') }, () => {
  it('shows one failure after the other, and then the app, by itself', async () => {
    await using dev = new Developed({ 'app.mjs': 'throw new Error("<img src=x onerror=\'document.title=1\'>first thought");' });
    const url = await dev.command.url();
    await using chromium = await Chromium.start();
    await chromium.goTo(url);
    assert.match(await chromium.shows(/first thought/), /app\.mjs:1:7/);
    assert.equal(await chromium.evaluate('document.title'), 'The app cannot be loaded');
    dev.write('app.mjs', 'throw new Error("second thought");');
    await chromium.shows(/second thought/);
    dev.write('app.mjs', saying('it works'));
    await chromium.shows(/^it works$/);
  });

  it('of a request is left when the app is mended, and is dark or light', async () => {
    await using dev = new Developed({ 'app.mjs': 'export const makeApp = () => () => { throw new Error("not today"); };' });
    const url = await dev.command.url();
    await using chromium = await Chromium.start();
    const back = 'getComputedStyle(document.body).backgroundColor';
    await chromium.look({ ...DESK, scheme: 'light' });
    await chromium.goTo(`${url}/cart`);
    await chromium.shows(/GET \/cart failed/);
    assert.equal(await chromium.evaluate(back), 'rgb(255, 255, 255)');
    await chromium.look({ ...DESK, scheme: 'dark' });
    assert.equal(await chromium.evaluate(back), 'rgb(23, 24, 28)');
    dev.write('app.mjs', saying('today'));
    await chromium.shows(/^today$/);
  });
});
