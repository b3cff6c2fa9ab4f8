// development/contents.ts: what is known of the files that are watched, and whether one of them is another one now.
//
// A file that was only touched has not changed. One that is gone may be on its way: editors and version control put another one in its
// place; so that is told apart, and asked again.

import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { stampOf, type Read } from './reads.ts';

interface Known {
  stamp: string;
  content: string;
}

export type Verdict = 'same' | 'changed' | 'gone';

/** Beyond it the stamp has to do. */
const READ_BYTES_MAX = 8 * 2 ** 20;

export class Contents {
  readonly #known = new Map<string, Known>();

  has(path: string): boolean {
    return this.#known.has(path);
  }

  /** Somebody has read it. `changed`: it is another one now than what was known of it, or than what was read. */
  learn({ path, stamp }: Read): Verdict {
    const now = stampOf(path);
    const known = this.#known.get(path);
    if (known !== undefined) return known.stamp === now ? 'same' : this.judge(path);
    this.#known.set(path, { stamp: now, content: contentOf(path, now) });
    return now === stamp ? 'same' : 'changed';
  }

  forget(path: string): void {
    this.#known.delete(path);
  }

  /** `isPatient`: what is gone is gone only when it is asked again. */
  judge(path: string, isPatient = true): Verdict {
    const known = this.#known.get(path);
    const stamp = stampOf(path);
    if (known === undefined || known.stamp === stamp) return 'same';
    if (stamp === '' && isPatient) return 'gone';
    const content = contentOf(path, stamp);
    const isSame = known.content === content;
    known.stamp = stamp;
    known.content = content;
    return isSame ? 'same' : 'changed';
  }
}

/** Of one that went away while it was read: what it will be is told by its next event. */
function contentOf(path: string, stamp: string): string {
  const [, size = '0'] = stamp.split(' ');
  if (stamp === '' || Number(size) > READ_BYTES_MAX) return stamp;
  try {
    return `${size} ${crc32(readFileSync(path))}`;
  } catch {
    return stamp;
  }
}
