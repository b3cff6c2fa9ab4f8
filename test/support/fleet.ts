// fleet.ts: an app and an ini in a temporary folder, for tests of whole processes.

import { Command, write, type CommandOptions } from './command.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

/** What can happen to a worker, one path each. */
const APP = `
import { closeSync, openSync, writeSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

const files = [];

/** As many as there may be. */
function openMany(wanted) {
  try {
    while (files.length < wanted) files.push(openSync('/dev/null'));
  } catch (error) {
    return error.code;
  }
  return 'all';
}

function circular() {
  const error = new Error('circular');
  error.cause = error;
  return error;
}

export function makeApp(globalConf, settings) {
  return async (environ, startResponse) => {
    const answer = (text) => {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return [Buffer.from(text)];
    };
    switch (environ.PATH_INFO) {
      case '/thread':
        return answer(String(threadId));
      case '/worker':
        return answer([process.pid, threadId].join(' '));
      case '/settings':
        return answer(JSON.stringify({ globalConf, settings }));
      case '/echo':
        return answer(Buffer.from(await environ['wsgi.input'].read()).toString('latin1'));
      case '/exit':
        process.exit(3);
      case '/throw':
        setImmediate(() => {
          throw new Error('thrown where nobody listens');
        });
        return new Promise(() => undefined);
      case '/odd':
        setImmediate(() => {
          throw Object.assign(new Error('odd'), { stack: 7 });
        });
        return new Promise(() => undefined);
      case '/circular':
        setImmediate(() => {
          throw circular();
        });
        return new Promise(() => undefined);
      case '/reject':
        Promise.reject(new Error('rejected where nobody listens'));
        return new Promise(() => undefined);
      case '/never':
        return new Promise(() => undefined);
      case '/spin':
        writeSync(2, 'spinning\\n');
        for (;;);
      case '/open':
        return answer(openMany(Number(environ.QUERY_STRING)));
      case '/shut':
        for (const fd of files.splice(0)) closeSync(fd);
        return answer('shut');
      case '/write':
        environ['wsgi.errors'].write('a complaint\\n');
        console.log('on stdout');
        return answer('written');
      default:
        return answer('hello');
    }
  };
}
`;

export interface Served extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly command: Command;
}

/**
 * Serves that app by `appserve app.ini ARGS` with these lines in [server:main]. `files`: what else is in its folder when it starts,
 * or who puts it there: what is written when the command has been started may come too late.
 */
export function serveIni(
  lines: readonly string[],
  args: readonly string[] = [],
  options: CommandOptions = {},
  files: Readonly<Record<string, string>> | ((folder: TemporaryFolder) => void) = {},
): Served {
  const folder = temporaryFolder();
  const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '', '[server:main]', 'use = @appserve/server#main', ...lines, ''];
  write(folder, { 'app.mjs': APP, 'app.ini': ini.join('\n') });
  if (typeof files === 'function') files(folder);
  else write(folder, files);
  const command = Command.appserve(['app.ini', ...args], { cwd: folder.path, ...options });
  return {
    folder,
    command,
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** The same with another app, which is in its place when the command starts. */
export function serveApp(app: string, lines: readonly string[], options: CommandOptions = {}): Served {
  return serveIni(lines, [], options, { 'app.mjs': app });
}
