// A filter_factory: a line for each request, in the manner of Apache.

export function translogger() {
  return (app) => (environ, startResponse) =>
    app(environ, (status, ...rest) => {
      const { REMOTE_ADDR, REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, SERVER_PROTOCOL } = environ;
      const request = `${REQUEST_METHOD} ${SCRIPT_NAME}${PATH_INFO} ${SERVER_PROTOCOL}`;
      console.log(`${REMOTE_ADDR} "${request}" ${status.slice(0, 3)}`);
      return startResponse(status, ...rest);
    });
}
