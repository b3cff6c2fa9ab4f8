// development/keys.ts: single keys on a terminal: r loads again, q quits.
//
// A terminal in raw mode sends no signals: what stands for them is turned into them here. Node puts the terminal back in order when the
// process ends, also by a signal that it hears. In the background nothing is read: the system would stop the process for it (SIGTTIN,
// which means something else here).

import { readFileSync } from 'node:fs';

export interface KeyActs {
  reload(): void;
  quit(): void;
}

export const KEYS_HELP = 'r: load again, q: quit';

const CONTROL_C = '\u0003';
const CONTROL_BACKSLASH = '\u001C';
const CONTROL_Z = '\u001A';

export interface Keys {
  close(): void;
}

/** Nothing where there is nobody to press one. */
export function hearKeys(asked: KeyActs): Keys | undefined {
  const { stdin } = process;
  if (!stdin.isTTY || !process.stderr.isTTY || !isInForeground()) return undefined;
  const acts: Readonly<Record<string, () => void>> = {
    r: () => asked.reload(),
    q: () => asked.quit(),
    [CONTROL_C]: () => process.kill(process.pid, 'SIGINT'),
    [CONTROL_BACKSLASH]: () => process.kill(process.pid, 'SIGQUIT'),
    [CONTROL_Z]: suspend,
  };
  const onData = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) acts[key]?.();
  };
  const onContinued = (): void => {
    if (isInForeground()) listen();
  };
  function listen(): void {
    stdin.setRawMode(true);
    // That somebody might press a key is no reason to live.
    stdin.resume().unref();
  }
  function rest(): void {
    stdin.setRawMode(false);
    stdin.pause();
  }
  function suspend(): void {
    rest();
    process.kill(process.pid, 'SIGTSTP');
  }
  stdin.on('data', onData);
  process.on('SIGCONT', onContinued);
  listen();
  return {
    close: () => {
      stdin.off('data', onData);
      process.off('SIGCONT', onContinued);
      rest();
    },
  };
}

/** proc(5): fields 5 and 8 of stat are the group of the process and that of the terminal's foreground. Elsewhere it is taken to be. */
function isInForeground(): boolean {
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'latin1');
  } catch {
    return true;
  }
  // The second field, the name, may hold anything, in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[2] === fields[5];
}
