// A fetch app that keeps nothing between requests: any pod may answer the next one.

export function makeApp() {
  return (request) =>
    new URL(request.url).pathname === '/'
      ? new Response('Hello from a pod!\n')
      : new Response('There is nothing here.\n', { status: 404 });
}
