// terminal-session.ts: `node build/scripts/terminal-session.js`: plays a session of bash in a terminal of its own and keeps what was
// shown, and when, in docs/images/session.cast (asciicast v2, https://docs.asciinema.org/manual/asciicast/v2/). What is typed stands here;
// what is answered is what bash, curl and appserve say. docs.ts draws docs/images/session.svg of it.

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { delimiter, join } from 'node:path';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { inRepository } from '../test/support/repository.ts';
import { CAST_COLUMNS, type CastHead } from './cast-svg.ts';

/** Its name is shown. It must not be there before. */
const FOLDER = '/tmp/greetings';
const FILES = {
  bashrc: "PS1='$ '\n",
  'package.json': '{ "type": "module" }',
  'app.ts': `// The factory is called once in every worker.
export const main = (globalConf, { greeting }) => ({
  fetch: (request) => new Response(\`\${greeting}, \${new URL(request.url).pathname}\\n\`),
});
`,
  'development.ini': `[app:main]
use = ./app.ts#main
greeting = Hello

[server:main]
use = @appserve/server#main
socket = 127.0.0.1:8080
worker = 2
control_socket = appserve.sock
`,
};

/** What is typed, and what must have been shown before the next line is. */
const TYPED: readonly (readonly [line: string, until: RegExp])[] = [
  ['cat development.ini', /control_socket[^]*\n\$ $/],
  ['appserve check', /1 mistake\r\n\$ $/],
  ["sed -i 's/^worker /workers /' development.ini", /\n\$ $/],
  ['appserve &', /ready in [^\n]*\n$/],
  ['', /\n\$ $/],
  ['curl http://127.0.0.1:8080/people', /Hello[^]*\n\$ $/],
  ["sed -i 's/Hello/Good evening/' development.ini && appserve reload", /new workers are ready[^]*\n\$ $/],
  ['curl http://127.0.0.1:8080/people', /Good evening, [^]*\n\$ $/],
  ['appserve status', /\n\$ $/],
  ['appserve stop', /stopping[^]*\n\$ $/],
];
const KEY_MS = 45;
const READ_MS = 900;
const LINE_WITHIN_MS = 20_000;
const ROWS = 60;

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function record(): Promise<string> {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(FOLDER, name), text);
  const child = spawn(
    'python3',
    [
      inRepository('test/support/pseudo_terminal.py'),
      String(CAST_COLUMNS),
      String(ROWS),
      'bash',
      '--rcfile',
      'bashrc',
      '--noediting',
      '-i',
    ],
    {
      cwd: FOLDER,
      env: {
        PATH: [inRepository('node_modules/.bin'), process.env['PATH']].join(delimiter),
        HOME: FOLDER,
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const sinceMs = performance.now();
  const events: [seconds: number, kind: 'i' | 'o', text: string][] = [];
  let shown = '';
  const heard = new EventEmitter();
  const note = (kind: 'i' | 'o', text: string): void => {
    events.push([Math.round(performance.now() - sinceMs) / 1_000, kind, text]);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    note('o', text);
    shown += text;
    heard.emit('more');
  });
  const shows = async (pattern: RegExp): Promise<void> => {
    const signal = AbortSignal.timeout(LINE_WITHIN_MS);
    while (!pattern.test(shown)) {
      await once(heard, 'more', { signal }).catch((error: unknown) => {
        throw new Error(`${pattern} was not shown within ${LINE_WITHIN_MS} ms; there is\n${shown}`, { cause: error });
      });
    }
  };
  await shows(/\$ $/);
  for (const [line, until] of TYPED) {
    await pause(READ_MS);
    shown = '';
    for (const key of line) {
      note('i', key);
      child.stdin.write(`key ${key}\n`);
      await pause(KEY_MS);
    }
    child.stdin.write('key \r\n');
    await shows(until);
  }
  const played = [...events];
  child.stdin.write('key exit\r\n');
  await once(child, 'close');
  const head: CastHead = { version: 2, width: CAST_COLUMNS, height: ROWS, title: 'appserve: a mistake, a server, a reload' };
  return [head, ...played].map((line) => `${JSON.stringify(line)}\n`).join('');
}

mkdirSync(FOLDER);
try {
  writeFileSync(inRepository('docs/images/session.cast'), await record());
} finally {
  rmSync(FOLDER, { recursive: true });
}
