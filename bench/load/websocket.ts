// A program: `websocket.js PORT CONNECTIONS SECONDS`: sends 100 bytes on each WebSocket and waits for them, again and again; prints how
// often they have come back on all of them together.

import { openWebSocket, pingPong } from './websocket-client.ts';

const [port, connections, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const sockets = await Promise.all(Array.from({ length: connections }, () => openWebSocket(port)));
const untilMs = performance.now() + seconds * 1_000;
const echoes = await Promise.all(sockets.map((socket) => pingPong(socket, () => performance.now() < untilMs)));
console.log(echoes.reduce((sum, count) => sum + count, 0));
process.exit();
