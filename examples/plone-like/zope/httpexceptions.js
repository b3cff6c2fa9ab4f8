// A filter_app_factory: what an app throws on purpose becomes an answer.

export class NotFound extends Error {
  status = '404 Not Found';
}

export function httpexceptions(app) {
  return async (environ, startResponse) => {
    try {
      return await app(environ, startResponse);
    } catch (error) {
      if (error.status === undefined) throw error;
      startResponse(error.status, [['Content-Type', 'text/plain; charset=utf-8']], error);
      return [Buffer.from(`${error.message}\n`)];
    }
  };
}
