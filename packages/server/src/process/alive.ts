// process/alive.ts: whether there is a process of that number.

/** kill(2): EPERM says that there is one, of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
