// A gateway app that tells who asks, and sends back what comes on a WebSocket.

export function makeApp() {
  return async (environ, startResponse) => {
    const upgrade = environ['appserve.websocket'];
    if (upgrade !== undefined) return upgrade(startResponse, { message: (socket, message) => socket.send(message) });
    const { REQUEST_METHOD, PATH_INFO, REMOTE_ADDR, HTTP_HOST } = environ;
    const body = await environ['wsgi.input'].read();
    const lines = [
      `${REQUEST_METHOD} ${PATH_INFO} with ${body.length} bytes`,
      `from ${REMOTE_ADDR}, to ${environ['wsgi.url_scheme']}://${HTTP_HOST}`,
    ];
    startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']]);
    // PATH_INFO has one char for each byte.
    return [Buffer.from(`${lines.join('\n')}\n`, 'latin1')];
  };
}
