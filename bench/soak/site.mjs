// Three apps that answer alike, one in each contract, and a WebSocket that says what it hears.

const PIECE = Buffer.alloc(16_384, 'x');
const PIECES = 64;

/** A mebibyte, piece by piece. */
async function* mebibyte() {
  for (let count = 0; count < PIECES; count += 1) yield PIECE;
}

export const gateway = () => async (environ, startResponse) => {
  if (environ.PATH_INFO === '/mib') {
    startResponse('200 OK', [['Content-Type', 'application/octet-stream']]);
    return mebibyte();
  }
  const body = await environ['wsgi.input'].read();
  const answer = environ.REQUEST_METHOD === 'POST' ? body : Buffer.from(environ.QUERY_STRING);
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(answer.length)],
  ]);
  return [answer];
};

export const fetching = () => ({
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    if (pathname.endsWith('/mib')) return new Response(ReadableStream.from(mebibyte()));
    return new Response(request.method === 'POST' ? await request.arrayBuffer() : search.slice(1));
  },
});

export const node = () => (request, response) => {
  const { pathname, search } = new URL(request.url, 'http://soak');
  if (pathname.endsWith('/mib')) {
    void (async () => {
      for await (const piece of mebibyte()) {
        if (response.destroyed) return;
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      }
      response.end();
    })();
  } else if (request.method === 'POST') {
    request.pipe(response);
  } else {
    response.end(search.slice(1));
  }
};

export const echo = () => ({ message: (socket, message) => socket.send(message) });
