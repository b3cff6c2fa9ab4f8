// table.ts: columns for people: as wide as what stands in them, the last one folded to the width of the page.

export const PAGE_WIDTH = 110;

export type Row = readonly [left: string, right: string];

/** Two columns. What is too long for the second goes on below. */
export function columns(rows: readonly Row[], width = PAGE_WIDTH): string[] {
  const left = Math.max(0, ...rows.map(([word]) => word.length));
  return rows.flatMap(([word, text]) =>
    folded(text, width - left - 4).map((line, index) => `  ${(index === 0 ? word : '').padEnd(left)}  ${line}`.trimEnd()),
  );
}

/** Lines of at most so many characters, broken at blanks. */
export function folded(text: string, width = PAGE_WIDTH): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
