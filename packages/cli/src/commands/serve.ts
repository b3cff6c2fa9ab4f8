// serve.ts: `appserve CONFIG`: loads the server that the ini names, gives it the app, and stays until it ends. Without CONFIG the
// ini is looked for, and what was found is said before anything is made of it. `appserve ./app.ts#app 8000` needs none.

import { Faults, listenToReads } from '@appserve/core';
import type { Again, Wishes } from '@appserve/core/app';
import { configWarnings, getSettings, type Said } from '@appserve/loader';
import { openBrowser } from '../browser.ts';
import type { Given } from '../command.ts';
import type { SERVE_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { sayProgress, tellProgress } from '../progress.ts';
import { reportWarning } from '../report.ts';
import { firstStart } from '../reload/first-start.ts';
import { NOTHING_WISHED, wishesOf } from '../reload/watched.ts';
import { subjectOf, type Subject } from '../subject.ts';
import { whileLiving } from '../while-living.ts';

/** The server shall know: it has other defaults then. */
const RELOADING: Said = { to: 'server', layer: 'command line', isOffer: true, by: '--reload', key: 'reload', value: 'true' };

export async function run(given: Given<typeof SERVE_FLAGS>): Promise<number> {
  const { flags } = given;
  const subject = await subjectOf(given, flags.reload ? [RELOADING] : []);
  if (flags['dry-run']) return dryRun(subject);
  const reads = new Set<string>();
  listenToReads((path) => reads.add(path));
  const loaded = await firstStart(subject, reads, flags.reload);
  if (loaded === undefined) return EXIT_CODES.asked.code;
  const [start, source] = loaded;
  const again = async (): Promise<Again> => {
    const [settings, fresh] = await both(subject.serverSettings(), subject.appSource());
    return { settings, source: fresh };
  };
  const wishes = async (): Promise<Wishes> => (subject.config === undefined ? NOTHING_WISHED : wishesOf(subject.config));
  const server = await start({ ...source, again, watch: { isWanted: flags.reload, read: () => reads, wishes } });
  if (!flags.quiet) tellProgress(Promise.race([server.ready, server.closed]), sayProgress);
  // Who awaits them below is told what went wrong.
  if (flags.browser) server.ready.then(() => browse(subject, server.url)).catch(() => undefined);
  // Rejects when it cannot be started, or gives up. A server that is not ours may say so in either promise.
  const over = Promise.race([server.closed, server.ready.then(() => server.closed)]);
  // The workers load the app meanwhile.
  await Promise.all([over, warn(subject)]);
  return EXIT_CODES.asked.code;
}

async function warn({ config }: Subject): Promise<void> {
  if (config === undefined) return;
  const { OPTION_FLAGS } = await import('../server-flags.ts');
  const warnings = await configWarnings(config.uri, config.options, OPTION_FLAGS);
  for (const warning of warnings) process.stderr.write(reportWarning(warning));
}

/** What is wrong with either, at once. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  const results = await Promise.allSettled([one, other]);
  const faults = new Faults();
  for (const result of results) if (result.status === 'rejected') faults.add(result.reason);
  faults.end();
  return Promise.all([one, other]);
}

/** All but serving: the server is settled, and its logging, the app is made and started here, and closed again. */
async function dryRun(subject: Subject): Promise<number> {
  await warn(subject);
  const [, living] = await both(both(subject.server(), subject.logging()), subject.livingApp());
  const code = await whileLiving(living, () => EXIT_CODES.asked.code);
  if (code === EXIT_CODES.asked.code)
    process.stdout.write(`${subject.name}: the server is settled and the app is loaded; nothing was served\n`);
  return code;
}

async function browse({ config }: Subject, url: string): Promise<void> {
  const why = await openBrowser((config && (await openUrl(config))) ?? url, process.env);
  if (why !== undefined) sayProgress(`appserve: no browser was opened: ${why}\n`);
}

/** `open_url` of [appserve], or of [pserve]. */
async function openUrl({ uri, options }: NonNullable<Subject['config']>): Promise<string | undefined> {
  for (const section of ['appserve', 'pserve']) {
    const { open_url: url } = await getSettings(uri, section, options);
    if (url !== undefined) return url;
  }
  return undefined;
}
