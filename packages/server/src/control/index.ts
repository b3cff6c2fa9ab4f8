// The face of this folder, for commands and programs that speak to a server that runs. It brings no server with it.

export { ControlClient } from './client.ts';
export type { Report } from '../metrics/report.ts';
