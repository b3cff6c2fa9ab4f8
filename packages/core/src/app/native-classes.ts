// app/native-classes.ts: the Request and the Response of Node, whatever stands in their place by now.
//
// Law: nobody asks before there is a fetch app: the first look at them loads undici, which costs each worker 40 ms and 6 MB.

interface NativeClasses {
  readonly Request: typeof Request;
  readonly Response: typeof Response;
}

let known: NativeClasses | undefined;

export function nativeClasses(): NativeClasses {
  known ??= { Request: rootOf(globalThis.Request), Response: rootOf(globalThis.Response) };
  return known;
}

/** What others put there, @hono/node-server for one, is made from the native class, which is made from none. */
function rootOf<T extends object>(found: T): T {
  let root = found;
  for (let next: unknown = found; next !== Function.prototype; next = Object.getPrototypeOf(next)) root = next as T;
  return root;
}
