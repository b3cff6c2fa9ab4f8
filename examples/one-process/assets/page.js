// page.js: the form sends, the log shows, the status says how the connection is.

import { Connection } from './connection.js';
import { Log } from './log.js';

const byId = (id) => document.getElementById(id);
const [box, status, now, form, message, send, hint] = ['connection', 'status', 'now', 'form', 'message', 'send', 'hint'].map(
  byId,
);
const log = new Log(byId('log'));

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

const STATUS = {
  connecting: ({ failed }) => (failed === 0 ? 'Connecting' : 'Trying again'),
  open: () => 'Connected',
  waiting: ({ waitMs }) => `Not connected, next try in ${seconds(waitMs)}`,
};

/** RFC 6455 §7.4.1. */
const ENDS = {
  1001: 'The server goes away, or loads anew',
  1006: 'There is no connection to the server',
  1009: 'The server takes no message of that length',
};

/** Since when there is no connection. */
let downMs;

function opened() {
  log.note(downMs === undefined ? 'Connected.' : `Connected again, after ${seconds(performance.now() - downMs)}.`);
  downMs = undefined;
  hint.textContent = '';
  // The button goes; the focus should not go with it.
  if (document.activeElement === now) message.focus();
}

function closed({ waitMs, code }) {
  box.style.setProperty('--wait', `${waitMs}ms`);
  // One row for each loss, however often it is tried again.
  if (downMs !== undefined) return;
  downMs = performance.now();
  log.lost();
  log.note(`${ENDS[code] ?? 'The server has closed the connection'} (${code}). Connecting again.`);
}

function changed(state) {
  if (state.is === 'open') opened();
  if (state.is === 'waiting') closed(state);
  box.dataset.state = state.is;
  status.textContent = STATUS[state.is](state);
  // Not for a moment only, as while the server loads anew.
  now.hidden = state.is === 'open' || state.failed < 2;
  // Not `disabled`: who is on it with the keyboard stays there.
  send.setAttribute('aria-disabled', String(state.is !== 'open'));
}

const connection = new Connection(new URL('ws', document.baseURI).href.replace(/^http/, 'ws'), {
  changed,
  heard: (text) => log.heard(text),
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  message.focus();
  if (message.value === '') return;
  if (!connection.isOpen) {
    hint.textContent = 'Not sent: there is no connection. Your message waits here.';
    return;
  }
  log.sent(message.value);
  connection.send(message.value);
  message.value = '';
});

now.addEventListener('click', () => connection.tryNow());
window.addEventListener('online', () => connection.tryNow());
