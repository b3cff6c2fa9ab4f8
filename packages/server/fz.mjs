import { createHttpServer } from '@appserve/server';
import Fastify from 'fastify'; import http from 'node:http';
const app = Fastify(); app.get('/', async (q, reply) => reply.type('text/plain').send('Hello'));
await app.ready();
console.log(app.routing.length, typeof app.routing);
const s = await createHttpServer(process.argv[2]==='plain' ? Object.assign((req,res)=>{ console.log('call'); app.routing(req,res); console.log('sync', res.finished, res.writableEnded) },{}) : app, {});
const {port} = await s.listen('127.0.0.1:0');
const r = http.get({port}, (res) => { console.log(res.statusCode); process.exit() }); setTimeout(()=>process.exit(),1500);
