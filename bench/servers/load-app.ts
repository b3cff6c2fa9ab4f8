// load-app.ts: a process that loads the app of an ini and says, as JSON, what that took: from its own first line, and in CPU time
// from its birth.

import { loadApp } from '@appserve/loader';

await loadApp(process.argv[2]!);
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ cpuMs: (user + system) / 1_000, wallMs: performance.now() }));
