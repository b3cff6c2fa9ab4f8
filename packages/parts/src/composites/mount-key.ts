// composites/mount-key.ts: how a urlmap writes where an app stands: `/blog`, `http://example.com/blog`, `domain example.com port 80 /blog`.
//
// Source: paste.urlmap, parse_path_expression and URLMap.normalize_url. A ConfigParser ends a key at a colon, so an ini has the third
// form for what JSON and YAML may write as the second.

export interface Mount {
  /** In lower case, perhaps with a port; nothing for all hosts. */
  readonly host: string | undefined;
  /** As PATH_INFO has it, whose chars are bytes; without a slash at its end: empty for the root. */
  readonly path: string;
}

/** Nothing where it is none of the three forms. */
export function mountOf(key: string): Mount | undefined {
  const words = key.split(/\s+/).filter((word) => word !== '');
  if (words.length === 1) return mountOfUrl(words[0]!);
  let [host, port, path]: (string | undefined)[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [word, next] = [words[at]!, words[at + 1]];
    if (word === 'domain' && host === undefined && next !== undefined) host = words[(at += 1)];
    else if (word === 'port' && port === undefined && next !== undefined) port = words[(at += 1)];
    else if (path === undefined && word.startsWith('/')) path = word;
    else return undefined;
  }
  return host === undefined ? undefined : placed(port === undefined ? host : `${host}:${port}`, path ?? '');
}

function mountOfUrl(url: string): Mount | undefined {
  if (url.startsWith('/')) return placed(undefined, url);
  const [, host, path = ''] = /^https?:\/\/([^/]+)(\/.*)?$/.exec(url) ?? [];
  return host === undefined ? undefined : placed(host, path);
}

/** What somebody means who leaves the slash out, or writes a URL where a key ends at its colon: `http` with `//a.test/b = app` beside it. */
export function meantBy(key: string, value: unknown): string | undefined {
  if (/^https?$/i.test(key)) {
    const [, host, path] = /^\/\/([^/\s=]+)(\/[^\s=]*)?\s*=/.exec(String(value)) ?? [];
    const [name, port] = host?.split(/:(?=[0-9]+$)/) ?? [];
    const meant = `domain ${name}${port === undefined ? '' : ` port ${port}`} ${path ?? '/'}`;
    return name !== undefined && mountOf(meant) !== undefined ? meant : undefined;
  }
  return /^\w[^\s:]*\/?$/.test(key) ? `/${key}` : undefined;
}

const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

function placed(host: string | undefined, path: string): Mount | undefined {
  const name = host?.toLowerCase();
  if (name !== undefined && !HOST.test(name)) return undefined;
  const bytes = Buffer.from(withoutRepeats(path).replace(/\/$/, '')).toString('latin1');
  return { host: name, path: bytes };
}

/** Paste takes several slashes for one. */
export function withoutRepeats(path: string): string {
  return path.includes('//') ? path.replaceAll(/\/{2,}/g, '/') : path;
}
