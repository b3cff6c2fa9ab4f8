// fault-row.ts: what is said of one kind of error, and how a row of the tables is written.

/**
 * Who can mend it, which decides what becomes of it.
 * peer: answered with `status`. app: 500, logged. config: exit 2. start: exit 1.
 */
export type Blame = 'peer' | 'app' | 'config' | 'start';

export interface Row<D> {
  readonly blame: Blame;
  /** The status of the answer; 500 for what no client has caused. */
  readonly status: number;
  /** One or two sentences for the reference page: when it happens and what to do about it. */
  readonly means: string;
  readonly says: (details: D) => string;
  /** The next step, where the details allow a better one than `means`. */
  readonly hint?: (details: D) => string | undefined;
}

/** `hint`: for the operator, in the log. */
export function peer<D>(
  status: number,
  means: string,
  says: (details: D) => string,
  hint?: (details: D) => string | undefined,
): Row<D> {
  return { blame: 'peer', status, means, says, ...(hint && { hint }) };
}

function ours(blame: 'app' | 'config' | 'start') {
  return <D>(means: string, says: (details: D) => string, hint?: (details: D) => string | undefined): Row<D> =>
    hint === undefined ? { blame, status: 500, means, says } : { blame, status: 500, means, says, hint };
}

export const app = ours('app');
export const config = ours('config');
export const start = ours('start');

export function didYouMean(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `did you mean ${name}?`;
}

/** `a class`, `an object`, and `undefined`. */
export function aOrAn(noun: string): string {
  if (noun === 'undefined' || noun === 'null') return noun;
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
