// shapes.ts: a package whose apps say how they were put together: `outer(inner(app))`.
//
//   shapes#app    an app      shapes#filter    a filter      shapes#wrap    a filter that filters at once
//   shapes#urls   a composite: each setting that begins with a slash names a child
//
// Each is called by its setting `is`, or else by its kind.

import { loadApp, type LoadOptions } from '@appserve/loader';
import type { App, FactorySettings, GlobalConf } from '@appserve/core/app';
import { folderWith, installed, type Tree } from './packages.ts';

export type Shape = App & {
  readonly shape: string;
  /** What the factory was called with. */
  readonly globalConf: GlobalConf;
  readonly settings: FactorySettings;
  /** All calls of factories and filters in that folder, in their order. */
  readonly calls: readonly string[];
  /** Of a filter: what it filters. */
  readonly inner: Shape;
  /** Of a composite, by path. */
  readonly children: Readonly<Record<string, Shape>>;
};

const MODULE = `
const calls = [];

function shape(text, more) {
  return Object.assign(() => new Response(text), { shape: text, calls }, more);
}

function called(settings, kind) {
  const is = settings.is ?? kind;
  calls.push(is);
  return is;
}

export function app(globalConf, settings) {
  return shape(called(settings, 'app'), { globalConf, settings });
}

export function filter(globalConf, settings) {
  const is = called(settings, 'filter');
  return (inner) => {
    calls.push(is + '()');
    return shape(is + '(' + inner.shape + ')', { globalConf, settings, inner });
  };
}

export function wrap(inner, globalConf, settings) {
  return shape(called(settings, 'wrap') + '(' + inner.shape + ')', { globalConf, settings, inner });
}

export async function urls(loader, globalConf, settings) {
  const is = called(settings, 'urls');
  const children = {};
  for (const [path, name] of Object.entries(settings)) {
    if (!path.startsWith('/')) continue;
    children[path] = await loader.getApp(name, settings.pass === 'nothing' ? undefined : globalConf);
  }
  const text = Object.entries(children).map(([path, child]) => path + '=' + child.shape).join(' ');
  return shape(is + '[' + text + ']', { globalConf, settings, children });
}

export class Shop {
  static is = 'Shop';
  static make(globalConf, settings) {
    return app(globalConf, { is: this.is, ...settings });
  }
  static filter(globalConf, settings) {
    return filter(globalConf, { is: this.is, ...settings });
  }
}
`;

const MANIFEST = {
  appserve: {
    app_factory: { app: './shapes.mjs#app', main: './shapes.mjs#app', shop: './shapes.mjs#Shop.make' },
    composite_factory: { urls: './shapes.mjs#urls' },
    filter_factory: { filter: './shapes.mjs#filter' },
    filter_app_factory: { wrap: './shapes.mjs#wrap' },
  },
};

/** The package, and the same module beside the ini. */
export const SHAPES: Tree = { ...installed('shapes', MANIFEST, { 'shapes.mjs': MODULE }), 'shapes.mjs': MODULE };

/** The app of an ini beside these files. */
export async function shapeOf(lines: readonly string[], files: Tree = {}, options: LoadOptions = {}): Promise<Shape> {
  using folder = folderWith({ 'site.ini': lines.join('\n'), ...SHAPES, ...files });
  return (await loadApp('site.ini', { relativeTo: folder.path, ...options })) as Shape;
}
