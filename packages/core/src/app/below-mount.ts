// app/below-mount.ts: the url of a request that a mount has taken the path of: `/m?a=1` where an app stands at `/m`.
//
// PEP 3333 leaves an empty path there. Connect and Express put a slash in its place, which is what every framework looks for in its
// routes, and keep what was sent in originalUrl: so nothing is lost.

/** As Connect and Express say it to who is mounted; what node:http makes has neither of the two below. */
export interface MountedRequest {
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
  readonly baseUrl?: string | undefined;
}

/** `` -> `/`, `?a=1` -> `/?a=1`; all else as it is. */
export function withSlash(url: string): string {
  return url === '' || url.startsWith('?') ? `/${url}` : url;
}

/** The url, without that slash where the client has not sent it. */
export function urlBelowMount({ url = '/', originalUrl, baseUrl = '' }: MountedRequest): string {
  const sent = url.slice(1);
  return baseUrl !== '' && withSlash(sent) === url && originalUrl === baseUrl + sent ? sent : url;
}
