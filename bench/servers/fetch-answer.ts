// What all servers of fetch apps serve: the same function, with the Response that is global there.

export function fetchAnswer(request: Request): Response | Promise<Response> {
  return request.method === 'POST'
    ? request.text().then((body) => new Response(String(body.length)))
    : new Response('Hello, world!', { headers: { 'Content-Type': 'text/plain', 'X-App': 'bench' } });
}
