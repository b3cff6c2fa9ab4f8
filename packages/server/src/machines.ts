// machines.ts: the machines of this package, its pure words, and what looks at a worker from outside, for tests and for embedders.
// Nothing here starts a thread or opens a socket.

export { formatAddress, parseAddress, repeatedAddress, urlOf } from './listen/address.ts';
export { chosen, readPassedSockets, type PassedSocket } from './listen/passed-sockets.ts';
export { readTestament, type Testament } from './listen/heirlooms.ts';
export { addressOfName } from './listen/socket-name.ts';
export { deadlineOf, nextLookOf, overdue, type Overdue, type Timeouts, type Waiting } from './connection/deadlines.ts';
export { notifyAddress, readyMessage, reloadingMessage, statusMessage, watchdogMsOf } from './notify/messages.ts';
export { FIXED } from './crew-settings.ts';
export { programOf, type Started } from './process/program.ts';
export { isItsTurn, type Turn } from './process/turn.ts';
export { changeIdentity, type Change, type Identity, type Step } from './process/identity.ts';
export { whyPidfileInUse } from './process/pidfile.ts';
export { RequestQueue, type QueueLimits } from './connection/request-queue.ts';
export { TimerWheel, type Timed } from './connection/timer-wheel.ts';
export { CallsUnderWay, type Aged } from './connection/calls-under-way.ts';
export { describeError, formatRecord } from './log.ts';
export { SIGNALS } from './signals.ts';
export { choose, type Candidate } from './workers/balance.ts';
export { Claims, type Claim } from './workers/claims.ts';
export { newFleet, supervise, type Command, type Fleet, type FleetPhase, type Happening, type Member } from './workers/life.ts';
export type { MemberState, SpawnReason } from './workers/fleet.ts';
export { FLEET_MOVES, MEMBER_MOVES } from './workers/moves.ts';
export { describeHang } from './workers/hang.ts';
export { idleFor, type Idle, type Seen } from './workers/idle.ts';
export { findHung, lookEveryMs, newWatch, type Hung, type Pulse, type Watch } from './workers/heartbeat.ts';
export { jitterOf, shouldRecycle, type RecycleSettings, type Served } from './workers/recycle.ts';
export { resourceLimits } from './workers/resource-limits.ts';
export { COLUMNS, Row, Scoreboard, type Column, type Readings, type RequestUnderWay } from './workers/scoreboard.ts';
export { stackOf, type StackOf } from './workers/stack-of.ts';
export { binaryFrame, textFrame } from './websocket/frame.ts';
export { Keeper, type Care, type Quiet } from './websocket/keeper.ts';
export { Burst } from './development/burst.ts';
export { failureOf, type Failure } from './development/failure.ts';
export { failurePage } from './development/failure-html.ts';
export { failureText } from './development/failure-text.ts';
export { appFrames, markedPlace } from './development/stack.ts';
export { Renewals } from './workers/renewals.ts';
