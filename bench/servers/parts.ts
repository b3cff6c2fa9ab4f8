// The files of a folder, by `SERVER FOLDER`: the part `static` as an ini has it, or express with send.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadApp } from '@appserve/loader';
import { createHttpServer } from '@appserve/server';

const SERVERS: Readonly<Record<string, (folder: string) => Promise<number>>> = {
  appserve: async (folder) => {
    const app = await loadApp(`${folder}/site.ini`);
    const server = await createHttpServer(app, { logLevel: 'warn' });
    const address = await server.listen('127.0.0.1:0');
    return address.type === 'tcp' ? address.port : 0;
  },
  express: async (folder) => {
    const { default: express } = await import('express');
    const app = express();
    app.use(express.static(`${folder}/public`, { maxAge: '1h' }));
    const server = http.createServer(app);
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
};

const [name = 'appserve', folder = '.'] = process.argv.slice(2);
console.log(await SERVERS[name]!(folder));
