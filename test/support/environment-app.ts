// environment-app.ts: an app that shows what its worker finds around it, as JSON, for tests of whole processes.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { write } from './command.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

const APP = `
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

/** The ids of every thread, as the kernel knows them: real, effective, saved, of files; and the further groups. */
function idsOfThreads() {
  const lines = readdirSync('/proc/self/task').flatMap((task) => {
    const status = statusOf(task);
    if (status === undefined) return [];
    return ['Uid', 'Gid', 'Groups'].map((key) => new RegExp('^' + key + ':\\\\s*(.*?)\\\\s*$', 'm').exec(status)[1].replaceAll('\\t', ' ')).join('; ');
  });
  return [...new Set(lines)];
}

/** Nothing of a thread that has ended meanwhile. */
function statusOf(task) {
  try {
    return readFileSync('/proc/self/task/' + task + '/status', 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
  }
}
const VARIABLES = /^(?:LISTEN_|NOTIFY_SOCKET|WATCHDOG_)/;

export function makeApp(globalConf, settings) {
  return (environ, startResponse) => {
    if (environ.PATH_INFO === '/new-file') writeFileSync(settings.file, 'x');
    const answer = {
      thread: threadId,
      variables: Object.keys(process.env).filter((name) => VARIABLES.test(name)),
      ofPrograms: execFileSync('env', { encoding: 'utf8' }).split('\\n').filter((line) => VARIABLES.test(line)),
      serverPort: environ.SERVER_PORT,
      cwd: process.cwd(),
      ids: idsOfThreads(),
      pid: process.pid,
    };
    startResponse('200 OK', [['Content-Type', 'application/json']]);
    return [Buffer.from(JSON.stringify(answer))];
  };
}
`;

export interface Around {
  readonly thread: number;
  readonly variables: readonly string[];
  /** What a program sees that the app starts. */
  readonly ofPrograms: readonly string[];
  readonly serverPort: string;
  readonly cwd: string;
  /** Different ones among the threads; one where all are the same. */
  readonly ids: readonly string[];
  readonly pid: number;
}

/** `app.ini` with that app and these lines in [server:main], in a folder that every user may read. */
export function environmentApp(lines: readonly string[], settings: readonly string[] = []): TemporaryFolder {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const ini = [
    '[app:main]',
    'use = ./app.mjs#makeApp',
    ...settings,
    '[server:main]',
    'use = @appserve/server#main',
    ...lines,
    '',
  ];
  write(folder, { 'app.mjs': APP, 'app.ini': ini.join('\n') });
  for (const name of ['app.mjs', 'app.ini']) chmodSync(join(folder.path, name), 0o644);
  return folder;
}
