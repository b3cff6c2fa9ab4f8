// tls-faults.ts: TLS that cannot be: what was given does not fit together, or cannot be read.

import { start } from './fault-row.ts';

export const TLS_FAULTS = {
  TLS_NOT_SPOKEN: start(
    'A server was asked to listen with TLS, and speaks a protocol that has none: FastCGI.',
    () => 'there is no TLS for what this server speaks',
    () => 'leave tls out, or serve HTTP',
  ),
} as const;
