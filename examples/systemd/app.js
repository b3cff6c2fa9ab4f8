// A fetch app. By the time that it runs in a worker, the sockets are taken and the variables of systemd are gone.

export function makeApp() {
  return (request) => {
    const seen = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_') || name === 'NOTIFY_SOCKET');
    return new URL(request.url).pathname === '/variables' ? Response.json(seen) : new Response('Hello from behind systemd!\n');
  };
}
