// The same app without an ini: makeGatewayApp() takes the path of a YAML file.

import { fileURLToPath } from 'node:url';
import { serve } from '@appserve/server';
import { makeGatewayApp } from './mapproxy/app.js';

const application = await makeGatewayApp(fileURLToPath(new URL('mapproxy.yaml', import.meta.url)));
const server = await serve(application, `127.0.0.1:${process.env.PORT ?? 8080}`, 2);
console.log(`Maps on ${server.url}/demo/`);
