// A Socket.IO server as its own documentation makes one. The http.Server never listens: returned, it is a node app, whose requests and
// upgrades come from appserve.

import { createServer } from 'node:http';
import { Server } from 'socket.io';

export function makeApp(globalConf, { greeting = 'hello' }) {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.end('Socket.IO is at /socket.io/\n');
  });
  const io = new Server(server, { serveClient: false });
  io.on('connection', (socket) => {
    socket.emit('greeting', `${greeting} over ${socket.conn.transport.name}`);
    socket.on('say', (text, reply) => {
      io.emit('said', text);
      reply(text.length);
    });
  });
  return server;
}
