// app/light-fetch.ts: puts the light Response in the place of the global one, and where that needs it, a Request and a fetch() that know
// our lazy Requests.
//
// Law: only when it is asked for: it changes what all modules of a thread see.

import { lightResponse } from './light-response.ts';
import { nativeClasses } from './native-classes.ts';
import { makeLazy, nativeOf } from './request-of.ts';

/** Before any module of an app is loaded, which may keep what it finds. Again is as good as once. */
export function installLightFetch(): void {
  globalThis.Response = lightResponse();
  // With undici 6 a native Request is made of a lazy one without more ado.
  if (!makeLazy()) return;
  const nativeFetch = globalThis.fetch;
  globalThis.Request = requestOver(nativeClasses().Request);
  globalThis.fetch = (input, init) => nativeFetch(nativeOf(input), init);
}

function requestOver(NativeRequest: typeof Request): typeof Request {
  class LightRequest extends NativeRequest {
    constructor(input: ConstructorParameters<typeof Request>[0], init?: RequestInit) {
      super(nativeOf(input), init);
    }
  }
  Object.defineProperties(LightRequest, {
    name: { value: 'Request' },
    // One of a fetch app, or of another module that has kept the native class, is one too.
    [Symbol.hasInstance]: {
      value(this: unknown, value: unknown): boolean {
        return this === LightRequest ? value instanceof NativeRequest : Function.prototype[Symbol.hasInstance].call(this, value);
      },
    },
  });
  return LightRequest;
}
