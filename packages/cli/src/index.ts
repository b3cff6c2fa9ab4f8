// The face of this package: the command as a function.

export { main } from './main.ts';
