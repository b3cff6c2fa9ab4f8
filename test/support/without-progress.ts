// without-progress.ts: what a command has said, on a machine with so much to do that it told how long it took as well.

export function withoutProgress(said: string): string {
  return said.replaceAll(/^appserve: still (?:loading|waiting) .*\n/gm, '');
}
