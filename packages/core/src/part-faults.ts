// part-faults.ts: what the stock parts say that no other app would.

import { app, config } from './fault-row.ts';

export const PART_FAULTS = {
  HASHES_UNSUPPORTED: config(
    'A file of users has hashes of a kind whose library is not there in a form that this machine can run.',
    (d: { kind: string; platform: string }) =>
      `the file of users has hashes of ${d.kind}, and @node-rs/${d.kind} has no binary for ${d.platform}`,
    () =>
      'install again, if this is another machine than the one that was installed on; else let the web server in front ask for passwords',
  ),
  HTPASSWD_INVALID: config(
    'A line of a file of users is no name with a bcrypt or argon2 hash. Other hashes of htpasswd can be guessed too quickly.',
    (d: { why: string }) => `the file of users has a line that is not right: ${d.why}`,
    () => 'write it with: htpasswd -B FILE NAME',
  ),
  HTPASSWD_UNREADABLE: config(
    'The file of users cannot be read.',
    (d: { path: string; why: string }) => `cannot read the users of ${d.path}: ${d.why}`,
    () => 'make it with: htpasswd -c -B FILE NAME',
  ),
  SESSION_TOO_LARGE: app(
    'What an app keeps in a session cookie is more than browsers store.',
    (d: { bytes: number; max: number }) => `the session cookie has ${d.bytes} bytes: browsers keep ${d.max}`,
    () => 'keep an id there, and the rest where the app keeps its data',
  ),
} as const;
