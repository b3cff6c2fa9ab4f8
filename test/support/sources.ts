// sources.ts: the packages as text: their files, and what each of them imports.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { inRepository } from './repository.ts';

export const PACKAGES = ['core', 'server', 'loader', 'parts', 'cli'] as const;
export type Package = (typeof PACKAGES)[number];

/** As people say it: `core/src/faults.ts`. */
export type SourcePath = string;

export interface Import {
  readonly from: SourcePath;
  readonly specifier: string;
  /** `import type`: gone when it is compiled. */
  readonly isType: boolean;
  /** `import('...')`: when it is run, if it is. */
  readonly isDynamic: boolean;
}

export function sourcesOf(name: Package): SourcePath[] {
  return readdirSync(inRepository(`packages/${name}/src`), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${name}/src/${path}`)
    .toSorted((one, other) => one.localeCompare(other));
}

export function textOf(path: SourcePath): string {
  return readFileSync(inRepository(`packages/${path}`), 'utf8');
}

const STATIC = /^(?:import|export)\s+(?:(type\s)?[^;'"]*?from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

export function importsOf(from: SourcePath): Import[] {
  const text = textOf(from);
  return [
    ...Array.from(text.matchAll(STATIC), ([, type, specifier]) => ({
      from,
      specifier: specifier!,
      isType: type !== undefined,
      isDynamic: false,
    })),
    ...Array.from(text.matchAll(DYNAMIC), ([, specifier]) => ({ from, specifier: specifier!, isType: false, isDynamic: true })),
  ];
}

/** The file of ours that an import means; nothing when it is somebody else's. */
export function targetOf({ from, specifier }: Import): SourcePath | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  const [, name, face] = /^(?:@appserve\/([a-z]+)|appserve)(?:\/([a-z0-9-]+))?$/.exec(specifier) ?? [];
  if (name === undefined && specifier !== 'appserve') return undefined;
  const folder = `${name ?? 'cli'}/src`;
  if (face === undefined) return `${folder}/index.ts`;
  return existsSync(inRepository(`packages/${folder}/${face}.ts`)) ? `${folder}/${face}.ts` : `${folder}/${face}/index.ts`;
}
