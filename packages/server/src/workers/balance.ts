// workers/balance.ts: which worker gets the next connection (dispatch = balanced).

/** A worker that serves. */
export interface Candidate {
  readonly id: number;
  /** Its open connections, those on their way to it, and once more those with a request under way. */
  readonly load: number;
  /** It has not come to what it was offered: its event loop is busy. */
  readonly isLate: boolean;
}

/**
 * The least loaded one; among equals the first behind `last`, so that they take turns. One that is late gets nothing while there is
 * another. Nothing where there is nobody.
 */
export function choose(candidates: readonly Candidate[], last: number): number | undefined {
  const prompt = candidates.filter(({ isLate }) => !isLate);
  const eligible = prompt.length > 0 ? prompt : candidates;
  const least = Math.min(...eligible.map(({ load }) => load));
  const equals = eligible.filter(({ load }) => load === least).map(({ id }) => id);
  return equals.find((id) => id > last) ?? equals[0];
}
