// boolean-word.ts: the words that an ini has for true and false: those of paste.deploy.converters.asbool; everything else is an error
// there and here.

const TRUE: ReadonlySet<string> = new Set(['true', 'yes', 'on', 'y', 't', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', 'no', 'off', 'n', 'f', '0']);

/** Nothing for a word that is none of them. Capitals do not count. */
export function booleanOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : undefined;
}
