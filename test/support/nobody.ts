// nobody.ts: an act without root's powers, which read every file.

/** Root is nobody (65534) for this one act. The effective user holds for all threads of the process. */
export async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid!() !== 0) return await act();
  process.seteuid!(65_534);
  try {
    return await act();
  } finally {
    process.seteuid!(0);
  }
}
