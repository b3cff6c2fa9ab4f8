// progress.ts: a word now and then while an app takes long to load, so that nobody takes it for one that hangs.

/** After the last, as often as that again. */
const SAID_AFTER_MS = [2_000, 5_000, 10_000, 20_000, 40_000] as const;

export function sayProgress(text: string): void {
  process.stderr.write(text);
}

/** Says so until `ready` is settled, and holds nothing up: neither a process that ends nor one that waits for nothing. */
export function tellProgress(ready: Promise<unknown>, say: (text: string) => void, what = 'loading the app'): void {
  const sinceMs = performance.now();
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const last = SAID_AFTER_MS.at(-1)!;
    const atMs = SAID_AFTER_MS[told] ?? last * (told - SAID_AFTER_MS.length + 2);
    timer = setTimeout(tell, Math.max(0, atMs - (performance.now() - sinceMs))).unref();
  };
  const tell = (): void => {
    told += 1;
    say(`appserve: still ${what}, for ${Math.round((performance.now() - sinceMs) / 1_000)} s\n`);
    wait();
  };
  wait();
  const stop = (): void => clearTimeout(timer);
  ready.then(stop, stop);
}
