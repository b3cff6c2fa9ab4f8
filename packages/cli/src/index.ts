// The face of this package: the command as a function, its tables, and how it ends.

export { parseArguments } from './args.ts';
export { COMMANDS } from './commands.ts';
export { EXIT_CODES } from './exit-codes.ts';
export { main } from './main.ts';
