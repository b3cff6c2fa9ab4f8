// structured/json-mistake.ts: where a text stops being JSON, and why.
//
// JSON.parse knows it too, but says it in words that change from Node to Node, and for short texts without the place. Source:
// RFC 8259, which takes no comments, no comma in front of a closing bracket, and double quotes only.

export interface JsonMistake {
  readonly offset: number;
  readonly why: string;
}

/** What may stand next, and what to say when something else does. */
const WANTED = {
  value: 'a value is missing here',
  itemOrEnd: 'a value or ] is missing here',
  key: 'a name in double quotes is missing here',
  keyOrEnd: 'a name in double quotes or } is missing here',
  colon: 'a colon is missing here',
  comma: 'a comma is missing here',
  nothing: 'there is something behind the end',
} as const;
type Wanted = keyof typeof WANTED;

const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const WORD = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Nothing where the text is JSON. */
export function findJsonMistake(text: string): JsonMistake | undefined {
  const open: ('{' | '[')[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length;
    at += length ?? 0;
    return length !== undefined;
  };
  const afterValue = (): Wanted => (open.length === 0 ? 'nothing' : 'comma');
  for (;;) {
    skip(SPACE);
    if (at === text.length) return wanted === 'nothing' ? undefined : { offset: at, why: 'the text ends too early' };
    const char = text[at]!;
    const isClosing = (wanted === 'comma' || wanted.endsWith('OrEnd')) && char === (open.at(-1) === '{' ? '}' : ']');
    if (isClosing) {
      open.pop();
      wanted = afterValue();
      at += 1;
    } else if ((wanted === 'value' || wanted === 'itemOrEnd') && (char === '{' || char === '[')) {
      open.push(char);
      wanted = char === '{' ? 'keyOrEnd' : 'itemOrEnd';
      at += 1;
    } else if ((wanted === 'value' || wanted === 'itemOrEnd') && (skip(STRING) || skip(WORD))) {
      wanted = afterValue();
    } else if ((wanted === 'key' || wanted === 'keyOrEnd') && skip(STRING)) {
      wanted = 'colon';
    } else if (wanted === 'colon' && char === ':') {
      wanted = 'value';
      at += 1;
    } else if (wanted === 'comma' && char === ',') {
      wanted = open.at(-1) === '{' ? 'key' : 'value';
      at += 1;
    } else {
      return { offset: at, why: reason(text, at, wanted) };
    }
  }
}

function reason(text: string, at: number, wanted: Wanted): string {
  if (/^(?:#|\/[/*])/.test(text.slice(at, at + 2))) return 'JSON has no comments';
  if (wanted === 'nothing' || wanted === 'comma' || wanted === 'colon') return WANTED[wanted];
  if (text[at] === '"') return 'the string is not closed in its line, or holds what must be escaped';
  if (text[at] === "'") return 'JSON takes double quotes only';
  const isBehindComma = /,[ \t\r\n]*$/.test(text.slice(Math.max(0, at - 200), at));
  return isBehindComma && /[\]}]/.test(text[at]!) ? 'the comma in front of it has nothing behind it' : WANTED[wanted];
}
