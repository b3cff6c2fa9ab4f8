// The shortest script: hello from two workers. The argument is where it listens.

import { serve } from '@appserve/server';

await serve(() => new Response('Hello, world!'), { socket: process.argv[2]!, workers: 2, logLevel: 'warn' });
