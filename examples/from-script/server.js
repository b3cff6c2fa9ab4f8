// A server without an ini file. Each worker imports this file again and takes the application from the call of serve(); what
// stands behind the call runs in the main thread only.

import { serve } from '@appserve/server';

function application(environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']]);
  return [Buffer.from(`You asked for ${environ.PATH_INFO}.\n`)];
}

// PORT=0 takes any free port.
const server = await serve(application, `127.0.0.1:${process.env.PORT ?? 7878}`, 2);
console.log(`Ctrl-C ends the server on ${server.url}`);
