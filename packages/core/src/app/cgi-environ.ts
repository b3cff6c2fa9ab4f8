// app/cgi-environ.ts: the environ of a gateway app behind a web server: its variables as they are, and the wsgi.* keys of PEP 3333.

import type { CgiFacts, Exchange } from '../exchange/exchange.ts';
import { gatewayKeys, NoPrototype, ofClass, type Environ, type ErrorStream, type GatewayServer } from './environ.ts';
import { joinValues } from './join-values.ts';

/** `wsgi.errors` goes to the log of the web server; once the answer is complete, to ours. */
class CgiErrors implements ErrorStream {
  readonly #cgi: CgiFacts;
  readonly #late: ErrorStream;

  constructor(cgi: CgiFacts, late: ErrorStream) {
    this.#cgi = cgi;
    this.#late = late;
  }

  write(text: string): void {
    if (!this.#cgi.complain(text)) this.#late.write(text);
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    this.#late.flush();
  }
}

export function errorsOf(cgi: CgiFacts, late: ErrorStream): ErrorStream {
  return new CgiErrors(cgi, late);
}

interface CgiEnvironConstructor {
  new (exchange: Exchange, cgi: CgiFacts, server: GatewayServer): Environ;
}

/** A function, as environ.ts says why. What PEP 3333 and CGI want to be there is there, whatever the web server leaves out. */
const CgiEnvironObject = function (this: Environ, exchange: Exchange, cgi: CgiFacts, server: GatewayServer): void {
  this.REQUEST_METHOD = exchange.head.method;
  this.SCRIPT_NAME = '';
  this.PATH_INFO = '';
  this.QUERY_STRING = '';
  this.RAW_URI = '';
  this.SERVER_NAME = 'localhost';
  this.SERVER_PORT = '80';
  this.SERVER_PROTOCOL = 'HTTP/1.0';
  this.SERVER_SOFTWARE = server.software;
  this.GATEWAY_INTERFACE = 'CGI/1.1';
  this.REMOTE_ADDR = '';
  this.REMOTE_PORT = '';
  gatewayKeys(this, exchange, server, errorsOf(cgi, server.errors));
} as unknown as CgiEnvironConstructor;
(CgiEnvironObject as unknown as { prototype: object }).prototype = NoPrototype;

export function makeCgiEnviron(exchange: Exchange, cgi: CgiFacts, server: GatewayServer): Environ {
  const environ = new CgiEnvironObject(exchange, cgi, server);
  const { variables } = cgi;
  for (let at = 0; at < variables.length; at += 1) {
    const { name, value, isField } = variables[at]!;
    // Lines of one field are joined, as HTTP has it; of other variables the last one counts, as programs see it.
    const before = isField ? environ[name] : undefined;
    environ[name] = before === undefined ? value : joinValues(name, before as string, value);
  }
  environ.RAW_URI = exchange.head.target;
  return ofClass(environ, server);
}
