// app/secure-environ.ts: environs that do not show what they hold: gevent.pywsgi's SecureEnviron and WSGISecureEnviron. Cookies and
// credentials stand in an environ, and an environ soon stands in a log.
//
// Law: an app reads and writes as in any environ. Whoever prints one, by console.log, util.inspect, JSON or in a text, gets the keys
// of the whitelist with their values; of the others the names, or how many they are.

import { MASK } from '../mask.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** How util.inspect calls what is printed. */
type Inspect = (value: unknown, options: unknown) => string;

/**
 * By prototype, as the prototypes have no constructor. Not in a private field: a copy by Object.create and Object.assign, as filters and
 * composites make one, would not have it, and would fail to be printed.
 */
const classes = new WeakMap<object, typeof SecureEnviron>();

function classOf(environ: object): typeof SecureEnviron {
  for (let at = Object.getPrototypeOf(environ) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = classes.get(at);
    if (found !== undefined) return found;
  }
  return SecureEnviron;
}

/** `WSGISecureEnviron { REMOTE_ADDR: '192.0.2.7' } (hidden keys: 24)`; without a whitelist only how many keys there are. */
function told(environ: SecureEnviron, print: (shown: object) => string): string {
  const { name, secureRepr, whitelistKeys } = classOf(environ);
  const keys = Object.keys(environ).length;
  if (secureRepr && whitelistKeys.length === 0) return `<${name} (keys: ${keys})>`;
  const shown = environ.toJSON();
  const hidden = keys - Object.keys(shown).length;
  return `${name} ${print(shown)}${hidden === 0 ? '' : ` (hidden keys: ${hidden})`}`;
}

/** `environ_class = @appserve/core#SecureEnviron`. A class of one's own says `static override whitelistKeys = ['REQUEST_METHOD']`. */
export class SecureEnviron {
  /** False: it is printed as any other environ. */
  static secureRepr = true;
  /** What may be seen. */
  static whitelistKeys: readonly string[] = [];
  /** Whether the other keys are printed, with a mask for their values. */
  static printMaskedKeys = true;

  constructor(environ: object) {
    classes.set(new.target.prototype, new.target);
    // As in every environ: `'constructor' in environ` is false (docs/decisions/0005-environ.md).
    if (Object.hasOwn(new.target.prototype, 'constructor')) Reflect.deleteProperty(new.target.prototype, 'constructor');
    Object.assign(this, environ);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { secureRepr, whitelistKeys, printMaskedKeys } = classOf(this);
    const shown = Object.entries(this).flatMap(([key, value]): [string, unknown][] => {
      if (!secureRepr || whitelistKeys.includes(key)) return [[key, value]];
      return printMaskedKeys ? [[key, MASK]] : [];
    });
    return Object.fromEntries(shown);
  }

  [Symbol.toPrimitive](): string {
    return told(this, (shown) => JSON.stringify(shown));
  }

  [INSPECT](_depth: number, options: unknown, inspect: Inspect): string {
    return told(this, (shown) => inspect(shown, options));
  }
}
Object.setPrototypeOf(SecureEnviron.prototype, null);

/** Shows where a request came from and to which host; its other keys are hidden. */
export class WSGISecureEnviron extends SecureEnviron {
  static override whitelistKeys: readonly string[] = ['REMOTE_ADDR', 'REMOTE_PORT', 'HTTP_HOST'];
  static override printMaskedKeys = false;
}
