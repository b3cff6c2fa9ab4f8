// Deno's arguments are Node's, since it has node:process.
import { fetchAnswer, PORT } from './answers.mjs';

Deno.serve({ port: PORT, hostname: '127.0.0.1', onListen: () => undefined }, fetchAnswer);
