// own-section.ts: [appserve] of a configuration: what is for this command, and neither for the app nor for the server.

import type { KnownKeys } from '@appserve/loader';

export const KNOWN_KEYS: KnownKeys = { appserve: ['watch_files', 'ignore_files', 'open_url'] };
