// nearest.ts: the "did you mean" of every error message.

/** Among more of about its length a guess is a matter of luck, and a file with thousands of names would be searched thousands of times. */
const COMPARED_MAX = 250;

/** The candidate that `name` is most likely a misspelling of, or nothing when none is close. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  let compared = 0;
  for (const candidate of candidates) {
    // A third of the letters may differ: "wokers" finds workers, "backlog" does not find workers.
    const most = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    const limit = Math.min(most, bestDistance - 1);
    if (Math.abs(wanted.length - candidate.length) > limit) continue;
    if (compared === COMPARED_MAX) break;
    compared += 1;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    if (distance === 0) return candidate;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** More than any limit. */
const FAR = 2 ** 30;

/**
 * How many letters must be put in, left out, changed or swapped with their neighbour (optimal string alignment). Swaps count once,
 * since they are what fingers do: `prot` is one away from `port`. What is more than `limit` is not counted exactly: a cell that is
 * farther than that from the diagonal is never on a shorter way, so only a band around it is filled.
 */
function editDistance(one: string, other: string, limit: number): number {
  if (limit === 0) return one === other ? 0 : 1;
  let beforeLast = new Int32Array(other.length + 1);
  let last = Int32Array.from(beforeLast, (_, column) => column);
  let current = new Int32Array(other.length + 1);
  let [leastOfLast, letterBefore] = [0, -1];
  for (let row = 1; row <= one.length; row += 1) {
    const letter = one.charCodeAt(row - 1);
    const from = Math.max(1, row - limit);
    const to = Math.min(other.length, row + limit);
    let left = from === 1 ? row : FAR;
    let leastOfRow = left;
    current[from - 1] = left;
    if (to < other.length) current[to + 1] = FAR;
    let otherBefore = from === 1 ? -1 : other.charCodeAt(from - 2);
    for (let column = from; column <= to; column += 1) {
      const otherLetter = other.charCodeAt(column - 1);
      let least = last[column - 1]! + (letter === otherLetter ? 0 : 1);
      if (left + 1 < least) least = left + 1;
      if (last[column]! + 1 < least) least = last[column]! + 1;
      const isSwapped = letter === otherBefore && letterBefore === otherLetter;
      if (isSwapped && beforeLast[column - 2]! + 1 < least) least = beforeLast[column - 2]! + 1;
      current[column] = least;
      if (least < leastOfRow) leastOfRow = least;
      [left, otherBefore] = [least, otherLetter];
    }
    // A swap reaches back over two rows.
    if (leastOfRow > limit && leastOfLast > limit) return leastOfRow;
    [leastOfLast, letterBefore] = [leastOfRow, letter];
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return last[other.length]!;
}

/** `a, b or c`, for lists of what is allowed. */
export function orList(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

const SOME = 10;

/** `a, b, c`, the first of them where there are many. */
export function someOf(names: readonly string[]): string {
  const rest = names.length - SOME;
  return rest > 0 ? `${names.slice(0, SOME).join(', ')} and ${rest} more` : names.join(', ');
}
