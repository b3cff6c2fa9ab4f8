// Bun.serve, run by Bun.

interface BunServer {
  readonly port: number;
}
declare const Bun: { serve(options: { hostname: string; port: number; fetch: () => Response }): BunServer };

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch: () => new Response('Hello, world!', { headers: { 'Content-Type': 'text/plain', 'X-App': 'bench' } }),
});
console.log(server.port);
