// The face of this package.

export { appConfig, loadApp, loadAppSource, loadServer, type AppConfig, type LoadOptions } from './load.ts';
