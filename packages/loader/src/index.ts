// The face of this package.

export {
  defineConfig,
  type AppSection,
  type Config,
  type ConfigValue,
  type FilterAppSection,
  type PipelineSection,
  type ServerSection,
} from './define-config.ts';
export { findConfig, type FoundConfig, type PassedOver } from './find.ts';
export { appConfig, loadApp, loadAppSource, loadServer, type AppConfig, type LoadOptions } from './load.ts';
