// The face of core: what every other package and every app factory may lean on.

export { booleanOf } from './boolean-word.ts';
export { appErrorOf, causesOf, stackText } from './causes.ts';
export type { ExportRef } from './export-ref.ts';
export { fromErrorRecord, toErrorRecord, type ErrorRecord } from './fault-record.ts';
export {
  Fault,
  FaultList,
  faultRows,
  throwFaults,
  type Blame,
  type FaultCode,
  type FaultContext,
  type FaultDetails,
  type OptionWord,
} from './faults.ts';
export { Faults, gather } from './gather.ts';
export { MASK } from './mask.ts';
export { nameOf } from './name-of.ts';
export { nearest, orList, someOf } from './nearest.ts';
export { paintOf, wantsColour, type Paint } from './paint.ts';
export { formatPlace, type Place } from './place.ts';
export type { Warning } from './warning.ts';
export { listenToReads, tellRead, type ReadListener } from './reads.ts';
