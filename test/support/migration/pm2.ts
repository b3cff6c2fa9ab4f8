// migration/pm2.ts: pm2 (7.0.4): what an ecosystem file may say, by its lib/API/schema.json, and its commands.

import type { Peer } from './counterpart.ts';

export const PM2: Peer = {
  page: 'pm2.md',
  tables: {
    ecosystem: [
      [
        'script, exec, execute_command',
        '',
        "`use` of `[app:main]`, or `appserve './app.js#makeApp()'`: an export, not a program that listens.",
      ],
      [
        'name, name_prefix, namespace, append_env_to_name',
        '',
        'The unit of systemd has a name; several apps are several inis, or mounts of one.',
      ],
      ['instances', 'workers', '`max` is `auto`.'],
      [
        'exec_mode',
        'worker_class',
        '`cluster` is `process`; `thread` is cheaper and the default. A program that does not serve is not for appserve.',
      ],
      ['interpreter, exec_interpreter', '', 'Node; TypeScript is read as it is.'],
      ['node_args, interpreter_args', '', '`NODE_OPTIONS`; `heap_limit` and `stack_limit` for workers.'],
      ['args', '', 'Settings of `[app:main]`, and name=value on the command line.'],
      ['cwd', 'chdir', ''],
      [
        'env, env_*, filter_env',
        '',
        'Of the unit; an ini takes values by `%(env:NAME)s`. One ini for each environment, the common part by `config:`.',
      ],
      ['port, increment_var', 'socket', 'All workers share one socket; no worker has a port of its own.'],
      [
        'instance_var',
        '',
        '`threadId` of node:worker_threads tells workers apart; a worker that takes the place of another has a new one.',
      ],
      ['out_file', 'log', 'The access log. What an app prints stays on standard output.'],
      ['error_file', 'error_log', ''],
      ['log_file, merge_logs', 'error_log', 'One log for all workers, written by one thread.'],
      ['disable_logs', 'error_log', '`None`.'],
      ['log_type', 'log_format, access_log_format', '`json`.'],
      ['log_date_format, time', '[formatters]', '`datefmt`; the time always stands there.'],
      ['pid_file', 'pidfile', ''],
      ['uid, gid, user', 'user, group', 'After the sockets are open, for good.'],
      ['max_memory_restart', 'max_worker_memory', 'Of a worker. The next one serves before this one ends.'],
      ['cron_restart', 'max_worker_lifetime', 'An age rather than a time of day; or a timer of systemd that reloads.'],
      [
        'autorestart, restart_delay, exp_backoff_restart_delay',
        '',
        'A worker that ends is always replaced, with a growing pause where it goes on ending.',
      ],
      [
        'min_uptime, max_restarts, stop_exit_codes',
        '',
        'Ten in a row that serve nobody end the process with code 3; `Restart=` of the unit decides what then.',
      ],
      [
        'wait_ready, listen_timeout',
        '',
        'A worker is ready when the app is loaded and its `start()` has come back; there is no limit of time.',
      ],
      ['kill_timeout, kill_retry_time', 'graceful_timeout', '30 seconds rather than 1.6: requests under way are answered.'],
      ['shutdown_with_message', '', '`close()` of the app.'],
      ['treekill', '', '`KillMode=` of the unit.'],
      ['watch, watch_delay', '--reload', 'For development.'],
      ['ignore_watch, watch_options', 'reload_ignore, reload_dirs', 'Globs rather than regular expressions.'],
      ['source_map_support, disable_source_map_support', '', '`NODE_OPTIONS=--enable-source-maps`; TypeScript needs none.'],
      ['autostart, force', '', '`systemctl enable`.'],
      [
        'trace, disable_trace, deep_monitoring, event_loop_inspector, v8, pmx, automation, io',
        'metrics, control_socket',
        '[observability.md](../guide/observability.md); agents hook in by node:diagnostics_channel.',
      ],
      ['vizion, post_update, install_url, username, write', '', 'Of its daemon, or of deployment.'],
      ['windowsHide', '', 'Windows is not served.'],
    ],
    commands: [
      ['pm2 start', 'appserve serve', 'In the foreground: systemd, or a container, is the daemon.'],
      ['pm2 reload', 'appserve reload', 'Or SIGHUP. It ends when the new workers serve, or says why they do not.'],
      [
        'pm2 restart, pm2 delete, pm2 startup, pm2 save, pm2 resurrect',
        '',
        '`systemctl restart`, `disable`, `enable`: the service manager keeps the list.',
      ],
      ['pm2 stop', 'appserve stop', 'Or SIGTERM.'],
      ['pm2 scale', 'appserve scale', 'Or SIGTTIN and SIGTTOU.'],
      ['pm2 list, pm2 describe', 'appserve status', ''],
      ['pm2 monit', 'appserve top', 'And the status page of `metrics`.'],
      ['pm2 logs, pm2 flush, pm2 reloadLogs', 'error_log', 'journalctl, or files; SIGUSR1 opens them again.'],
      ['pm2 serve', '@appserve/parts#static', ''],
      ['pm2-runtime', 'appserve serve', 'In a container appserve itself is process 1.'],
    ],
  },
};
