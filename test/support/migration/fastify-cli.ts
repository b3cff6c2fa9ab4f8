// migration/fastify-cli.ts: fastify-cli (8.0.2), by its args.js, and node:cluster.

import type { Peer } from './counterpart.ts';

export const FASTIFY_CLI: Peer = {
  page: 'fastify-cli.md',
  tables: {
    fastify: [
      ['--port, --address', 'socket, --port, --host', "Or the second word: `appserve './app.js#makeApp()' 3000`."],
      ['--socket', 'socket, socket_mode', 'A path.'],
      ['--watch', '--reload', 'The same process and the same socket; no request fails while it loads.'],
      ['--ignore-watch', 'reload_ignore', 'Globs.'],
      ['--follow-watch', 'reload_dirs', 'What is imported is watched without being named.'],
      ['--verbose-watch', '', 'Each change is said with its file.'],
      ['--log-level', 'log_level', 'Of the server and of the loggers of the ini; a logger of Fastify has its own.'],
      ['--pretty-logs', 'log_format', '`pretty`; on a terminal of itself.'],
      ['--logging-module', '[loggers]', 'Or hand Fastify a logger of ours: `loggerInstance: getLogger(...)`.'],
      ['--options', '', 'The factory makes its own Fastify: `Fastify({ ... })`.'],
      ['--body-limit', 'max_body_size', 'Fastify keeps its own `bodyLimit` as well.'],
      ['--prefix', '@appserve/parts#urlmap', 'Or `register(plugin, { prefix })` in the factory.'],
      ['--plugin-timeout', '', '`pluginTimeout` of Fastify. That the app still loads is said in the log every ten seconds.'],
      ['--close-grace-delay', 'graceful_timeout', '30 seconds rather than 500 ms.'],
      [
        '--trust-proxy-enabled, --trust-proxy-ips, --trust-proxy-hop',
        '@appserve/parts#proxy_headers',
        'Or `trustProxy` of Fastify: one of them, not both.',
      ],
      ['--require, --import', '', '`NODE_OPTIONS`, or an import at the head of the module of the app.'],
      ['--config', '', 'The ini, or a configuration in YAML, JSON or JavaScript: [finding.md](../guide/finding.md).'],
      ['--debug, --debug-port, --debug-host, --inspect-port', 'worker_class', '`node --inspect` and `worker_class = inline`.'],
      ['--lang, --standardlint', 'appserve init', 'Of `fastify generate`; templates are in TypeScript.'],
      ['--yaml', '', 'Of `fastify generate-swagger`, which goes on working beside it.'],
      ['--method, --common-prefix, --include-hooks', '', 'Of `fastify print-routes`, which goes on working beside it.'],
      ['--help', '--help', ''],
    ],
    cluster: [
      ['cluster.fork()', 'workers, worker_class', 'Threads; `worker_class = process` are processes.'],
      [
        'schedulingPolicy',
        'dispatch',
        '`SCHED_RR` is `balanced`, which also looks at who has least to do; `SCHED_NONE` is `shared`.',
      ],
      ["cluster.on('exit')", '', 'A worker that ends is replaced, with a growing pause where it goes on ending.'],
      ['worker.disconnect(), worker.kill()', 'appserve scale, graceful_timeout', 'SIGTTOU is one worker less.'],
      ['setupPrimary: exec, args, execArgv', '', '`use` names the app; flags of Node are those of the process.'],
      ['setupPrimary: uid, gid', 'user, group', 'For the whole process, after its sockets are open.'],
      ['setupPrimary: cwd', 'chdir', ''],
      ['setupPrimary: silent, stdio', 'error_log', ''],
      ['setupPrimary: inspectPort', '', '`node --inspect` and `worker_class = inline`.'],
      ['setupPrimary: serialization, windowsHide', '', 'Apps send no messages to the main thread; Windows is not served.'],
      ['worker.send(), process.send()', '', 'Apps of several workers share what they have outside of them: a database, a cache.'],
      ['worker.id', '', '`threadId` of node:worker_threads; a worker that takes the place of another has a new one.'],
    ],
  },
};
