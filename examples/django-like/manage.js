// Serves the site without an ini. Each worker imports this file again.

import { serve } from '@appserve/server';
import { application } from './mysite/gateway.js';

const server = await serve(application, `127.0.0.1:${process.env.PORT ?? 8000}`);
console.log(`${process.env.DJANGO_SETTINGS_MODULE} on ${server.url}`);
