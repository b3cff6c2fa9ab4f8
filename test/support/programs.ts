// programs.ts: what a test needs beyond npm. `.ci/run` installs it; elsewhere a test that lacks it says so by name.

import { spawnSync } from 'node:child_process';

const PACKAGES = { python3: 'python3', script: 'bsdutils', ss: 'iproute2' } as const;

/** For the `skip` of a test: false when the program is there, else what to install. */
export function absent(program: keyof typeof PACKAGES): false | string {
  const { error } = spawnSync(program, ['-V'], { stdio: 'ignore' });
  return error === undefined ? false : `${program} is not installed: apt-get install ${PACKAGES[program]}`;
}
