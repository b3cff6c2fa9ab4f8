// screenshots.ts: `node build/scripts/screenshots.js`: the status page of a server that has some work, as docs/images shows it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { serveIni } from '../test/support/fleet.ts';
import { write } from '../test/support/command.ts';
import { Chromium } from '../test/support/chromium.ts';
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

const lines = ['socket = 127.0.0.1:0', 'workers = 3', 'metrics = 127.0.0.1:0', 'max_reuse_count = unlimited', 'concurrency = 4'];
await using server = serveIni(lines, [], { lifetimeMs: 110_000 });
write(server.folder, { 'app.mjs': APP });
const url = await server.command.url();
const [, page] = await server.command.says(/metrics and status page: (\S+)/);
const sinceMs = performance.now();
const untilMs = sinceMs + WORK_MS;
// More and more of them, and then fewer: a line that goes up and down.
const pause = (): number => 20 + 60 * (1 + Math.cos(((performance.now() - sinceMs) / 12_000) * Math.PI)) * Math.random();
const visitors = Promise.all(Array.from({ length: 24 }, async () => visitor(url, pause, untilMs)));

mkdirSync(inRepository('docs/images'), { recursive: true });
await using chromium = await Chromium.start();
await new Promise((resolve) => setTimeout(resolve, WORK_MS - 6_000));
for (const [name, look] of Object.entries({
  'status-light': { width: 1_040, height: 860, scheme: 'light' },
  'status-dark': { width: 1_040, height: 860, scheme: 'dark' },
  'status-phone': { width: 390, height: 1_000, scheme: 'light' },
} as const)) {
  await chromium.look(look);
  await chromium.goTo(page!);
  await chromium.until('the page is there', 'document.querySelectorAll("#workers tr").length === 3');
  writeFileSync(inRepository(`docs/images/${name}.png`), await chromium.screenshot());
}
await visitors;
