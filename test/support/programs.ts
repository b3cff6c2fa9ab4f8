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
  chromium: { command: ['chromium', '--version'], package: 'chromium' },
  // Debian's packages of Python modules are for Debian's Python, which need not be the first in the PATH.
  'paste.deploy': { command: ['/usr/bin/python3', '-c', 'import paste.deploy'], package: 'python3-pastedeploy' },
  openssl: { command: ['openssl', 'version'], package: 'openssl' },
  // It says its version, but then ends with 255.
  cadaver: { command: ['sh', '-c', 'command -v cadaver'], package: 'cadaver' },
  ss: { command: ['ss', '-V'], package: 'iproute2' },
  zsh: { command: ['zsh', '--version'], package: 'zsh' },
  fish: { command: ['fish', '--version'], package: 'fish' },
  script: { command: ['script', '-V'], package: 'bsdutils' },
  curl: { command: ['curl', '--version'], package: 'curl' },
  h2load: { command: ['h2load', '--version'], package: 'nghttp2-client' },
  'systemd-analyze': { command: ['systemd-analyze', '--version'], package: 'systemd' },
  nginx: { command: ['nginx', '-v'], package: 'nginx-light' },
  haproxy: { command: ['haproxy', '-v'], package: 'haproxy' },
  lighttpd: { command: ['lighttpd', '-v'], package: 'lighttpd' },
  apache2: { command: ['apache2', '-v'], package: 'apache2-bin' },
  // It says how it is called, and ends as if that were a mistake.
  'cgi-fcgi': { command: ['which', 'cgi-fcgi'], package: 'libfcgi-bin' },
  'systemd-socket-activate': { command: ['systemd-socket-activate', '--version'], package: 'systemd' },
} as const satisfies Readonly<Record<string, Need>>;

export type Program = keyof typeof NEEDS;

/** Debian keeps servers where only root looks for programs. */
export const WITH_SBIN = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` };

/** For the `skip` of a test: false when the program or the module is there, else what to install. */
export function absent(need: Program): false | string {
  const { command, package: name } = NEEDS[need];
  const [program, ...options] = command;
  return spawnSync(program, options, { stdio: 'ignore', env: WITH_SBIN }).status === 0
    ? false
    : `${need} is not installed: apt-get install ${name}`;
}

/** For a test that is worth nothing without it: throws when it is not there. */
export function demand(need: Program): void {
  const reason = absent(need);
  if (reason !== false) throw new Error(reason);
}
