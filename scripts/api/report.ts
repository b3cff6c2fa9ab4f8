// api/report.ts: the page of docs/api/ that shows a package as TypeScript sees it: each public entry point, each of its names.

import type { Package } from '../../test/support/sources.ts';
import { Declarations, keyOf, type Home } from './declarations.ts';
import { PUBLIC_ENTRY_POINTS } from './entry-points.ts';

const WITHIN = 'What these name, and no public entry point exports';

/** Without what stands above every printed page. */
export function apiReport(folder: Package): string {
  const declarations = new Declarations();
  const faces = PUBLIC_ENTRY_POINTS.filter((face) => face.package === folder);
  const exported = faces.map(({ name, types }) => ({ name, names: declarations.exportsOf(types) }));
  /** Each is shown once, by the first that exports it. */
  const shownBy = new Map<string, string>();
  const sections = exported.map(({ name, names }) => {
    const texts = byName(names).map(([as, home]) => {
      const before = shownBy.get(keyOf(home));
      if (before === undefined) shownBy.set(keyOf(home), name);
      return before === undefined ? shown(declarations, as, home) : `export { ${as} } from '${before}';`;
    });
    return section(`\`${name}\``, texts);
  });
  const all = exported.flatMap(({ names }) => [...names.values()]);
  const hidden = declarations.reachedFrom(all).filter((home) => !shownBy.has(keyOf(home)));
  const rest = byName(hidden.map((home) => [home.name, home] as const)).map(([, home]) => textOf(declarations, home));
  return [...sections, ...(rest.length === 0 ? [] : [section(WITHIN, rest)])].join('\n');
}

function shown(declarations: Declarations, as: string, home: Home): string {
  if (declarations.at(home) === undefined) return `export { ${renamed(home.name, as)} } from '${home.module}';`;
  const text = textOf(declarations, home);
  return home.name === as ? text : `${text}\nexport { ${renamed(home.name, as)} };`;
}

function textOf(declarations: Declarations, home: Home): string {
  return declarations.at(home)!.texts.join('\n');
}

function renamed(name: string, as: string): string {
  return name === as ? name : `${name} as ${as}`;
}

/** In an order that no locale has a say in; files of one name in that of their paths. */
function byName(homes: Iterable<readonly [string, Home]>): (readonly [string, Home])[] {
  return [...homes].toSorted(
    ([one, { module: first }], [other, { module: second }]) => compare(one, other) || compare(first, second),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function section(title: string, texts: readonly string[]): string {
  return `## ${title}\n\n\`\`\`ts\n${texts.join('\n\n')}\n\`\`\`\n`;
}
