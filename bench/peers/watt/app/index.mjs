// An http.Server, which Watt starts in each of its workers.

import { createServer } from 'node:http';
import { BYTES } from '../../servers/answers.mjs';

export function create() {
  return createServer((request, response) => {
    const bytes = BYTES[request.url];
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': bytes.length }).end(bytes);
  });
}
