// peers-table.ts: what `npm run bench -- peers` has found last, as README.md and docs/benchmarks.md have it.

import { readFileSync } from 'node:fs';
import type { Effort } from '../bench/measure.ts';
import type { PeerResult } from '../bench/suites/peers.ts';
import { inRepository } from '../test/support/repository.ts';

interface PeersFile {
  readonly date: string;
  readonly machine: Readonly<Record<'cpu' | 'node' | 'kernel', string>> & { readonly cores: number };
  readonly effort: Effort;
  readonly results: readonly PeerResult[];
}

/** What was measured last: `npm run bench -- peers` writes it. */
function peersFile(): PeersFile {
  return JSON.parse(readFileSync(inRepository('bench/results/peers.json'), 'utf8')) as PeersFile;
}

function figure(value: number | undefined, digits: number): string {
  return value === undefined ? '–' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(titles), line(titles.map((_title, nth) => (nth < 1 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** With more workers than one, or on another Node, the name says so. */
function nameOf({ name, version, on, workers }: PeerResult): string {
  const isOurs = name.startsWith('appserve');
  return [`${name} ${version}`, ...(isOurs && on !== 'Node' ? [on] : []), ...(workers > 1 ? [`${workers} workers`] : [])].join(
    ', ',
  );
}

/** What used less than a tick of CPU time answered next to nothing: that is no measurement. */
function measured({ results }: PeersFile): readonly PeerResult[] {
  return results.filter(({ kib }) => kib !== undefined && kib.cpuUs > 0);
}

/** Parts of pages, by name. */
export const PEERS_TABLE: Readonly<Record<'costs' | 'machine' | 'peers', () => string>> = {
  costs: () =>
    table(
      ['CPU µs per request', '1 KiB', '100 KiB', 'a connection each'],
      measured(peersFile()).map((one) => [
        nameOf(one),
        figure(one.kib?.cpuUs, 1),
        figure(one.hundredKib?.cpuUs, 1),
        figure(one.closing?.cpuUs, 1),
      ]),
    ),
  machine: () => {
    const { date, machine, effort } = peersFile();
    return `${date}, ${machine.cores} x ${machine.cpu}, Node ${machine.node}; medians of ${effort.rounds} rounds of ${effort.seconds} s.`;
  },
  peers: () =>
    table(
      ['server', 'on', '1 KiB', '100 KiB', 'closing', 'requests/s', 'p50 ms', 'p99 ms', 'MiB', 'start ms'],
      measured(peersFile()).map((one) => [
        nameOf(one),
        one.on,
        figure(one.kib?.cpuUs, 1),
        figure(one.hundredKib?.cpuUs, 1),
        figure(one.closing?.cpuUs, 1),
        figure(one.kib?.perSecond, 0),
        figure(one.p50Us === undefined ? undefined : one.p50Us / 1_000, 2),
        figure(one.p99Us === undefined ? undefined : one.p99Us / 1_000, 2),
        figure(one.memoryMib, 0),
        figure(one.startMs, 0),
      ]),
    ),
};
