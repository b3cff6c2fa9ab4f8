// A fetch app: a Request comes in, a Response goes out, as in browsers and on the edge.

export function makeApp(globalConf, { greeting = 'Hello' }) {
  return {
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === '/') {
        return Response.json({ greeting: `${greeting}, ${searchParams.get('name') ?? 'world'}!` });
      }
      if (pathname === '/echo' && request.method === 'POST') {
        // Not read here: it passes through piece by piece, at the pace of whoever reads the answer.
        return new Response(request.body, { headers: { 'Content-Type': request.headers.get('Content-Type') ?? 'text/plain' } });
      }
      return new Response('There is nothing here.\n', { status: 404 });
    },
  };
}
