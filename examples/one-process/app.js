// The page and the echo that it speaks to, each an app of its own. The files of the page are served by @appserve/parts#static.

import { readFile } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';

/** A gateway app: one page, made once in every worker. */
export async function makePage(globalConf, { title }) {
  const template = await readFile(new URL('page.html', import.meta.url), 'utf8');
  const page = Buffer.from(filled(template, { title, process: String(process.pid), thread: String(threadId) }));
  return ({ PATH_INFO, REQUEST_METHOD }, startResponse) => {
    if (PATH_INFO !== '/') return plain(startResponse, '404 Not Found', 'There is nothing here.\n');
    if (REQUEST_METHOD !== 'GET' && REQUEST_METHOD !== 'HEAD')
      return plain(startResponse, '405 Method Not Allowed', 'This page can be read.\n', [['Allow', 'GET, HEAD']]);
    startResponse('200 OK', [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Cache-Control', 'no-cache'],
    ]);
    return [page];
  };
}

/** A WebSocket app: what a client says comes back. Nothing more is read from a client that does not listen. */
export function makeEcho() {
  return {
    message(socket, message) {
      if (!socket.send(message)) socket.pause();
    },
    drain(socket) {
      socket.resume();
    },
  };
}

function plain(startResponse, status, text, more = []) {
  startResponse(status, [['Content-Type', 'text/plain; charset=utf-8'], ...more]);
  return [Buffer.from(text)];
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** The template with values in place of their `{name}`. */
function filled(template, values) {
  return template.replaceAll(/\{(\w+)\}/g, (_all, name) => values[name].replaceAll(/[&<>"']/g, (one) => ENTITIES[one]));
}
