import express from 'express';
import { ANSWERS, PORT } from './answers.mjs';

const app = express();
for (const [path, text] of Object.entries(ANSWERS)) app.get(path, (_request, response) => response.type('text').send(text));
app.listen(PORT, '127.0.0.1').keepAliveTimeout = 60_000;
