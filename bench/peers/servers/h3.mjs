import { H3, serve } from 'h3';
import { ANSWERS, PORT } from './answers.mjs';

const app = new H3();
for (const [path, text] of Object.entries(ANSWERS)) app.get(path, () => text);
serve(app, { port: PORT, hostname: '127.0.0.1', silent: true });
