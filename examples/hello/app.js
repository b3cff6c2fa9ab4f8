// A gateway app: PEP 3333 for JavaScript. The ini names `makeApp`, which is called once in every worker.

export function makeApp(globalConf, settings) {
  const greeting = Buffer.from(`${settings.greeting ?? 'Hello, world!'}\n`);

  return function app(environ, startResponse) {
    switch (environ.PATH_INFO) {
      case '/':
        startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']]);
        return [greeting];
      case '/exit':
        // What no app should do: it ends the worker. Another one takes its place.
        process.exit(3);
      case '/throw':
        // Nor this: an error that nobody can catch. The worker ends, the server goes on.
        setImmediate(() => {
          throw new Error('thrown where nobody listens');
        });
        startResponse('202 Accepted', [['Content-Type', 'text/plain; charset=utf-8']]);
        return [Buffer.from('this worker is about to crash\n')];
      default:
        startResponse('404 Not Found', [['Content-Type', 'text/plain; charset=utf-8']]);
        return [Buffer.from('There is nothing here.\n')];
    }
  };
}
