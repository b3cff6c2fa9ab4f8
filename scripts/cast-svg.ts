// cast-svg.ts: a recorded session of a terminal (asciicast v2) as one SVG, which a page can show as an image: each piece of text
// appears when it did; who wants no motion, or comes later, sees all of it. A machine: text in, text out. What moves the cursor back
// is refused: a session that does is none of lines.

export const CAST_COLUMNS = 118;

export interface CastHead {
  readonly version: 2;
  readonly width: number;
  readonly height: number;
  readonly title: string;
}

/** A run of cells of one line, one look and one time. */
interface Run {
  readonly row: number;
  readonly column: number;
  readonly text: string;
  readonly look: string;
  readonly seconds: number;
}

// A character of a monospace font at 14 px; textLength makes it so where the font is another.
const CELL = { width: 8.4, height: 19 } as const;
const MARGIN = 18;
const PROMPT = '$ ';
/** Keys typed within this time appear together. */
const TOGETHER_SECONDS = 0.12;
/** Where nothing happens for longer, time is cut: a reader waits for nothing. */
const SILENCE_SECONDS_MAX = 1.1;

/** ECMA-48 §8.3.117, as far as our programs use it: SGR codes to classes of the style sheet. */
const LOOKS: Readonly<Record<string, string>> = {
  '0': '',
  '': '',
  '1': 'bold',
  '2': 'dim',
  '22': '',
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '34': 'blue',
  '36': 'cyan',
  '39': '',
};

const STYLE = `
  svg { --back: #fdfdfb; --edge: #d9d9d2; --text: #24292f; --dim: #6a737d; --prompt: #1a7f37; --red: #b42318; --yellow: #8a5a00; --blue: #0550ae; --cyan: #0a6c74 }
  @media (prefers-color-scheme: dark) {
    svg { --back: #14171c; --edge: #2c323b; --text: #dfe3e8; --dim: #8b949e; --prompt: #56d364; --red: #ff8a80; --yellow: #e3b341; --blue: #79c0ff; --cyan: #76e3ea }
  }
  rect { fill: var(--back); stroke: var(--edge) }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--text); white-space: pre; opacity: 0; animation: shown 1ms linear forwards }
  .prompt { fill: var(--prompt) } .typed, .bold { font-weight: bold } .dim { fill: var(--dim) } .red { fill: var(--red) }
  .green { fill: var(--prompt) } .yellow { fill: var(--yellow) } .blue { fill: var(--blue) } .cyan { fill: var(--cyan) }
  @keyframes shown { to { opacity: 1 } }
  @media (prefers-reduced-motion: reduce) { text { opacity: 1; animation: none } }
`;

/** @throws Error for a cast that is not of version 2, or that uses the terminal otherwise than line by line */
export function castSvg(cast: string): string {
  const [head, ...events] = readCast(cast);
  const runs = runsOf(events);
  const rows = Math.max(...runs.map(({ row }) => row)) + 1;
  const width = Math.ceil(head.width * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">
<title>${escaped(head.title)}</title>
<style>${STYLE}</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${runs.map(element).join('\n')}
</svg>
`;
}

type CastEvent = readonly [seconds: number, kind: string, text: string];

function readCast(cast: string): [CastHead, ...CastEvent[]] {
  const [head, ...events] = cast
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  if ((head as CastHead).version !== 2) throw new Error('this is no asciicast of version 2');
  return [head as CastHead, ...(events as CastEvent[])];
}

// A colour, another sequence of a terminal, an end of a line, or text.
const PIECE = /\x1b\[([0-9;]*)m|([\0-\t\v\f\x0e-\x1f]|\r(?!\r*\n))|(\r*\n)|([^\0-\x1f]+)/gu;

interface Pen {
  row: number;
  column: number;
  look: string;
  /** What was typed and is not echoed yet. */
  typed: string;
}

/** What stands on the lines in the end, each run with the time when it came. The prompt is a run of its own, and so is what was typed. */
function runsOf(events: readonly CastEvent[]): Run[] {
  const runs: Run[] = [];
  const pen: Pen = { row: 0, column: 0, look: '', typed: '' };
  let seconds = 0;
  let before = 0;
  for (const [time, kind, text] of events) {
    seconds += Math.min(time - before, SILENCE_SECONDS_MAX);
    before = time;
    if (kind === 'i') {
      pen.typed += text;
      continue;
    }
    for (const [piece, codes, strange, end, plain] of text.matchAll(PIECE)) {
      if (codes !== undefined) pen.look = lookOf(codes);
      else if (plain !== undefined) putAll(runs, pen, plain, seconds);
      else if (strange !== undefined) throw new Error(`a session of lines has no ${JSON.stringify(piece)}`);
      else if (end !== undefined) Object.assign(pen, { row: pen.row + 1, column: 0, typed: '' });
    }
  }
  return runs;
}

function putAll(runs: Run[], pen: Pen, plain: string, seconds: number): void {
  let rest = plain;
  if (pen.column === 0 && rest.startsWith(PROMPT)) {
    put(runs, pen, PROMPT, 'prompt', seconds);
    rest = rest.slice(PROMPT.length);
  }
  let echoed = 0;
  while (echoed < rest.length && rest[echoed] === pen.typed[echoed]) echoed += 1;
  if (echoed > 0) put(runs, pen, rest.slice(0, echoed), 'typed', seconds);
  pen.typed = pen.typed.slice(echoed);
  if (echoed < rest.length) put(runs, pen, rest.slice(echoed), pen.look, seconds);
}

function put(runs: Run[], pen: Pen, text: string, look: string, seconds: number): void {
  const last = runs.at(-1);
  const isSame = last !== undefined && last.row === pen.row && last.look === look && seconds - last.seconds < TOGETHER_SECONDS;
  if (isSame) runs[runs.length - 1] = { ...last, text: last.text + text };
  else runs.push({ row: pen.row, column: pen.column, text, look, seconds });
  pen.column += text.length;
}

function lookOf(codes: string): string {
  return codes
    .split(';')
    .map((code) => {
      const look = LOOKS[code];
      if (look === undefined) throw new Error(`there is no look for SGR ${code}`);
      return look;
    })
    .filter((look) => look !== '')
    .join(' ');
}

function element({ row, column, text, look, seconds }: Run): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = MARGIN + row * CELL.height + 14;
  const length = (text.length * CELL.width).toFixed(1);
  const named = look === '' ? '' : ` class="${look}"`;
  return `<text x="${x}" y="${y}" textLength="${length}"${named} style="animation-delay:${seconds.toFixed(2)}s">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
