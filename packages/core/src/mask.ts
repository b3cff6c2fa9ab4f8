// mask.ts: what stands in messages and listings for a value that nobody shall read.

export const MASK = '********';
