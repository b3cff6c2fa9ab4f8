// The face of this package: the command as a function, and how it ends.

export { EXIT_CODES } from './exit-codes.ts';
export { main } from './main.ts';
