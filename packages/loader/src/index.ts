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
export { directAppSource, directLivingApp, parseDirect, type DirectApp } from './direct.ts';
export { configWarnings } from './config-warnings.ts';
export { checkConfig, type CheckedConfig, type CheckOptions } from './check-config.ts';
export {
  describeConfig,
  explainSetting,
  type DescribedSection,
  type DescribedSetting,
  type Explained,
} from './describe-config.ts';
export { describeGraph, type GraphEdge, type GraphNode } from './describe-graph.ts';
export { describeOptions, type FactoryOptions, type OptionRow } from './describe-options.ts';
export { checkKeys, type KnownKeys } from './known-keys.ts';
export { likelyPaths } from './likely-paths.ts';
export type { LoadOptions } from './open.ts';
export type { Said } from './said.ts';
export type { SaidLayer } from './said-by.ts';
export { getSections, getSettings, loadLogging, setupLogging, type LoggingSections } from './sections.ts';
export type { Setting } from './setting.ts';
export { parseUri, type ConfigUri } from './uri.ts';
