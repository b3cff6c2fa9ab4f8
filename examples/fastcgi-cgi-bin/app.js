// A request handler that runs CGI scripts (RFC 3875): one process for each request, its streams joined with the request's.

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { utf8Of } from '@appserve/core/app';

const HERE = dirname(fileURLToPath(import.meta.url));

/** `root`: the folder of the scripts, below that of this file. */
export async function makeApp(globalConf, { root = 'cgi-bin' }) {
  const folder = await realpath(resolve(HERE, root));
  return {
    async cgi(request) {
      const found = await findScript(folder, pathOf(request));
      if (found === undefined) {
        await request.stdout.write(`Status: 404 Not Found\nContent-Type: text/plain\n\nThere is no such script.\n`);
        return 0;
      }
      return run(request, found);
    },
  };
}

/** However the web server parts it. The variables are latin1 that stands for UTF-8. */
function pathOf({ environ }) {
  return utf8Of(environ.SCRIPT_NAME + environ.PATH_INFO);
}

/** A file or a folder of ours: no `..`, nothing hidden, no second separator, no NUL. */
const PLAIN_NAME = /^[^./\\\0][^/\\\0]*$/;

/** The first file on the way is the script, and what follows is its PATH_INFO. Nothing when there is none, or none that we may run. */
async function findScript(folder, path) {
  let file = folder;
  const [, ...names] = path.split('/');
  for (const [index, name] of names.entries()) {
    if (!PLAIN_NAME.test(name)) return undefined;
    // A link leads where it leads: the file that is run is within the folder, or is not run.
    file = await realpath(resolve(file, name)).catch(() => undefined);
    if (file === undefined || !file.startsWith(folder + sep)) return undefined;
    const found = await stat(file);
    if (found.isFile()) {
      const mayRun = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      const scriptName = `/${names.slice(0, index + 1).join('/')}`;
      return mayRun ? { file, scriptName, pathInfo: path.slice(scriptName.length) } : undefined;
    }
  }
  return undefined;
}

/** Resolves with the exit code of the script: the application status. */
async function run(request, { file, scriptName, pathInfo }) {
  const variables = Object.entries(request.environ).map(([name, value]) => [name, utf8Of(value)]);
  const env = {
    ...Object.fromEntries(variables),
    // Of our own environment scripts get this, and nothing else.
    PATH: process.env.PATH,
    SCRIPT_NAME: scriptName,
    PATH_INFO: pathInfo,
    SCRIPT_FILENAME: file,
  };
  const script = spawn(file, [], { cwd: dirname(file), env, stdio: 'pipe' });
  const ended = new Promise((done) => {
    script.once('error', () => done(1));
    script.once('close', (code) => done(code ?? 1));
  });
  // Nobody waits for the answer any more.
  const kill = () => script.kill('SIGKILL');
  request.signal.addEventListener('abort', kill, { once: true });
  if (request.signal.aborted) kill();
  await Promise.all([feed(script.stdin, request.stdin), answer(script, request), complain(script, request)]).catch((error) => {
    kill();
    throw error;
  });
  return ended;
}

/** A script need not read its body, and may end before it has come. */
async function feed(stdin, body) {
  const left = finished(stdin).catch(() => undefined);
  try {
    for (;;) {
      const piece = await body.read(64 * 1024);
      if (piece.length === 0 || stdin.destroyed) break;
      if (!stdin.write(piece)) await Promise.race([new Promise((drained) => stdin.once('drain', drained)), left]);
    }
  } finally {
    stdin.end();
  }
}

async function answer({ stdout }, request) {
  for await (const chunk of stdout) await request.stdout.write(chunk);
}

async function complain({ stderr }, request) {
  for await (const chunk of stderr) request.stderr.write(String(chunk));
}
