// mutations.ts: what is nearly right: an example with a few changes. By a number that grows one gets the same ones again.

/** A number below `below`, the next one of a row that depends on the seed alone (xorshift, Marsaglia 2003). */
export type Dice = (below: number) => number;

export function dice(seed: number): Dice {
  // Zero would stay zero; neighbours shall not resemble each other.
  let state = Math.imul(seed + 1, 0x9e37_79b1) || 1;
  const next = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  for (let time = 0; time < 4; time += 1) next(1);
  return next;
}

type Mutation = (bytes: Buffer, throwDice: Dice, pieces: readonly Buffer[], others: readonly Buffer[]) => Buffer;

/** From here to there, which may be nowhere. */
function range(bytes: Buffer, throwDice: Dice, longest: number): readonly [from: number, to: number] {
  const from = throwDice(bytes.length + 1);
  return [from, Math.min(bytes.length, from + throwDice(longest + 1))];
}

function put(bytes: Buffer, from: number, to: number, what: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), what, bytes.subarray(to)]);
}

const MUTATIONS: readonly Mutation[] = [
  /** A piece, put in or in the place of some bytes. */
  (bytes, throwDice, pieces) => {
    const [from, to] = range(bytes, throwDice, 4);
    return put(bytes, from, to, pieces[throwDice(pieces.length)]!);
  },
  /** Without some bytes. */
  (bytes, throwDice) => {
    const [from, to] = range(bytes, throwDice, 8);
    return put(bytes, from, to, Buffer.of());
  },
  /** One byte is another. */
  (bytes, throwDice) => {
    const [from, to] = range(bytes, throwDice, 1);
    return put(bytes, from, to, Buffer.of(throwDice(256)));
  },
  /** Some bytes twice. */
  (bytes, throwDice) => {
    const [from, to] = range(bytes, throwDice, 64);
    return put(bytes, to, to, bytes.subarray(from, to));
  },
  /** Cut off, and another example behind it. */
  (bytes, throwDice, _pieces, others) => {
    const from = throwDice(bytes.length + 1);
    return put(bytes, from, bytes.length, others[throwDice(others.length)]!);
  },
];

const CHANGES_MAX = 6;
const BYTES_MAX = 20_000;

/** The `nth` of all that are made of these. */
export function mutated(corpus: readonly Buffer[], pieces: readonly Buffer[], seed: number, nth: number): Buffer {
  const throwDice = dice(Math.imul(seed, 1_000_003) + nth);
  let bytes: Buffer = corpus[throwDice(corpus.length)]!;
  const changes = 1 + throwDice(CHANGES_MAX);
  for (let change = 0; change < changes; change += 1) {
    bytes = MUTATIONS[throwDice(MUTATIONS.length)]!(bytes, throwDice, pieces, corpus);
  }
  return bytes.subarray(0, BYTES_MAX);
}
