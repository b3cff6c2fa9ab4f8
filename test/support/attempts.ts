// attempts.ts: what is measured on a machine that has other things to do as well.

/**
 * A measurement that those may have spoiled is made again, up to so many times. What is wrong is so each time: then the last one fails. Not
 * for what must never happen.
 */
export async function oneOf(attempts: number, measure: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    try {
      await measure();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_ASSERTION') throw error;
    }
  }
  await measure();
}
