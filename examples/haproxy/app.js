// A gateway app that says which instance answers, and who asks.

export function makeApp(globalConf, { instance }) {
  return async (environ, startResponse) => {
    const { REQUEST_METHOD, REMOTE_ADDR } = environ;
    const scheme = environ['wsgi.url_scheme'];
    const body = await environ['wsgi.input'].read();
    startResponse('200 OK', [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['X-Instance', instance],
    ]);
    return [Buffer.from(`${REQUEST_METHOD} with ${body.length} bytes from ${REMOTE_ADDR} over ${scheme}\n`)];
  };
}
