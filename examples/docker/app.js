// A fetch app that says what it runs as: process 1 of its container, and not root.

export function makeApp() {
  return (request) =>
    new URL(request.url).pathname === '/process'
      ? Response.json({ pid: process.pid, uid: process.getuid() })
      : new Response('Hello from a container!\n');
}
