// start-faults.ts: starting: the configuration is right, but the machine or the app says no; exit code 1.

import { start } from './fault-row.ts';

function ofOption(option: string | undefined): string {
  return option === undefined ? '' : `${option}: `;
}

/** Node's words, of import and of require; a path is no package, and neither is an alias such as `@/lib`. */
const MISSING_PACKAGE = /^Cannot find (?:package|module) '((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~][\w.~-]*)(?:\/[^']*)?'/;

export const START_FAULTS = {
  MODULE_FAILED: start(
    'The module exists, but failed while it was imported. The stack below names the line.',
    (d: { module: string; message: string }) => `${d.module} failed while it was imported: ${d.message}`,
    (d) => {
      const [, name] = MISSING_PACKAGE.exec(d.message) ?? [];
      return name && `install it: npm install ${name}`;
    },
  ),
  ADDRESS_IN_USE: start(
    'Another process listens on the address.',
    /** `option`: whose address it is, where it is not that of the app. */
    (d: { address: string; option?: string | undefined }) => `${ofOption(d.option)}${d.address} is in use`,
    (d) =>
      d.option === undefined
        ? 'stop the other process, or choose another socket (port 0 takes any free port)'
        : `stop the other process, or choose another address for ${d.option}`,
  ),
  ADDRESS_REFUSED: start(
    'The operating system refuses the address.',
    (d: { address: string; why: string; hint?: string | undefined; option?: string | undefined }) =>
      `${ofOption(d.option)}cannot listen on ${d.address}: ${d.why}`,
    (d) => d.hint,
  ),
  SOCKET_FILE_IN_THE_WAY: start(
    'A file that is no socket stands where the unix socket should be.',
    (d: { path: string }) => `${d.path} exists and is no socket`,
    () => 'move it away, or choose another path',
  ),
  SOCKETS_NOT_PASSED: start(
    '`systemd` stands for the sockets that systemd passes to a service (sd_listen_fds(3)), and it passed none that could be taken.',
    (d: { why: string; hint: string | undefined }) => `cannot take the sockets of systemd: ${d.why}`,
    (d) => d.hint,
  ),
  DESCRIPTOR_UNUSABLE: start(
    'A descriptor that `fd:N` names, or that systemd passed, is no socket that listens for streams.',
    (d: { address: string; fd: number; why: string; hint: string | undefined }) =>
      `cannot listen on ${d.address}: descriptor ${d.fd} ${d.why}`,
    (d) => d.hint,
  ),
  WEB_SERVER_ADDRS_INVALID: start(
    'The environment variable FCGI_WEB_SERVER_ADDRS is not a list of IPv4 addresses parted by commas (FastCGI 1.0 §3.2).',
    (d: { value: string }) => `the variable FCGI_WEB_SERVER_ADDRS=${d.value} is no list of IPv4 addresses`,
    () => 'mend or unset the variable, or set fastcgi_allow',
  ),
  ACCOUNT_UNKNOWN: start(
    '`socket_owner`, `socket_group`, `user` or `group` names a user or a group that this machine does not have.',
    (d: { key: string; value: string; kind: 'user' | 'group' }) => `${d.key} = ${d.value}: there is no such ${d.kind}`,
    (d) =>
      d.kind === 'user'
        ? 'create it: useradd --system NAME; or name another one'
        : 'create it: groupadd --system NAME; or name another one',
  ),
  CONTROL_UNREACHABLE: start(
    'The control socket of a server cannot be reached: the server is not running, or is of another user.',
    (d: { path: string; why: string }) => `cannot reach a server by its control socket ${d.path}: ${d.why}`,
  ),
  CONTROL_REFUSED: start(
    'A server that was asked for something by its control socket says no.',
    (d: { command: string; code: string; why: string; hint: string | undefined }) => `the server says no: ${d.why} (${d.code})`,
    (d) => d.hint,
  ),
  PIDFILE_IN_USE: start(
    'The pidfile holds the id of a process that is alive, or something that is no process id.',
    (d: { path: string; why: string }) => `the pidfile ${d.path} is in use: ${d.why}`,
    () => 'stop the other process, choose another pidfile, or remove this one if it is of somebody who is gone',
  ),
  PIDFILE_REFUSED: start(
    'The pidfile cannot be read, written or replaced.',
    (d: { path: string; why: string }) => `cannot write the pidfile ${d.path}: ${d.why}`,
  ),
  LOG_REFUSED: start(
    'A file of `error_log`, of `log` or of a handler in the logging sections cannot be opened for writing.',
    (d: { path: string; why: string }) => `cannot write the log ${d.path}: ${d.why}`,
    () =>
      'it is opened as the user that the server runs as, who needs the right to write there; - is standard error for error_log, and standard output for log',
  ),
  FOLDER_REFUSED: start(
    'The folder of `chdir` does not exist, or may not be entered by the user that the server runs as.',
    (d: { path: string; why: string }) => `cannot change to the folder ${d.path}: ${d.why}`,
  ),
  PRIVILEGES_REFUSED: start(
    'The server cannot become the `user` or the `group` that it should run as; or it could become root again.',
    (d: { what: string; why: string; hint: string | undefined }) => `${d.what}: ${d.why}`,
    (d) => d.hint,
  ),
  DESCRIPTOR_FAILED: start(
    'A system call on a descriptor failed.',
    (d: { call: string; why: string }) => `${d.call} failed: ${d.why}`,
  ),
  FACTORY_FAILED: start(
    'The factory of an app threw, or its promise was rejected. The stack below names the line.',
    (d: { module: string; name: string; message: string }) => `${d.module}#${d.name} failed: ${d.message}`,
  ),
  NOT_AN_APP: start(
    'What is to be served without a configuration is no app.',
    (d: {
      name: string;
      why: string;
      isCalled: boolean;
      /** How the same export is named as a factory, where it looks like one. */
      asFactory?: string | undefined;
    }) => `${d.name} cannot be served: ${d.why}`,
    (d) => {
      if (d.asFactory !== undefined) return `name it as one: appserve ${d.asFactory}`;
      return d.isCalled ? undefined : 'if it is a function that makes the app, put brackets behind it: ./app.js#makeApp()';
    },
  ),
  LOADING_STUCK: start(
    'Loading the app waits for something that will never happen: nothing is left in its thread that could bring it about.',
    () => 'loading the app waits for something that never happens',
    () => 'look for a top-level await, or an await in the factory, whose promise nobody resolves',
  ),
  STARTING_STUCK: start(
    'The main thread waits for something that will never happen: nothing is left in it that could bring it about.',
    () => 'starting waits for something that never happens',
    () => 'look for a top-level await in a configuration that is a module, or for a server that never says that it serves',
  ),
  NOT_SERVING: start(
    'The server was asked to change while it starts or stops.',
    (d: { what: string; isStopping: boolean }) => `${d.what}: the server is ${d.isStopping ? 'stopping' : 'still starting'}`,
    (d) => (d.isStopping ? undefined : 'wait until it is ready: await ready, in a script'),
  ),
  HEIR_STARTS: start(
    'Another process is starting in the place of this one (SIGUSR2). It was told at its start what operators have changed.',
    (d: { what: string; pid: number }) =>
      `${d.what}: process ${d.pid} is starting in the place of this one, and would not hear of it`,
    () => 'ask again when that one serves, or end it with `kill`',
  ),
  INLINE_STAYS: start(
    'The app runs in the main thread (`worker_class = inline`), where code cannot be loaded a second time, and where there is no second worker.',
    (d: { what: string }) => `${d.what}: not with worker_class = inline, where the one worker is the main thread`,
    () => 'restart the server, or say worker_class = thread',
  ),
  WORKER_ENDED: start(
    'A worker ended before it had loaded the app; with `--reload` also one that served.',
    (d: { worker: string; code: number; hasServed: boolean }) =>
      `${d.worker} ended with code ${d.code} ${d.hasServed ? 'while it served' : 'before it was ready'}`,
    (d) => `does the app call process.exit()${d.hasServed ? '' : ' while it is loaded'}?`,
  ),
  WORKER_FAILED: start(
    'A worker could not load the app.',
    (d: { worker: string; message: string }) => `${d.worker} could not load the app: ${d.message}`,
  ),
  WORKER_HUNG: start(
    'A worker had loaded the app for a reload, and then did not turn its event loop for `worker_timeout`. The old workers go on.',
    (d: { worker: string }) => `${d.worker} hangs, before it has served anybody`,
    () => 'the log above says where it hangs',
  ),
  WORKER_KILLED: start(
    'A signal ended a worker that is a process.',
    (d: { signal: string; why: string | undefined }) => `it was ended by ${d.signal}${d.why === undefined ? '' : `: ${d.why}`}`,
  ),
  WORKERS_CRASHING: start(
    'A worker cannot be replaced: none of those that were started in its place came to serving. The server gives up.',
    (d: { crashes: number }) => `${d.crashes} workers in a row ended before they could serve`,
    () => 'the log above says why each of them ended',
  ),
  TYPESCRIPT_SYNTAX: start(
    'A TypeScript file of the app cannot be parsed. Types are not checked: that is for tsc and editors.',
    (d: { why: string; hint?: string | undefined }) => `this is not TypeScript: ${d.why}`,
    (d) => d.hint,
  ),
  TYPESCRIPT_UNAVAILABLE: start(
    'The app is in TypeScript, but its compiler, @swc/core, cannot be loaded: npm has not installed the binary for this platform.',
    (d: { why: string }) => `the compiler of TypeScript cannot be loaded: ${d.why}`,
    () => 'install again with optional dependencies (npm install --include=optional), or compile the app and name its .js file',
  ),
} as const;
