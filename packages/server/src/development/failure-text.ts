// development/failure-text.ts: a failure for a terminal, or for a client that is no browser. Pure.

import type { Failure, Problem, Shown } from './failure.ts';

interface Style {
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
}

const PLAIN: Style = { bad: (text) => text, dim: (text) => text, strong: (text) => text };
const COLOURED: Style = {
  bad: (text) => `\u001B[31m${text}\u001B[39m`,
  dim: (text) => `\u001B[2m${text}\u001B[22m`,
  strong: (text) => `\u001B[1m${text}\u001B[22m`,
};

export function failureText({ heading, problems }: Failure, isColoured: boolean): string {
  const style = isColoured ? COLOURED : PLAIN;
  const blocks = problems.map((problem) => block(problem, style));
  return [style.bad(style.strong(printable(heading))), ...blocks, ''].join('\n\n');
}

function block({ message, at, hint, askedBy, frames, causes }: Problem, style: Style): string {
  const lines = [
    ...(at === undefined ? [] : [style.strong(`${at.file}:${at.line}:${at.column}`)]),
    ...message.split('\n'),
    ...(at === undefined ? [] : excerpt(at, style)),
    ...(hint === undefined ? [] : [hint]),
    ...causes.map((cause) => `caused by ${cause}`),
    ...frames.map((frame) => style.dim(frame)),
    ...askedBy.map((asker) => style.dim(`asked for by ${asker}`)),
  ];
  return lines.map((line) => `  ${printable(line)}`).join('\n');
}

function excerpt({ lines, column, length }: Shown, style: Style): string[] {
  if (lines.length === 0) return [];
  const width = String(lines.at(-1)!.number).length;
  const drawn = lines.flatMap(({ number, text, isMeant }) => {
    const label = String(number).padStart(width);
    if (!isMeant) return [style.dim(`  ${label} | ${text}`)];
    // Tabs stay tabs, so that the caret stands under its column whatever their width is.
    const lead = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
    return [`> ${label} | ${text}`, `  ${' '.repeat(width)} | ${lead}${style.bad('^'.repeat(length))}`];
  });
  return ['', ...drawn, ''];
}

/** What a terminal would obey is shown as what it is: a message may hold what a client has sent. Our own colours stay. */
function printable(text: string): string {
  return text.replaceAll(/\u001B\[(?:1|2|22|31|39)m|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, (found) =>
    found.length > 1 ? found : `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
