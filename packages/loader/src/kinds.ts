// kinds.ts: what a section can be. A new kind is a new row; no other room has a list of kinds.

export const KINDS = {
  app: { prefixes: ['app', 'application'], groups: ['app_factory'] },
  server: { prefixes: ['server'], groups: ['server_factory', 'server_runner'] },
} as const satisfies Readonly<Record<string, { readonly prefixes: readonly string[]; readonly groups: readonly string[] }>>;

export type Kind = keyof typeof KINDS;
/** The signature of a factory: the group of entry points that it stands in. */
export type Group = (typeof KINDS)[Kind]['groups'][number];
