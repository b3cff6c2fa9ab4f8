// connection/server-names.ts: which certificate for which name that a client asks for (SNI, RFC 6066 §3).
//
// Law: names are equal whatever their case, and with or without a dot at their end (CVE-2026-48928). `*.example.org` stands for one label
// (RFC 9525 §6.3), and a name that stands there as it is goes before it.

export class ServerNames<T> {
  readonly #exact = new Map<string, T>();
  readonly #wildcards = new Map<string, T>();

  /** The first of several for one name stays. */
  add(host: string, value: T): void {
    const name = normalName(host);
    const isWildcard = name.startsWith('*.');
    const names = isWildcard ? this.#wildcards : this.#exact;
    const key = isWildcard ? name.slice(2) : name;
    if (!names.has(key)) names.set(key, value);
  }

  /** Nothing for a name that nobody has added. Whatever the client sends, it does not throw. */
  find(servername: string): T | undefined {
    const name = normalName(servername);
    const dot = name.indexOf('.');
    return this.#exact.get(name) ?? (dot > 0 ? this.#wildcards.get(name.slice(dot + 1)) : undefined);
  }
}

function normalName(host: string): string {
  const name = host.toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
