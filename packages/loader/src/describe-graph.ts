// describe-graph.ts: what stands in front of what: apps, their filters, and what composites mount. Nothing is imported; a composite is
// known by its section or by its package, and what it mounts by its settings, which name apps of the file.

import { receiverOf, type Context, type FactoryContext } from './context.ts';
import { resolveFactory } from './entry-points.ts';
import { opened, type LoadOptions } from './open.ts';
import { Planner } from './plan.ts';
import { folderOf } from './resolve.ts';
import type { Scope } from './scope.ts';
import { wordsOf } from './setting.ts';
import type { FactoryTarget } from './uri.ts';

export interface GraphNode {
  readonly kind: 'server' | 'app' | 'filter' | 'composite' | 'pipeline';
  /** `app:main`; nothing where a factory is named without a section. */
  readonly section: string | undefined;
  /** As `use` would name it; nothing for a pipeline and its like, which are what is below them. */
  readonly factory: string | undefined;
  /** What a request comes to next, in this order: filters lead to what they filter. */
  readonly next: readonly GraphEdge[];
}

export interface GraphEdge {
  /** The key of a composite's section: `/shop`. */
  readonly label: string | undefined;
  readonly node: GraphNode;
}

/** The server and the app that are asked for. Faults: those of the plan. */
export async function describeGraph(uri: string, options: LoadOptions = {}): Promise<readonly GraphNode[]> {
  const from = opened(uri, options);
  const scope = await from.scope();
  const { library } = from;
  const app = await from.plan('app');
  const drawing = new Drawing(scope, new Planner(library), library.folder);
  const { server = 'main' } = options;
  // A file without [server:main] has a graph; one without the server that was named has not.
  const isDrawn = scope !== undefined && (server !== 'main' || scope.has('server', server));
  return library.whole(() => [
    ...(isDrawn ? [drawing.node(new Planner(library).plan('server', server, scope), [])] : []),
    drawing.node(app, []),
  ]);
}

class Drawing {
  readonly #scope: Scope | undefined;
  readonly #planner: Planner;
  readonly #folder: string;

  constructor(scope: Scope | undefined, planner: Planner, folder: string) {
    this.#scope = scope;
    this.#planner = planner;
    this.#folder = folder;
  }

  /** `above`: the composites that led here: what mounts itself is drawn once. */
  node(context: Context, above: readonly string[]): GraphNode {
    if (context.type === 'factory') return this.#factory(context, above);
    const [inner, ...filters] = [context.inner, ...context.filters.toReversed()];
    const node = filters.reduce((made, filter) => this.#filtering(filter, made), this.node(inner, above));
    // What `filter-with` adds to is drawn itself; the section that writes a list, or names what comes next, is nobody's factory.
    if (context.by === 'filter-with') return node;
    return { kind: 'pipeline', section: context.section, factory: undefined, next: [{ label: undefined, node }] };
  }

  #filtering(filter: Context, node: GraphNode): GraphNode {
    const receiver = receiverOf(filter);
    const factory = receiver && nameOf(receiver.target);
    return { kind: 'filter', section: filter.section, factory, next: [{ label: undefined, node }] };
  }

  #factory(context: FactoryContext, above: readonly string[]): GraphNode {
    const { role, section } = context;
    const factory = nameOf(context.target);
    if (role !== 'app') return { kind: role, section, factory, next: [] };
    const isComposite = /^composite?_factory$/.test(resolveFactory(context, folderOf(context, this.#folder)).group);
    if (!isComposite || (section !== undefined && above.includes(section)))
      return { kind: isComposite ? 'composite' : 'app', section, factory, next: [] };
    const path = section === undefined ? above : [...above, section];
    return { kind: 'composite', section, factory, next: this.#mounted(context, path) };
  }

  /** Each word of a setting that is the name of an app of the file. */
  #mounted({ settings }: FactoryContext, path: readonly string[]): GraphEdge[] {
    const scope = this.#scope;
    if (scope === undefined) return [];
    return settings.flatMap((setting) =>
      wordsOf(setting).flatMap(({ text }) => {
        if (!scope.has('app', text)) return [];
        return [{ label: setting.key, node: this.node(this.#planner.plan('app', text, scope), path) }];
      }),
    );
  }
}

function nameOf(target: FactoryTarget): string {
  switch (target.type) {
    case 'package':
      return `${target.package}#${target.name}`;
    case 'file':
      return `${target.path}#${target.name}`;
    case 'module':
      return `call:${target.specifier}:${target.name}`;
  }
}
