// kinds.ts: what a section can be, and who can make what it stands for. A new kind is a new row; no other room has a list of kinds.
//
// Source: PasteDeploy's object types (paste.deploy.loadwsgi), their config prefixes and protocols.

/** The signature of a factory: the group of entry points that it stands in. */
export type Group =
  | 'app_factory'
  | 'composite_factory'
  | 'composit_factory'
  | 'filter_factory'
  | 'filter_app_factory'
  | 'server_factory'
  | 'server_runner';

/**
 * What is asked for. Each list of groups is one way to have it: within a list the first that a package offers is taken; a name
 * in two lists is ambiguous.
 */
export const ROLES = {
  app: { groups: [['app_factory'], ['composite_factory', 'composit_factory']], inferred: 'app_factory', noun: 'an app' },
  filter: { groups: [['filter_factory', 'filter_app_factory']], inferred: 'filter_factory', noun: 'a filter' },
  server: { groups: [['server_factory', 'server_runner']], inferred: 'server_factory', noun: 'a server' },
} as const satisfies Readonly<
  Record<string, { readonly groups: readonly (readonly Group[])[]; readonly inferred: Group; readonly noun: string }>
>;

export type Role = keyof typeof ROLES;

/** How a section says what it is made of. */
export type Form = 'factory' | 'pipeline' | 'filter-app';

interface Kind {
  readonly role: Role;
  readonly form: Form;
  /** The signature of a factory that says nothing of itself, such as the export of a file. */
  readonly inferred: Group;
}

/** By prefix, in the order in which messages list them. */
export const KINDS = {
  app: { role: 'app', form: 'factory', inferred: 'app_factory' },
  application: { role: 'app', form: 'factory', inferred: 'app_factory' },
  composite: { role: 'app', form: 'factory', inferred: 'composite_factory' },
  composit: { role: 'app', form: 'factory', inferred: 'composite_factory' },
  pipeline: { role: 'app', form: 'pipeline', inferred: 'app_factory' },
  'filter-app': { role: 'app', form: 'filter-app', inferred: 'filter_factory' },
  filter: { role: 'filter', form: 'factory', inferred: 'filter_factory' },
  server: { role: 'server', form: 'factory', inferred: 'server_factory' },
} as const satisfies Readonly<Record<string, Kind>>;

export type Prefix = keyof typeof KINDS;

/** The prefixes under which a role is found. */
export function prefixesOf(role: Role): readonly Prefix[] {
  return (Object.keys(KINDS) as Prefix[]).filter((prefix) => KINDS[prefix].role === role);
}

/** Keys such as `paste.app_factory`, which name a factory and its signature. */
export function protocolKeys(role: Role): readonly string[] {
  return ROLES[role].groups.flat().map((group) => `paste.${group}`);
}
