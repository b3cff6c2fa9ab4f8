// The peer: @hono/node-server with the same app. It puts a Response of its own in the place of the global one.

import { serve } from '@hono/node-server';
import { fetchAnswer } from './fetch-answer.ts';

serve({ fetch: fetchAnswer, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));
