// requirements.ts: `require = shop blog@^2.1`: packages that must be there, in a version that will do.
//
// Source: `require` of PasteDeploy, whose ranges no longer work; here they are npm's.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Fault, gather, type FaultContext } from '@appserve/core';
import type semver from 'semver';
import { installedVersion } from './entry-points.ts';
import { wordsOf, type Setting } from './setting.ts';

/** A name, then a range behind `@` as npm has it, or at once as Python has it (`blog>=2`). */
const REQUIREMENT = /^((?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*)(?:@(.+)|([<>=!~^].*))?$/i;

let loaded: typeof semver | undefined;

/** Forty files, which few inis need. */
function ranges(): typeof semver {
  loaded ??= createRequire(import.meta.url)('semver') as typeof semver;
  return loaded;
}

/** Packages are looked up from the folder of the file that needs them. Faults: REQUIREMENT_*, PACKAGE_BROKEN; those of all words at once. */
export function checkRequirements(requires: readonly Setting[], askedBy: readonly string[]): void {
  const checks = requires.flatMap((setting) => {
    // Only a file can say so: the planner names it.
    const folder = dirname(setting.scope!.file!);
    return wordsOf(setting).map((word) => () => checkRequirement(word.text, folder, { at: word.at, askedBy }));
  });
  gather(checks);
}

function checkRequirement(requirement: string, folder: string, fault: FaultContext): void {
  const [, name, npmRange, pythonRange] = REQUIREMENT.exec(requirement) ?? [];
  const range = npmRange ?? pythonRange?.replaceAll(/==/g, '=').replaceAll(',', ' ') ?? '*';
  if (name === undefined || ranges().validRange(range) === null) throw new Fault('REQUIREMENT_INVALID', { requirement }, fault);
  const installed: unknown = installedVersion(name, folder, fault);
  if (installed === undefined) throw new Fault('REQUIREMENT_MISSING', { name, from: folder }, fault);
  // A package.json may say anything.
  const version = typeof installed === 'string' ? installed : JSON.stringify(installed);
  if (!ranges().satisfies(version, range, { includePrerelease: true }))
    throw new Fault('REQUIREMENT_UNMET', { name, range, version }, fault);
}
