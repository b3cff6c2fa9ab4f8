// first-signals.js: what is said by signal before there is a server to hear it. Plain JavaScript, and imported before all else.
//
// Law: what is meant for a server does nothing to a process that is becoming one: SIGUSR1 would open Node's debugger, the others would end
// it, as a service manager does that sends them to all processes of a service. What shall end it does so; the server listens later.

import { constants } from 'node:os';

/** As the server has them (server/src/signals.ts). */
const MEANT_FOR_SERVERS = ['SIGHUP', 'SIGTTIN', 'SIGTTOU', 'SIGUSR1', 'SIGUSR2'];
const ENDS = ['SIGINT', 'SIGQUIT', 'SIGTERM'];

function nothing() {
  // There is no server yet.
}

for (const signal of MEANT_FOR_SERVERS) process.on(signal, nothing);

// Of process 1 the system lets those signals alone through that it listens to (pid_namespaces(7)).
if (process.pid === 1)
  for (const signal of ENDS)
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });

/** As other processes do, by SIGHUP. SIGUSR1 goes on doing nothing: there is no way back to the debugger. */
export function endsWithTerminal() {
  for (const signal of MEANT_FOR_SERVERS) if (signal !== 'SIGUSR1') process.off(signal, nothing);
}
