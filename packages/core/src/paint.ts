// paint.ts: words in colour, for terminals. Whether somebody wants colours is asked once, by what is said of the stream.

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;

export type Paint = { readonly [Name in keyof typeof CODES]: (text: string) => string };

/** `NO_COLOR` (https://no-color.org) and `FORCE_COLOR`, as Node itself reads them, over what the stream is. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: unwanted, TERM: terminal } = environment;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (unwanted !== undefined && unwanted !== '') return false;
  return isTerminal && terminal !== 'dumb';
}

/** Text as it is where nobody wants colours. */
export function paintOf(isColoured: boolean): Paint {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    (text: string) => (isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text),
  ]);
  return Object.fromEntries(entries) as Paint;
}
