// A request handler that runs CGI scripts (RFC 3875): one process for each request, its streams joined with the request's.

import { access, realpath, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utf8Of } from '@appserve/core/app';
import { Script } from './script.js';

const HERE = dirname(fileURLToPath(import.meta.url));

/** `root`: the folder of the scripts, below that of this file. */
export async function makeApp(globalConf, { root = 'cgi-bin' }) {
  const folder = await realpath(resolve(HERE, root));
  const running = new Set();
  return {
    async cgi(request) {
      const found = await findScript(folder, utf8Of(request.environ.PATH_INFO));
      if (found === undefined) {
        await request.stdout.write(`Status: 404 Not Found\nContent-Type: text/plain\n\nThere is no such script.\n`);
        return 0;
      }
      const script = new Script(found.file, variablesOf(request, found));
      running.add(script);
      try {
        return await script.answer(request);
      } finally {
        running.delete(script);
      }
    },
    /** The worker ends: so does what it has begun. */
    close() {
      for (const script of running) script.kill();
    },
  };
}

/** A file or a folder of ours: no `..`, nothing hidden, no second separator. */
const PLAIN_NAME = /^[^./\\][^/\\]*$/;

/** The first file on the way is the script, and what follows is its PATH_INFO. Nothing when there is none, or none that we may run. */
async function findScript(folder, path) {
  // No variable of a process can hold it.
  if (path.includes('\0')) return undefined;
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

/** Of RFC 3875 §4.1, and what web servers have added to it that says something of the request. */
const OF_REQUEST = new Set([
  'AUTH_TYPE',
  'CONTENT_LENGTH',
  'CONTENT_TYPE',
  'GATEWAY_INTERFACE',
  'PATH_TRANSLATED',
  'QUERY_STRING',
  'REMOTE_ADDR',
  'REMOTE_HOST',
  'REMOTE_IDENT',
  'REMOTE_USER',
  'REQUEST_METHOD',
  'SERVER_NAME',
  'SERVER_PORT',
  'SERVER_PROTOCOL',
  'SERVER_SOFTWARE',
  'DOCUMENT_ROOT',
  'HTTPS',
  'REMOTE_PORT',
  'REQUEST_SCHEME',
  'REQUEST_URI',
  'SERVER_ADDR',
]);
const OF_CLIENT = /^HTTP_[A-Z0-9_]+$/;

/** The environment of a script. Whatever else the web server says may be more than a variable: LD_PRELOAD. */
function variablesOf({ environ }, { file, scriptName, pathInfo }) {
  const said = Object.entries(environ).filter(([name]) => OF_REQUEST.has(name) || OF_CLIENT.test(name));
  return {
    ...Object.fromEntries(said.map(([name, value]) => [name, utf8Of(value)])),
    // Of our own environment scripts get this, and nothing else.
    PATH: process.env.PATH,
    SCRIPT_NAME: utf8Of(environ.SCRIPT_NAME) + scriptName,
    PATH_INFO: pathInfo,
    SCRIPT_FILENAME: file,
  };
}
