// manifests.ts: whether Kubernetes would take a manifest: by the schemas of its API, and by their types, which know of no other fields
// than those that there are. The package kubernetes-models is made of the OpenAPI document of Kubernetes.

import { spawnSync } from 'node:child_process';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { write } from './command.ts';
import { inRepository } from './repository.ts';
import { linkPackages, temporaryFolder } from './temporary.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

const MODELS = { ConfigMap, Deployment, HorizontalPodAutoscaler, PodDisruptionBudget, Service };

/** By the schema. Nothing where it is right. */
export function schemaFault({ kind, apiVersion, ...rest }: Manifest): string | undefined {
  const Model = MODELS[kind as keyof typeof MODELS] as (new (data: object) => { validate(): void }) & {
    readonly apiVersion: string;
  };
  if (apiVersion !== Model.apiVersion) return `${kind} of ${apiVersion}, not of ${Model.apiVersion}`;
  try {
    new Model(rest).validate();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** By the types, which is what `kubectl apply --validate=strict` asks for. For each manifest what is wrong with it. */
export function typeFaults(manifests: readonly Manifest[]): readonly (readonly string[])[] {
  using folder = temporaryFolder();
  linkPackages(folder);
  const names = manifests.map((_, index) => `manifest-${index}.ts`);
  for (const [index, manifest] of manifests.entries()) write(folder, { [names[index]!]: moduleOf(manifest) });
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext', '--types', ''];
  const tsc = inRepository('node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...flags, ...names], { cwd: folder.path, encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes(' error '));
  // What is no word on a manifest is one on this room.
  const strange = lines.filter((line) => !line.startsWith('manifest-'));
  if (strange.length > 0 || (status !== 0) !== lines.length > 0) throw new Error(stdout);
  return names.map((name) => lines.filter((line) => line.startsWith(`${name}(`)));
}

function moduleOf(manifest: Manifest): string {
  const { apiVersion, kind } = manifest;
  const import_ = `import type { I${kind} } from 'kubernetes-models/${apiVersion}';`;
  return `${import_}\nexport const manifest: I${kind} = ${JSON.stringify(manifest, undefined, 2)};\n`;
}
