// machines.ts: the machines of this package and its pure words, for tests and for embedders. Nothing here starts a thread, opens
// a socket or sets a timer.

export { formatAddress, parseAddress, repeatedAddress, urlOf } from './listen/address.ts';
export { chosen, readPassedSockets, type PassedSocket } from './listen/passed-sockets.ts';
export { addressOfName } from './listen/socket-name.ts';
export { deadlineOf, nextLookOf, overdue, type Overdue, type Timeouts, type Waiting } from './connection/deadlines.ts';
export { notifyAddress, readyMessage, reloadingMessage, statusMessage, watchdogMsOf } from './notify/messages.ts';
export { changeIdentity, type Change, type Identity, type Step } from './process/identity.ts';
export { whyPidfileInUse } from './process/pidfile.ts';
export { RequestQueue, type QueueLimits } from './connection/request-queue.ts';
export { TimerWheel, type Timed } from './connection/timer-wheel.ts';
export { describeError, formatRecord } from './log.ts';
export {
  newFleet,
  supervise,
  type Command,
  type Fleet,
  type FleetPhase,
  type Happening,
  type Member,
  type MemberState,
} from './workers/life.ts';
