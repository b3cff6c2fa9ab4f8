// composites/mounts.ts: which app a request belongs to: a machine, whose cost does not grow with the number of mounts.
//
// Source: paste.urlmap. The longest path wins; a host with its port is asked before the host alone, and that before all hosts.

import { Fault } from '@appserve/core';
import { mountOf, type Mount } from './mount-key.ts';

export interface Found<T> {
  readonly value: T;
  /** What of the path belongs to the mount. */
  readonly length: number;
}

class Paths<T> {
  readonly #byPath = new Map<string, T>();
  #longest = 0;

  /** False where the place is taken. */
  add(path: string, value: T): boolean {
    if (this.#byPath.has(path)) return false;
    this.#byPath.set(path, value);
    this.#longest = Math.max(this.#longest, path.length);
    return true;
  }

  find(path: string): Found<T> | undefined {
    // What is longer than every mount is not looked at, however long a client makes it.
    let end = path.length <= this.#longest ? path.length : path.lastIndexOf('/', this.#longest);
    while (end > 0) {
      const value = this.#byPath.get(path.slice(0, end));
      if (value !== undefined) return { value, length: end };
      end = path.lastIndexOf('/', end - 1);
    }
    const root = path === '' || path.startsWith('/') ? this.#byPath.get('') : undefined;
    return root === undefined ? undefined : { value: root, length: 0 };
  }
}

export class Mounts<T> {
  readonly #everywhere = new Paths<T>();
  readonly #byHost = new Map<string, Paths<T>>();

  /** False where the place is taken. */
  add({ host, path }: Mount, value: T): boolean {
    if (host === undefined) return this.#everywhere.add(path, value);
    const paths = this.#byHost.get(host) ?? new Paths<T>();
    this.#byHost.set(host, paths);
    return paths.add(path, value);
  }

  /** Whether anybody must know the host. */
  get hasHosts(): boolean {
    return this.#byHost.size > 0;
  }

  /** `host` as `hostOf` gives it. */
  find(path: string, host?: { readonly name: string; readonly port: string }): Found<T> | undefined {
    if (host !== undefined) {
      const found = this.#byHost.get(`${host.name}:${host.port}`)?.find(path) ?? this.#byHost.get(host.name)?.find(path);
      if (found !== undefined) return found;
    }
    return this.#everywhere.find(path);
  }
}

/** By keys that are mounts. Faults: OPTIONS_CONFLICT. */
export function mountsOf<T>(pairs: Iterable<readonly [key: string, value: T]>): Mounts<T> {
  const mounts = new Mounts<T>();
  for (const [key, value] of pairs)
    if (!mounts.add(mountOf(key)!, value))
      throw new Fault('OPTIONS_CONFLICT', { keys: [key], why: 'another key names the same path' });
  return mounts;
}
