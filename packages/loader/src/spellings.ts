// spellings.ts: one thing that can be said in several ways, in several places. `--port 8081` means another port than the `socket` of
// the file; that both are said is no contradiction.

import { SAID_LAYERS } from './said-by.ts';
import type { Setting } from './setting.ts';

/** Ways to say one thing, each by one key or by some that belong together. */
export type Spellings = readonly (readonly string[])[];

/** Without what a stronger layer says in another way. Two ways in one layer stay: that is for a check to refuse. */
export function withoutWeakerSpellings(settings: readonly Setting[], all: readonly Spellings[]): readonly Setting[] {
  return all.reduce((left, spellings) => without(left, spellings), settings);
}

/** What is said instead of `key`, where something is. */
export function strongerSpelling(key: string, settings: readonly Setting[], all: readonly Spellings[]): Setting | undefined {
  if (!settings.some((setting) => setting.key === key)) return undefined;
  const kept = withoutWeakerSpellings(settings, all);
  if (kept.some((setting) => setting.key === key)) return undefined;
  const others = all.filter((spellings) => spellings.some((keys) => keys.includes(key))).flat(2);
  return kept.find((setting) => others.includes(setting.key));
}

function without(settings: readonly Setting[], spellings: Spellings): readonly Setting[] {
  const said = settings.filter(({ key }) => spellings.some((keys) => keys.includes(key)));
  const strongest = Math.max(...said.map(rankOf));
  const winners = said.filter((setting) => rankOf(setting) === strongest).map(({ key }) => key);
  const kept = new Set(spellings.filter((keys) => keys.some((key) => winners.includes(key))).flat());
  return settings.filter((setting) => !said.includes(setting) || rankOf(setting) === strongest || kept.has(setting.key));
}

/** What a file says stands between what is preset and the environment. */
function rankOf({ said }: Setting): number {
  return said === undefined ? 0.5 : SAID_LAYERS.indexOf(said.layer);
}
