// workers/heartbeat.ts: which workers hang: whose event loop has not turned for `worker_timeout`. A machine; the supervisor looks
// at the beats of its scoreboard every `lookEveryMs`, and workers/heart.ts makes them.
//
// Law: a worker's silence is counted in looks, and none of them counts for more than the time that should lie between two. So when
// the machine was suspended, the process was stopped, a clock has jumped, or the supervisor itself was late, that time is
// nobody's: each worker has had as many chances to beat as looks were counted.
//
// Only workers that are ready are watched: an app may take its time to load, and does so in one turn of the loop.

export interface Pulse {
  /** Of a worker's life, never used twice. */
  readonly id: number;
  /** The column of that name. */
  readonly beats: number;
}

interface Silence extends Pulse {
  readonly silentMs: number;
  readonly isTold: boolean;
}

/** What the last look saw. */
export interface Watch {
  readonly lookedMs: number;
  readonly silences: ReadonlyMap<number, Silence>;
}

export interface Hung {
  readonly id: number;
  readonly silentMs: number;
}

const BEATS_PER_TIMEOUT = 4;
const BEAT_MAX_MS = 1_000;

/** How often a worker's heart beats, and how often the supervisor looks: often enough for the limit, and never in a hurry. */
export function lookEveryMs(timeoutMs: number): number {
  return timeoutMs === 0 ? BEAT_MAX_MS : Math.min(timeoutMs / BEATS_PER_TIMEOUT, BEAT_MAX_MS);
}

export function newWatch(nowMs: number): Watch {
  return { lookedMs: nowMs, silences: new Map() };
}

/**
 * `pulses`: of all workers that are ready. Gives the watch for the next look, and the workers that hang: each once, until it beats
 * again. `timeoutMs` 0: nobody ever does.
 */
export function findHung(
  watch: Watch,
  pulses: readonly Pulse[],
  timeoutMs: number,
  nowMs: number,
): readonly [Watch, readonly Hung[]] {
  const passedMs = Math.min(Math.max(nowMs - watch.lookedMs, 0), lookEveryMs(timeoutMs));
  const silences = new Map<number, Silence>();
  const hung: Hung[] = [];
  for (const { id, beats } of pulses) {
    const before = watch.silences.get(id);
    const isSilent = before !== undefined && before.beats === beats;
    const silentMs = isSilent ? before.silentMs + passedMs : 0;
    const isHung = timeoutMs > 0 && silentMs >= timeoutMs;
    const wasTold = isSilent && before.isTold;
    if (isHung && !wasTold) hung.push({ id, silentMs });
    silences.set(id, { id, beats, silentMs, isTold: isHung || wasTold });
  }
  return [{ lookedMs: nowMs, silences }, hung];
}
