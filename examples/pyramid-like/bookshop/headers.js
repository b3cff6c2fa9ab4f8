// A filter factory: every setting of its section is a header of every response.

export function headers(globalConf, settings) {
  const added = Object.entries(settings);
  return (app) => (environ, startResponse) =>
    app(environ, (status, given, excInfo) => startResponse(status, [...given, ...added], excInfo));
}
