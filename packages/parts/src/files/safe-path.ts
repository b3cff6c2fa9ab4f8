// files/safe-path.ts: which file below a folder a path means: a machine.
//
// Law: a path is decoded once, by the server; what has two readings on any platform means no file. Nothing is resolved here: a segment is
// the name of a file or a folder, or the path is refused.

export interface SafePath {
  readonly segments: readonly string[];
  /** It ends with a slash: a folder is meant. */
  readonly isFolder: boolean;
  /** A segment begins with a dot, and is not `.well-known` at the beginning (RFC 8615). */
  readonly hasDotfile: boolean;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Control characters, DEL and what Windows takes for a separator, a drive or a stream of a file. */
// oxlint-disable-next-line no-control-regex
const NOT_IN_NAME = /[\u0000-\u001f\u007f\\:]/;

/** `path`: PATH_INFO, whose chars are bytes. Nothing where it means no file. */
export function safePath(path: string): SafePath | undefined {
  const text = textOf(path);
  if (text === undefined || !text.startsWith('/') || NOT_IN_NAME.test(text)) return undefined;
  const segments = text.slice(1).split('/');
  const isFolder = segments.at(-1) === '';
  if (isFolder) segments.pop();
  if (segments.some(isNoName)) return undefined;
  return { segments, isFolder, hasDotfile: hasDotfile(segments) };
}

export function hasDotfile(segments: readonly string[]): boolean {
  return segments.some((name, at) => name.startsWith('.') && !(at === 0 && name === '.well-known'));
}

/** An empty segment is one slash too many; a dot or a blank at its end is not seen by Windows; 255 bytes are what file systems take. */
function isNoName(name: string): boolean {
  return name === '' || /^\.+$|[. ]$/.test(name) || Buffer.byteLength(name) > 255;
}

/** Nothing where the bytes are no UTF-8, such as the overlong %C0%AE. */
function textOf(carrier: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(carrier)) return carrier;
  try {
    return UTF_8.decode(Buffer.from(carrier, 'latin1'));
  } catch {
    return undefined;
  }
}
