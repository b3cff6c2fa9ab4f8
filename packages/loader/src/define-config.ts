// define-config.ts: the types of a configuration that is written in TypeScript.
//
//   export default defineConfig({ 'app:main': { use: './app.js#makeApp' }, 'server:main': { use: '@appserve/server#main' } });

/** What a key may have. A list is the lines of a value; what is no text becomes text, as the factories know it from an ini. */
export type ConfigValue = ConfigText | readonly ConfigText[];
type ConfigText = string | number | boolean;

/** Keys of the factory: whatever it knows. */
type Settings = Readonly<Record<string, ConfigValue>>;

interface Common {
  /** Distributions that must be installed. */
  readonly require?: ConfigValue;
  /** For this section and everything below it: the global `NAME` has this value. */
  readonly [set: `set ${string}`]: ConfigValue;
  /** The setting `NAME` has the value of the global that is named. */
  readonly [get: `get ${string}`]: string;
}

interface Used extends Common {
  /** What it is made of: `package#name`, `./file.js#name`, or the name of another section. */
  readonly use?: string;
}

interface Filtered extends Common {
  /** The filter that stands around it. */
  readonly 'filter-with'?: ConfigValue;
}

interface Chained extends Filtered {
  /** Filters and, last, the app that they stand around. */
  readonly pipeline: ConfigValue;
}

interface Following extends Used, Filtered {
  /** The app behind the filter. */
  readonly next?: string;
}

export type AppSection = Used & Filtered & Settings;
export type PipelineSection = Chained & Settings;
export type FilterAppSection = Following & Settings;
export type ServerSection = Used & Settings;

/** Sections by their names. `DEFAULT` has the global values, which every section can refer to as `%(name)s`. */
export interface Config {
  readonly DEFAULT?: Settings;
  readonly [app: `app:${string}` | `application:${string}`]: AppSection;
  readonly [composite: `composite:${string}` | `composit:${string}`]: AppSection;
  readonly [pipeline: `pipeline:${string}`]: PipelineSection;
  readonly [filterApp: `filter-app:${string}`]: FilterAppSection;
  readonly [filter: `filter:${string}`]: AppSection;
  readonly [server: `server:${string}`]: ServerSection;
}

/** Gives back what it is given: it is there for the types. */
export function defineConfig(config: Config): Config {
  return config;
}
