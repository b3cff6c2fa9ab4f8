// A gateway app that tells what reaches it through nginx: the same app would be served over HTTP.

export function makeApp() {
  return async (environ, startResponse) => {
    const { REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, REMOTE_ADDR } = environ;
    const body = await environ['wsgi.input'].read();
    const lines = [
      `${REQUEST_METHOD} ${PATH_INFO} of the app at "${SCRIPT_NAME}"`,
      `query "${QUERY_STRING}", ${body.length} bytes of body`,
      `from ${REMOTE_ADDR}`,
    ];
    environ['wsgi.errors'].write(`${REQUEST_METHOD} ${PATH_INFO}\n`);
    startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']]);
    // PATH_INFO has one char for each byte.
    return [Buffer.from(`${lines.join('\n')}\n`, 'latin1')];
  };
}
