// browser.ts: opens what is served in a browser: $BROWSER, or what the system opens addresses with.

import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Gives why it could not be opened, if it could not. Nobody waits for the browser. */
export async function openBrowser(url: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!/^https?:/.test(url)) return `${url} is no address that a browser opens`;
  const tried: string[] = [];
  for (const [program = '', ...args] of commands(url, environment)) {
    tried.push(program);
    if (await started(program, args)) return undefined;
  }
  return `${tried.join(', ')} cannot be started; the variable BROWSER names another program`;
}

/** `BROWSER` has several with colons between them, the first that starts is taken; `%s` is where the address stands. */
function commands(url: string, { BROWSER: named }: NodeJS.ProcessEnv): string[][] {
  if (named === undefined || named === '') return [[...(OPENERS[process.platform] ?? ['xdg-open']), url]];
  return named.split(':').map((command) => {
    const words = command.split(/\s+/).filter((word) => word !== '');
    return command.includes('%s') ? words.map((word) => word.replaceAll('%s', url)) : [...words, url];
  });
}

async function started(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
    child.unref();
  });
}
