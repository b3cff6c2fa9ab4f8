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
export type { Context, FactoryContext, WrappedContext } from './context.ts';
export {
  appConfig,
  loadApp,
  brokenAppSource,
  loadAppSource,
  loadFilter,
  loadLivingApp,
  loadPlan,
  loadPlans,
  loadServer,
  loadServerSettings,
  type AppConfig,
} from './load.ts';
export { describeOptions, type FactoryOptions } from './describe-options.ts';
export type { LoadOptions } from './open.ts';
export { getSections, getSettings, setupLogging, type LoggingSections } from './sections.ts';
export type { Setting } from './setting.ts';
export { parseUri, type ConfigUri } from './uri.ts';
