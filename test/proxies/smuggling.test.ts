// Raw requests that were attacks somewhere, through each proxy: it refuses them, or it and appserve agree on what they are.
//
// Law: the answers that a client gets are those to the requests that the app has seen, in their order; and who comes behind it on the
// same connection of the proxy gets his own answer. A request that is hidden in another one breaks the first, a poisoned connection the
// second. What the verdict of appserve alone is: test/server/smuggling.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answersOf } from '../support/answers-of.ts';
import { RawClient } from '../support/raw-client.ts';
import { REVERSE_PROXIES, startReverseProxy, type ReverseProxy } from '../support/reverse-proxy.ts';
import { bytesOf, smugglingCases, type SmugglingCase } from '../support/smuggling-cases.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 240_000 };
/**
 * A proxy that says nothing for so long waits for more; or it is only slow, as where the app has been asked when it was looked: then they
 * do not agree, and it is asked again with more patience.
 */
const SILENCES_MS = [150, 1_500, 10_000];
/** Of that, so often an answer is waited for that the app has given. */
const ANSWER_SILENCES = 4;
const METHODS_MAX = 8;

const cases = smugglingCases.filter(({ kind }) => kind === 'request');

type Told = readonly [client: string[], app: string[]];

/** Targets of the requests that the app has answered, as its client sees them, and as the app does. */
async function converse(proxy: ReverseProxy, site: Site, entry: SmugglingCase, silenceMs: number): Promise<Told> {
  await using client = await RawClient.connect(proxy.port);
  const bytes = bytesOf(entry);
  const { split = bytes.length } = entry;
  for (let at = 0; at < bytes.length && !client.isEnded; at += split) await client.send(bytes.slice(at, at + split));
  const methods = Array.from({ length: METHODS_MAX }, () => (entry.raw.startsWith('HEAD') ? 'HEAD' : 'GET'));
  const targetsIn = (text: string): string[] => answersOf(text, methods).flatMap(({ fields }) => fields.get('x-target') ?? []);
  await untilSilence(client, silenceMs);
  const seen = await seenBy(site);
  // What the app has been asked it answers, and the proxy may be slow.
  const text = await within(
    ANSWER_SILENCES * silenceMs,
    client.until((received) => targetsIn(received).length >= seen.length),
  );
  return [targetsIn(text ?? ''), seen];
}

function isSame([client, app]: Told): boolean {
  return JSON.stringify(client) === JSON.stringify(app);
}

/** With as much patience as it takes. */
async function agreed(proxy: ReverseProxy, site: Site, entry: SmugglingCase): Promise<Told> {
  let told: Told = [[], []];
  for (const silenceMs of SILENCES_MS) {
    told = await converse(proxy, site, entry, silenceMs);
    if (isSame(told)) break;
    // What comes late belongs to nobody.
    await new Promise((resolve) => setTimeout(resolve, silenceMs));
    await seenBy(site);
  }
  return told;
}

/** Up to the end of the connection, or until nothing comes for a while. */
async function untilSilence(client: RawClient, silenceMs: number): Promise<void> {
  for (let before = -1; ;) {
    const text = await within(
      silenceMs,
      client.until(({ length }) => length > Math.max(0, before)),
    );
    if (text === undefined || client.isEnded) return;
    before = text.length;
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

describe(`${cases.length} raw requests`, { concurrency: REVERSE_PROXIES.length }, () => {
  for (const name of REVERSE_PROXIES) {
    it(`are refused or agreed upon: ${name}`, TIMEOUT, async (t) => {
      await using site = await Site.start('tcp', { app: 'makeWitness' });
      await using proxy = await startReverseProxy(name, { instances: [{ at: site.at }] });
      const wrong: string[] = [];
      let passed = 0;
      for (const entry of cases) {
        const [answers, seen] = await agreed(proxy, site, entry);
        if (seen.length > 0) passed += 1;
        if (!isSame([answers, seen]))
          wrong.push(`${entry.id}: the app has seen ${seen.join(' ')}, the client ${answers.join(' ')}`);
        const behind = await askBehind(proxy, `/behind-${entry.id}`);
        if (behind !== `/behind-${entry.id}`) wrong.push(`${entry.id}: who comes behind it is answered ${behind}`);
        await seenBy(site);
      }
      t.diagnostic(`${passed} of ${cases.length} came to the app`);
      assert.deepEqual(wrong, []);
    });
  }
});

async function seenBy(site: Site): Promise<string[]> {
  await using client = await RawClient.connect(site.at);
  await client.send('GET /seen HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
  return JSON.parse((await client.response())!.body) as string[];
}

async function askBehind(proxy: ReverseProxy, target: string): Promise<string | undefined> {
  await using client = await RawClient.connect(proxy.port);
  await client.send(`GET ${target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`);
  return answersOf(await client.untilEnd(), ['GET'])[0]?.body;
}
