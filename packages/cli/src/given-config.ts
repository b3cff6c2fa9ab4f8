// given-config.ts: for commands that are about a configuration, and not about an app without one.

import { Fault } from '@appserve/core';
import type { LoadOptions } from '@appserve/loader';
import { subjectOf, type SubjectGiven } from './subject.ts';

/** The address of the configuration, given or found, and what is said over it. Faults: those of subjectOf. */
export async function givenConfig(given: SubjectGiven): Promise<{ readonly uri: string; readonly options: LoadOptions }> {
  const { config, name } = await subjectOf(given);
  if (config !== undefined) return config;
  throw new Fault('ARGUMENT_INVALID', { argument: name, why: 'is an app without a configuration' });
}
