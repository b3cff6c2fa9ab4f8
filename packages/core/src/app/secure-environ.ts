// app/secure-environ.ts: environs that do not show what they hold: gevent.pywsgi's SecureEnviron and WSGISecureEnviron. Cookies and
// credentials stand in an environ, and an environ soon stands in a log.
//
// Law: an app reads and writes as in any environ. Whoever prints one, by console.log, util.inspect, JSON or in a text, gets the keys
// of the whitelist with their values; of the others the names, or how many they are.

import { MASK } from '../mask.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** How util.inspect calls what is printed. */
type Inspect = (value: unknown, options: unknown) => string;

/** `environ_class = @appserve/core#SecureEnviron`. A class of one's own says `static override whitelistKeys = ['REQUEST_METHOD']`. */
export class SecureEnviron {
  /** False: it is printed as any other environ. */
  static secureRepr = true;
  /** What may be seen. */
  static whitelistKeys: readonly string[] = [];
  /** Whether the other keys are printed, with a mask for their values. */
  static printMaskedKeys = true;

  readonly #class: typeof SecureEnviron;

  constructor(environ: object) {
    this.#class = new.target;
    // As in every environ: `'constructor' in environ` is false (docs/decisions/0005-environ.md).
    if (Object.hasOwn(new.target.prototype, 'constructor')) Reflect.deleteProperty(new.target.prototype, 'constructor');
    Object.assign(this, environ);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { secureRepr, whitelistKeys, printMaskedKeys } = this.#class;
    const shown = Object.entries(this).flatMap(([key, value]): [string, unknown][] => {
      if (!secureRepr || whitelistKeys.includes(key)) return [[key, value]];
      return printMaskedKeys ? [[key, MASK]] : [];
    });
    return Object.fromEntries(shown);
  }

  [Symbol.toPrimitive](): string {
    return this.#told((shown) => JSON.stringify(shown));
  }

  [INSPECT](_depth: number, options: unknown, inspect: Inspect): string {
    return this.#told((shown) => inspect(shown, options));
  }

  /** `WSGISecureEnviron { REMOTE_ADDR: '192.0.2.7' } (hidden keys: 24)`; without a whitelist only how many keys there are. */
  #told(print: (shown: object) => string): string {
    const { name, secureRepr, whitelistKeys } = this.#class;
    const keys = Object.keys(this).length;
    if (secureRepr && whitelistKeys.length === 0) return `<${name} (keys: ${keys})>`;
    const shown = this.toJSON();
    const hidden = keys - Object.keys(shown).length;
    return `${name} ${print(shown)}${hidden === 0 ? '' : ` (hidden keys: ${hidden})`}`;
  }
}
Object.setPrototypeOf(SecureEnviron.prototype, null);

/** Shows where a request came from and to which host; its other keys are hidden. */
export class WSGISecureEnviron extends SecureEnviron {
  static override whitelistKeys: readonly string[] = ['REMOTE_ADDR', 'REMOTE_PORT', 'HTTP_HOST'];
  static override printMaskedKeys = false;
}
