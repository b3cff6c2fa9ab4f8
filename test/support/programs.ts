// programs.ts: what a test needs beyond npm. `.ci/run` installs it; elsewhere a test that lacks it says so by name.

import { spawnSync } from 'node:child_process';

interface Need {
  /** A command that succeeds where the need is met. */
  readonly command: readonly [program: string, ...options: readonly string[]];
  /** Of Debian. */
  readonly package: string;
}

const NEEDS = {
  python3: { command: ['python3', '-V'], package: 'python3' },
  // Debian's packages of Python modules are for Debian's Python, which need not be the first in the PATH.
  'paste.deploy': { command: ['/usr/bin/python3', '-c', 'import paste.deploy'], package: 'python3-pastedeploy' },
  // It says its version, but then ends with 255.
  cadaver: { command: ['sh', '-c', 'command -v cadaver'], package: 'cadaver' },
  ss: { command: ['ss', '-V'], package: 'iproute2' },
  script: { command: ['script', '-V'], package: 'bsdutils' },
  h2load: { command: ['h2load', '--version'], package: 'nghttp2-client' },
  'systemd-analyze': { command: ['systemd-analyze', '--version'], package: 'systemd' },
  'systemd-socket-activate': { command: ['systemd-socket-activate', '--version'], package: 'systemd' },
} as const satisfies Readonly<Record<string, Need>>;

/** For the `skip` of a test: false when the program or the module is there, else what to install. */
export function absent(need: keyof typeof NEEDS): false | string {
  const { command, package: name } = NEEDS[need];
  const [program, ...options] = command;
  return spawnSync(program, options, { stdio: 'ignore' }).status === 0
    ? false
    : `${need} is not installed: apt-get install ${name}`;
}
