// screenshots.ts: `node build/scripts/screenshots.js [NAME ...]`: pages as docs/images shows them, all or those that are named: `status`, of
// a server that has some work, and `one-process`, the page of examples/one-process.

import { mkdirSync, writeFileSync } from 'node:fs';
import { serveIni } from '../test/support/fleet.ts';
import { Command, write } from '../test/support/command.ts';
import { Chromium, type Look } from '../test/support/chromium.ts';
import { inRepository } from '../test/support/repository.ts';

const APP = `
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const makeApp = () => async (environ, startResponse) => {
  const path = environ.PATH_INFO;
  if (path.startsWith('/reports')) await wait(180 + Math.random() * 400);
  else if (path.startsWith('/articles')) await wait(2 + Math.random() * 18);
  if (path === '/broken') throw new Error('broken');
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.alloc(2_000, path)];
};
`;

const PATHS = [
  '/',
  '/articles/2026/11',
  '/articles/typography',
  '/articles/2026/10',
  '/reports/monthly?token=0',
  '/reports/weekly',
  '/reports/export.csv',
  '/',
  '/',
];
const WORK_MS = 75_000;

async function visitor(url: string, pauseMs: () => number, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    const path = Math.random() < 0.004 ? '/broken' : PATHS[Math.floor(Math.random() * PATHS.length)]!;
    await fetch(new URL(path, url)).then(async (response) => response.arrayBuffer());
    await new Promise((resolve) => setTimeout(resolve, pauseMs()));
  }
}

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function shoot(chromium: Chromium, name: string): Promise<void> {
  writeFileSync(inRepository(`docs/images/${name}.png`), await chromium.screenshot());
}

async function status(chromium: Chromium): Promise<void> {
  const lines = [
    'socket = 127.0.0.1:0',
    'workers = 3',
    'metrics = 127.0.0.1:0',
    'max_reuse_count = unlimited',
    'concurrency = 4',
  ];
  await using server = serveIni(lines, [], { lifetimeMs: 110_000 });
  write(server.folder, { 'app.mjs': APP });
  const url = await server.command.url();
  const [, page] = await server.command.says(/metrics and status page: (\S+)/);
  const sinceMs = performance.now();
  const untilMs = sinceMs + WORK_MS;
  // More and more of them, and then fewer: a line that goes up and down.
  const pauseMs = (): number => 20 + 60 * (1 + Math.cos(((performance.now() - sinceMs) / 12_000) * Math.PI)) * Math.random();
  const visitors = Promise.all(Array.from({ length: 24 }, async () => visitor(url, pauseMs, untilMs)));
  await pause(WORK_MS - 6_000);
  for (const [name, look] of Object.entries({
    'status-light': { width: 1_040, height: 860, scheme: 'light' },
    'status-dark': { width: 1_040, height: 860, scheme: 'dark' },
    'status-phone': { width: 390, height: 1_000, scheme: 'light' },
  } as const)) {
    await chromium.look(look);
    await chromium.goTo(page!);
    await chromium.until('the page is there', 'document.querySelectorAll("#workers tr").length === 3');
    await shoot(chromium, name);
  }
  await visitors;
}

/** While there is a server, after a reload, and when there is none. */
async function oneProcess(chromium: Chromium): Promise<void> {
  await using server = Command.appserve(['examples/one-process/development.ini', 'http_port=0'], {
    cwd: inRepository(''),
    lifetimeMs: 60_000,
  });
  const open = async (look: Look): Promise<void> => {
    await chromium.look(look);
    await chromium.goTo(await server.url());
    await chromium.until('it is connected', 'document.getElementById("status").textContent === "Connected"');
    await chromium.click('#message');
  };
  const say = async (text: string): Promise<void> => {
    await chromium.type(text);
    await chromium.press('Enter');
    await chromium.until('it is answered', 'document.querySelector("#log li:last-child.heard") !== null');
  };
  const told = async (times: number): Promise<void> =>
    chromium.until('it is told', `document.querySelectorAll("#log li.note").length === ${times}`);
  const still = async (): Promise<void> =>
    chromium.until(
      'no row is just arriving',
      '!document.getAnimations().some(({ animationName }) => animationName === "arrive")',
    );
  const talk = async (): Promise<void> => {
    await say('Hello?');
    await say('Is anybody there, or is it only me?');
    server.signal('SIGHUP');
    await told(3);
    await say('Still there, I see.');
    await still();
  };

  await open({ width: 820, height: 872, scheme: 'light' });
  await talk();
  await chromium.type('Good night');
  await shoot(chromium, 'one-process-light');
  await open({ width: 390, height: 1_010, scheme: 'light' });
  await talk();
  await shoot(chromium, 'one-process-phone');
  await open({ width: 820, height: 872, scheme: 'dark' });
  await talk();
  server.signal('SIGTERM');
  await told(4);
  await chromium.type('Good night');
  await chromium.press('Enter');
  await still();
  await chromium.until('it waits for some time', '/ [1-9]/.test(document.getElementById("status").textContent)');
  await shoot(chromium, 'one-process-dark');
}

const SHOTS = { status, 'one-process': oneProcess } as const;

const names = process.argv.slice(2);
for (const name of names) if (!Object.hasOwn(SHOTS, name)) throw new Error(`${name}: there are ${Object.keys(SHOTS).join(', ')}`);
mkdirSync(inRepository('docs/images'), { recursive: true });
await using chromium = await Chromium.start();
for (const [name, take] of Object.entries(SHOTS)) if (names.length === 0 || names.includes(name)) await take(chromium);
