// log/logger-tree.ts: loggers by name, and what each inherits. A machine.
//
// Source: logging.Logger, logging.Manager and logging.config (`_install_loggers`) of CPython, kept step by step.

import type { LoggingConfig } from './logging-config.ts';

interface Node {
  level: number;
  handlers: readonly string[];
  propagate: boolean;
  disabled: boolean;
}

const ROOT = '';
const WARNING = 30;
const NOTSET = 0;

function fresh(level = NOTSET): Node {
  return { level, handlers: [], propagate: true, disabled: false };
}

export class LoggerTree {
  readonly #nodes = new Map<string, Node>([[ROOT, fresh(WARNING)]]);
  /** What was set by hand, for a configuration that comes later. */
  readonly #levels = new Map<string, number>();

  /** `root`, and the empty name, are the root. */
  get(name: string): void {
    this.#node(name);
  }

  #node(name: string): Node {
    const key = keyOf(name);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = fresh();
    this.#nodes.set(key, node);
    return node;
  }

  /**
   * As fileConfig does it: loggers that are named are set; those below them forget what they had; the others, which somebody has got
   * before, are disabled where `disablesExisting`.
   */
  configure({ loggers }: LoggingConfig, disablesExisting = false): void {
    const named = new Set(Object.keys(loggers).map(keyOf));
    for (const [key, node] of this.#nodes) {
      if (named.has(key) || key === ROOT) continue;
      if (ancestors(key).some((name) => named.has(name) && name !== ROOT)) Object.assign(node, fresh());
      else node.disabled = disablesExisting;
    }
    for (const [name, { level, handlers, propagate }] of Object.entries(loggers)) {
      const node = this.#node(name);
      if (level !== undefined) node.level = level;
      node.handlers = handlers;
      node.propagate = propagate;
      node.disabled = false;
    }
    for (const [name, level] of this.#levels) this.#node(name).level = level;
  }

  /** From here on, whatever a configuration says. */
  setLevel(name: string, level: number): void {
    this.#levels.set(keyOf(name), level);
    this.#node(name).level = level;
  }

  /** The least level that is logged; Infinity for a logger that is disabled. */
  levelOf(name: string): number {
    const key = keyOf(name);
    if (this.#nodes.get(key)?.disabled === true) return Number.POSITIVE_INFINITY;
    for (const one of [key, ...ancestors(key)]) {
      const level = this.#nodes.get(one)?.level ?? NOTSET;
      if (level !== NOTSET) return level;
    }
    return NOTSET;
  }

  /** Whose records they are: its own handlers, then those of the loggers above. */
  handlersOf(name: string): readonly string[] {
    const key = keyOf(name);
    const handlers: string[] = [];
    for (const one of [key, ...ancestors(key)]) {
      const node = this.#nodes.get(one);
      if (node === undefined) continue;
      handlers.push(...node.handlers);
      if (!node.propagate) break;
    }
    return handlers;
  }
}

function keyOf(name: string): string {
  return name === 'root' ? ROOT : name;
}

/** From the nearest one to the root: `a.b.c` has `a.b`, `a` and the root. */
function ancestors(key: string): string[] {
  const above: string[] = [];
  for (let at = key.lastIndexOf('.'); at !== -1; at = key.lastIndexOf('.', at - 1)) {
    above.push(key.slice(0, at));
    if (at === 0) break;
  }
  if (key !== ROOT) above.push(ROOT);
  return above;
}
