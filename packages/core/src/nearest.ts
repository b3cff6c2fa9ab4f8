// nearest.ts: the "did you mean" of every error message.

import { closest, distance } from 'fastest-levenshtein';

/** The candidate that `name` is most likely a misspelling of, or nothing when none is close. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const wanted = name.toLowerCase();
  const best = closest(
    wanted,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  // A third of the letters may differ: "wokers" finds workers, "backlog" does not find workers.
  if (distance(wanted, best) > Math.max(1, Math.floor(Math.max(wanted.length, best.length) / 3))) return undefined;
  return candidates.find((candidate) => candidate.toLowerCase() === best);
}

/** `a, b or c`, for lists of what is allowed. */
export function orList(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
