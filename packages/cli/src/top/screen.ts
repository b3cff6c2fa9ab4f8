// top/screen.ts: a report as lines of text, as wide and as high as there is room for. A machine.

import type { Report } from '@appserve/server/control';
import { ageText, bytesText, countText, printable, rateText, sparkline, timeText, workersText } from './words.ts';

export interface Room {
  readonly columns: number;
  readonly rows: number;
  readonly hasColour: boolean;
  /** It is shown again and again: with how it went lately, and how to end it. */
  readonly isLive: boolean;
  /** For how long the server has not answered; what is shown is that old. */
  readonly silentMs?: number;
}

/** What a file or a pipe gets. */
export const PLAIN: Room = { columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY, hasColour: false, isLive: false };

type Paint = (text: string) => string;
interface Paints {
  readonly strong: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly bad: Paint;
}

function paintsOf(hasColour: boolean): Paints {
  const paint =
    (code: number): Paint =>
    (text) =>
      hasColour ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { strong: paint(1), faint: paint(2), good: paint(32), bad: paint(31) };
}

/** As wide as its text: paint is laid on when it has been cut. */
interface Piece {
  readonly text: string;
  readonly paint?: Paint;
}
type Line = readonly Piece[];

export function screenOf(report: Report, room: Room): string[] {
  const paints = paintsOf(room.hasColour);
  const foot: Line[] = room.isLive ? [[], footOf(room, paints)] : [];
  const lines = [
    ...head(report, paints),
    [],
    ...figures(report, room, paints),
    [],
    ...workers(report, paints),
    ...slow(report, paints),
  ];
  const shown = lines.slice(0, Math.max(1, room.rows - foot.length));
  return [...shown, ...foot].slice(0, room.rows).map((line) => cut(line, room.columns));
}

function footOf({ silentMs = 0 }: Room, { bad, faint }: Paints): Line {
  const quits = { text: 'q quits', paint: faint };
  return silentMs === 0 ? [quits] : [{ text: `no answer for ${ageText(silentMs)}  `, paint: bad }, quits];
}

function cut(line: Line, columns: number): string {
  let left = columns;
  let text = '';
  for (const { text: piece, paint = (same: string) => same } of line) {
    const part = Array.from(piece).slice(0, left).join('');
    left -= Array.from(part).length;
    if (part !== '') text += paint(part);
  }
  return text.trimEnd();
}

/** In a word or three. */
export function stateOf({ server: { phase, isReady } }: Pick<Report, 'server'>): string {
  return phase === 'serving' && !isReady ? 'no worker serves' : phase;
}

function head({ server }: Report, { strong, good, bad, faint }: Paints): Line[] {
  const { title, isReady, upMs, pid, version, node, urls, workersWanted } = server;
  const state = stateOf({ server });
  return [
    [
      { text: printable(title), paint: strong },
      { text: '  ' },
      { text: state, paint: isReady ? good : bad },
      { text: `  ${workersText(workersWanted)}  up ${ageText(upMs)}` },
    ],
    [
      { text: `${urls.join('  ')}  `, paint: faint },
      { text: `process ${pid}, appserve ${version}, Node ${node}`, paint: faint },
    ],
  ];
}

const NAME = 11;
const VALUE = 18;

function figures(report: Report, { columns, isLive }: Room, { faint }: Paints): Line[] {
  const { rates, present, history } = report;
  const width = isLive ? columns - NAME - VALUE : 0;
  const row = (name: string, value: string, values: readonly (number | null)[]): Line => [
    { text: name.padEnd(NAME), paint: faint },
    { text: value.padEnd(VALUE) },
    { text: width > 0 ? sparkline(values, Math.min(width, 240)) : '' },
  ];
  const { active, idle, upgraded } = present;
  const rest = [
    `${countText(active + idle + upgraded)} connections (${countText(active)} active, ${countText(upgraded)} upgraded)`,
    `${rateText(rates?.failuresPerS)} failures/s`,
    `${bytesText(rates?.sentBytesPerS)}/s sent`,
    `${bytesText(report.server.rssBytes)} resident`,
  ];
  return [
    row('requests', `${rateText(rates?.requestsPerS)}/s`, history.requestsPerS),
    row('median', timeText(rates?.p50Ms), history.p50Ms),
    row('99 of 100', timeText(rates?.p99Ms), history.p99Ms),
    row('in flight', countText(present.inFlight), history.inFlight),
    row('in queue', countText(present.queued), history.queued),
    [{ text: rest.join('  '), paint: faint }],
  ];
}

/** Figures stand to the right, words to the left. */
function table(
  titles: readonly string[],
  rows: readonly (readonly Piece[])[],
  wordsAt: ReadonlySet<number>,
  faint: Paint,
): Line[] {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => Array.from(row[column]!.text).length)),
  );
  const set = (text: string, column: number): string => {
    const padding = ' '.repeat(Math.max(0, widths[column]! - Array.from(text).length));
    return `${wordsAt.has(column) ? `${text}${padding}` : `${padding}${text}`}  `;
  };
  return [
    titles.map((title, column) => ({ text: set(title, column), paint: faint })),
    ...rows.map((row) => row.map(({ text, paint }, column) => ({ text: set(text, column), ...(paint && { paint }) }))),
  ];
}

/** As long as this its loop should never be away. */
const LAG_MS = 500;

function workers(report: Report, { faint, bad }: Paints): Line[] {
  const rows = report.workers.map(({ name, state, answered, inFlight, queued, connections, heapBytes, lagMs = 0, call }) => {
    const isLate = lagMs > LAG_MS;
    const lag = { text: timeText(lagMs), ...(isLate && { paint: bad }) };
    const says = isLate && call !== undefined ? `busy for ${timeText(call.forMs)}: ${printable(call.request)}` : '';
    const texts = [name, state, ...[answered, inFlight, queued, connections].map(countText), bytesText(heapBytes)];
    return [...texts.map((text): Piece => ({ text })), lag, { text: says, paint: bad }];
  });
  const titles = ['worker', 'state', 'requests', 'in flight', 'queue', 'connections', 'heap', 'lag', ''];
  return table(titles, rows, new Set([0, 1, 8]), faint);
}

function slow(report: Report, { faint }: Paints): Line[] {
  if (report.slow.length === 0) return [];
  const rows = report.slow.map(({ tookMs, waitedMs, status, method, path, agoMs }) =>
    [
      timeText(tookMs),
      waitedMs === 0 ? '-' : timeText(waitedMs),
      status === 0 ? 'left' : String(status),
      ageText(agoMs),
      printable(`${method} ${path}`),
    ].map((text): Piece => ({ text })),
  );
  return [[], ...table(['slowest', 'waited', 'status', 'ago', 'request, without its query'], rows, new Set([4]), faint)];
}
