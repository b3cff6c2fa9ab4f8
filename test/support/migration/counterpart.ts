// migration/counterpart.ts: what stands here for an option of another server. The tables of docs/migration are printed from such rows.

export type Counterpart = readonly [
  /** Their options, parted by commas. */
  theirs: string,
  /**
   * Ours, parted by commas: options of the server, or `fastcgi:name` of the FastCGI server alone; flags `--reload`; commands
   * `appserve check`; parts `@appserve/parts#prefix`; sections `[loggers]`. Nothing: there is no counterpart.
   */
  ours: string,
  /** What is different; why there is none. */
  note: string,
];

export interface Peer {
  /** The page, in docs/migration. */
  readonly page: string;
  /** By the name of the table in the page. */
  readonly tables: Readonly<Record<string, readonly Counterpart[]>>;
}

export function parted(names: string): readonly string[] {
  return names === '' ? [] : names.split(', ');
}

export function migrationTable(rows: readonly Counterpart[]): string {
  const lines = rows.map(([theirs, ours, note]) => `| ${coded(theirs)} | ${ours === '' ? '—' : coded(ours)} | ${note} |`);
  return ['| theirs | here | |', '|---|---|---|', ...lines].join('\n');
}

/** The page says which server it is about. */
function coded(names: string): string {
  return parted(names)
    .map((name) => `\`${name.replace(/^fastcgi:/, '')}\``)
    .join(', ');
}
