#!/usr/bin/env node
// The command. Plain JavaScript, so that it can say what is missing when the rest is not there.

import { endsWithTerminal } from './first-signals.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`appserve needs Node.js 20.19 or newer; this is ${process.versions.node}\n`);
  process.exit(1);
}
const { main } = await import('../dist/main.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('dist')) throw error;
  process.stderr.write('appserve is not built here: run npm run build in its repository\n');
  process.exit(1);
});
// Not process.exit: what is still being written is written, and a process that was started may end.
process.exitCode = await main(process.argv.slice(2), endsWithTerminal);
// Timers, and servers of its own, that an app in this thread has left behind are not waited for.
const LEAVE_MS = 2_000;
setTimeout(() => process.exit(), LEAVE_MS).unref();
