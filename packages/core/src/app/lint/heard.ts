// lint/heard.ts: promises that an app may leave alone.

/** As the server does: who does not await what he asked for is not made to end his worker by it. */
export function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
