// recipes/instance-options.ts: the options of an instance; docs/guide/generation.md prints the table.

interface InstanceOption {
  /** What it is when it is left out. */
  readonly default: string;
  readonly means: string;
  /** It is a setting of the app, with _ for -. */
  readonly isPassedToApp?: true;
}

const passed = (means: string): InstanceOption => ({ default: '', means, isPassedToApp: true });

export const INSTANCE_OPTIONS: Readonly<Record<string, InstanceOption>> = {
  app: { default: '', means: 'what `use` of the app says: `pkg#main`, `./app.js#main`. Needed where there is no template' },
  'app-name': { default: 'app', means: 'what the app is called in the pipeline' },
  'http-address': {
    default: '0.0.0.0:8080',
    means: 'where to listen: a port, `host:port`, `unix:path`, `systemd:NAME`; several with blanks between',
  },
  workers: { default: '4', means: 'how many workers' },
  threads: { default: '4', means: 'the same, as Zope calls it' },
  'max-request-body-size': { default: '1073741824', means: 'the largest body of a request, in bytes' },
  pipeline: {
    default: '',
    means: 'filters in front of the app, one a line; the app is put behind them where it is not among them',
  },
  'server.NAME': { default: '', means: 'any setting of `[server:main]`: wins over all above' },
  'app.NAME': { default: '', means: 'any setting of the app' },
  'filter.FILTER.NAME': { default: '', means: 'any setting of `[filter:FILTER]`, `use` among them' },
  'global.NAME': { default: '', means: 'a line of `[DEFAULT]`' },
  'ini-additional': { default: '', means: 'further lines of the ini, as they stand' },
  'wsgi-ini-template': { default: '', means: 'a template of the whole ini' },
  'wsgi-logging-ini-template': { default: '', means: 'a template of its logging sections' },
  'environment-vars': { default: '', means: 'variables of the environment, `NAME value` on each line; the script sets them' },
  'control-script': { default: 'the name of the part', means: 'what the script in bin is called' },
  check: { default: 'load', means: '`parse`: the ini is not loaded before it is written, only read' },
  var: { default: 'var', means: 'the folder of `log/`' },
  'event-log': { default: 'var/log/NAME.log', means: 'the log of events; `disable` for none' },
  'event-log-level': { default: 'INFO', means: 'how much of it' },
  'event-log-handler': {
    default: 'FileHandler',
    means: 'what writes it; `event-log-args` (where `{}` is the file) and `event-log-kwargs` are its arguments',
  },
  'access-log': { default: 'var/log/NAME-access.log', means: 'the log of requests, also as `z2-log`; `disable` for none' },
  'access-log-level': { default: 'INFO', means: 'how much of it, also as `z2-log-level`' },
  'access-log-handler': { default: 'FileHandler', means: 'as above, with `access-log-args` and `access-log-kwargs`' },
  'zope-conf': passed('a setting of the app, `zope_conf`'),
  'file-storage': passed('a setting of the app, `file_storage`'),
  'blob-storage': passed('a setting of the app, `blob_storage`'),
  'zeo-address': passed('a setting of the app, `zeo_address`'),
  'zodb-cache-size': passed('a setting of the app, `zodb_cache_size`'),
  'zodb-cache-size-bytes': passed('a setting of the app, `zodb_cache_size_bytes`'),
  'debug-mode': passed('a setting of the app, `debug_mode`'),
};

/** Options that Plone's recipe writes into zope.conf. */
export const PASSED_TO_APP: readonly string[] = Object.entries(INSTANCE_OPTIONS).flatMap(([key, row]) =>
  row.isPassedToApp === true ? [key] : [],
);
