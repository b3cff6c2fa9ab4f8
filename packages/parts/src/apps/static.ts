// apps/static.ts: files of a folder.
//
// What is decided is decided by machines: `files/safe-path.ts` which file, `files/conditions.ts` and `files/range.ts` what of it,
// `accept-encoding.ts` in which coding. `files/file-store.ts` knows the disk.

import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '@appserve/core';
import {
  sentPath,
  type Environ,
  type GatewayApp,
  type GatewayResult,
  type GlobalConf,
  type HeaderList,
  type StartResponse,
} from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { bestCoding } from '../accept-encoding.ts';
import { rangeCounts, verdict } from '../files/conditions.ts';
import { CODINGS, FileStore, type Coding, type Found, type StoredFile } from '../files/file-store.ts';
import { fileSlice } from '../files/file-slice.ts';
import { rangeOf } from '../files/range.ts';
import { safePath } from '../files/safe-path.ts';
import { plainAnswer, refusedMethod } from '../plain-answer.ts';
import type { staticPart } from './static-part.ts';

type Settings = Settled<typeof staticPart.options>;
type Answer = GatewayResult | Promise<GatewayResult>;

/** An `app_factory`. Faults: OPTION_INVALID where there is no such folder, or the fallback is no path in it. */
export async function staticFiles(globalConf: GlobalConf, settings: Settings): Promise<GatewayApp> {
  const files = new StaticFiles(await rootOf(globalConf, settings), settings);
  return (environ, startResponse) => files.answer(environ, startResponse);
}

async function rootOf({ here = '.' }: GlobalConf, { documentRoot }: Settings): Promise<string> {
  const invalid = (cause?: unknown): Fault =>
    new Fault('OPTION_INVALID', { key: 'document_root', value: documentRoot, allowed: 'a folder that is there' }, { cause });
  const root = await realpath(resolve(here, documentRoot)).catch((error: unknown) => {
    throw invalid(error);
  });
  if (!(await stat(root)).isDirectory()) throw invalid();
  return root;
}

const CODING_NAMES = Object.keys(CODINGS) as readonly Coding[];
/** No `public`: a shared cache may keep them anyway, but not what a filter in front asks credentials for (RFC 9111 §3.5). */
const YEAR: HeaderList = [['Cache-Control', 'max-age=31536000, immutable']];

/** Whether the fallback is sent depends on it. */
const VARY_ACCEPT = ['Vary', 'Accept'] as const;

/** A file, and where the store has it. */
interface Chosen {
  readonly file: StoredFile;
  readonly segments: readonly string[];
}

class StaticFiles {
  readonly #store: FileStore;
  readonly #settings: Settings;
  readonly #cacheControl: HeaderList;
  readonly #fallback: readonly string[] | undefined;

  constructor(root: string, settings: Settings) {
    const { fallback, cacheMaxAgeMs } = settings;
    this.#store = new FileStore(root, settings);
    this.#settings = settings;
    this.#cacheControl = cacheMaxAgeMs === undefined ? [] : [['Cache-Control', `max-age=${Math.floor(cacheMaxAgeMs / 1_000)}`]];
    this.#fallback = fallback === undefined ? undefined : safePath(`/${fallback.replace(/^\//, '')}`)?.segments;
    if (fallback !== undefined && this.#fallback === undefined)
      throw new Fault('OPTION_INVALID', { key: 'fallback', value: fallback, allowed: 'the path of a file in the folder' });
  }

  answer(environ: Environ, startResponse: StartResponse): Answer {
    const path = environ.PATH_INFO === '' ? { segments: [], isFolder: false, hasDotfile: false } : safePath(environ.PATH_INFO);
    if (path === undefined) return plainAnswer(startResponse, 404);
    if (path.hasDotfile && this.#settings.dotfiles !== 'allow')
      return plainAnswer(startResponse, this.#settings.dotfiles === 'deny' ? 403 : 404);
    const { segments, isFolder } = path;
    // A slash behind a file means a folder, which is not there.
    if (isFolder) return this.#folder(segments, true, environ, startResponse);
    const found = this.#store.find(segments);
    if (found instanceof Promise) return found.then((later) => this.#found(later, segments, environ, startResponse));
    return this.#found(found, segments, environ, startResponse);
  }

  #found(found: Found, segments: readonly string[], environ: Environ, startResponse: StartResponse): Answer {
    if (found === 'forbidden') return plainAnswer(startResponse, 403);
    if (found === 'folder') return this.#folder(segments, false, environ, startResponse);
    if (found === undefined) return this.#missing(environ, startResponse);
    return this.#send({ file: found, segments }, environ, startResponse);
  }

  async #folder(
    segments: readonly string[],
    isFolder: boolean,
    environ: Environ,
    startResponse: StartResponse,
  ): Promise<GatewayResult> {
    for (const name of this.#settings.index) {
      const own = [...segments, name];
      const file = await this.#store.find(own);
      if (typeof file !== 'object') continue;
      if (isFolder) return this.#send({ file, segments: own }, environ, startResponse);
      return refusedMethod(environ, startResponse) ?? toFolder(environ, startResponse);
    }
    return this.#missing(environ, startResponse);
  }

  async #missing(environ: Environ, startResponse: StartResponse): Promise<GatewayResult> {
    if (this.#fallback === undefined) return plainAnswer(startResponse, 404);
    const file = isForPage(environ) ? await this.#store.find(this.#fallback) : undefined;
    if (typeof file !== 'object') return plainAnswer(startResponse, 404, [VARY_ACCEPT]);
    return this.#send({ file, segments: this.#fallback }, environ, (status, headers, excInfo) =>
      startResponse(status, [...headers, VARY_ACCEPT], excInfo),
    );
  }

  /** Whoever wants to do something else than read is told so by a file alone: a cascade asks its next app where there is none. */
  #send(chosen: Chosen, environ: Environ, startResponse: StartResponse): Answer {
    const refused = refusedMethod(environ, startResponse);
    if (refused !== undefined) return refused;
    const coding = codingFor(chosen.file, environ);
    const file = coding === undefined ? chosen.file : chosen.file.variants.get(coding)!;
    const headers = this.#headersOf(chosen, file);
    const judged = verdict(conditionsOf(environ), file);
    if (judged === 'failed') return plainAnswer(startResponse, 412);
    const cacheControl = this.#cacheControlOf(chosen.segments);
    if (judged === 'not modified') {
      startResponse('304 Not Modified', [...headers, ...cacheControl]);
      return [];
    }
    headers.push(['Accept-Ranges', 'bytes']);
    const isHead = environ.REQUEST_METHOD === 'HEAD';
    const range = isHead ? undefined : rangeFor(file, environ);
    if (range === 'unsatisfiable')
      return plainAnswer(startResponse, 416, [...headers, ['Content-Range', `bytes */${file.size}`]]);
    headers.push(...cacheControl);
    if (coding !== undefined) headers.push(['Content-Encoding', coding]);
    const { start, end } = range ?? { start: 0, end: file.size };
    headers.push(['Content-Type', file.type], ['X-Content-Type-Options', 'nosniff'], ['Content-Length', String(end - start)]);
    if (range !== undefined) headers.push(['Content-Range', `bytes ${start}-${end - 1}/${file.size}`]);
    const begin = (): unknown => startResponse(range === undefined ? '200 OK' : '206 Partial Content', headers);
    if (file.bytes === undefined && !isHead)
      return this.#stream({ ...chosen, file }, { start, end }, begin, environ, startResponse);
    begin();
    return isHead ? [] : [file.bytes!.subarray(start, end)];
  }

  /** What 200, 206, 304 and 416 have in common (RFC 9110 §15.4.5). */
  #headersOf({ file: whole }: Chosen, { etag, lastModified }: StoredFile): (readonly [string, string])[] {
    const headers: (readonly [string, string])[] = [
      ['ETag', etag],
      ['Last-Modified', lastModified],
    ];
    if (whole.variants.size > 0) headers.push(['Vary', 'Accept-Encoding']);
    return headers;
  }

  /** From the disk, block by block. */
  async #stream(
    { file, segments }: Chosen,
    range: { readonly start: number; readonly end: number },
    begin: () => unknown,
    environ: Environ,
    startResponse: StartResponse,
  ): Promise<GatewayResult> {
    const handle = await this.#store.open(file, segments);
    // Another file has taken its place in this moment: the client gets that one.
    if (handle === undefined) return this.answer(environ, startResponse);
    try {
      begin();
      return environ['wsgi.file_wrapper'](fileSlice(handle, range.start, range.end));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Of what is sent, and of 304: a refusal that is kept for a year would be one too many. */
  #cacheControlOf(segments: readonly string[]): HeaderList {
    const { immutable } = this.#settings;
    if (immutable.length === 0) return this.#cacheControl;
    const path = `/${segments.join('/')}`;
    return immutable.some((beginning) => path.startsWith(beginning)) ? YEAR : this.#cacheControl;
  }
}

/** Which a form that is posted to a path where nothing is does not want. */
function isForPage({ REQUEST_METHOD: method, HTTP_ACCEPT: accept }: Environ): boolean {
  return (method === 'GET' || method === 'HEAD') && typeof accept === 'string' && /\btext\/html\b/i.test(accept);
}

function codingFor({ variants }: StoredFile, environ: Environ): Coding | undefined {
  if (variants.size === 0) return undefined;
  const offered = CODING_NAMES.filter((coding) => variants.has(coding));
  return bestCoding(environ['HTTP_ACCEPT_ENCODING'] as string | undefined, offered);
}

function rangeFor(file: StoredFile, environ: Environ): ReturnType<typeof rangeOf> {
  const counts = rangeCounts(environ['HTTP_IF_RANGE'] as string | undefined, file);
  return counts ? rangeOf(environ['HTTP_RANGE'] as string | undefined, file.size) : undefined;
}

function conditionsOf(environ: Environ): Parameters<typeof verdict>[0] {
  return {
    ifMatch: environ['HTTP_IF_MATCH'] as string | undefined,
    ifUnmodifiedSince: environ['HTTP_IF_UNMODIFIED_SINCE'] as string | undefined,
    ifNoneMatch: environ['HTTP_IF_NONE_MATCH'] as string | undefined,
    ifModifiedSince: environ['HTTP_IF_MODIFIED_SINCE'] as string | undefined,
  };
}

/** A path that begins with one slash, whatever was sent: two would be another host. */
function toFolder(environ: Environ, startResponse: StartResponse): GatewayResult {
  const path = sentPath(environ).join('').replace(/^\/*/, '/');
  const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`;
  return plainAnswer(startResponse, 301, [['Location', `${path}/${query}`]]);
}
