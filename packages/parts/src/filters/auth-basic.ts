// filters/auth-basic.ts: asks for a name and a password (RFC 7617).

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '@appserve/core';
import type { Environ, Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { plainAnswer } from '../plain-answer.ts';
import type { authBasicPart } from './auth-basic-part.ts';
import { readHtpasswd } from './htpasswd.ts';
import { Passwords } from './passwords.ts';

/** bcrypt looks at 72 bytes; nobody has a password of thousands. */
const PASSWORD_MAX = 1_024;

/** A `filter_factory`. Faults: HTPASSWD_INVALID, HTPASSWD_UNREADABLE, HASHES_UNSUPPORTED. */
export async function authBasic({ here = '.' }: GlobalConf, settings: Settled<typeof authBasicPart.options>): Promise<Filter> {
  const file = resolve(here, settings.usersFile);
  const passwords = await Passwords.of(readHtpasswd(contentOf(file), file), settings.rememberMs);
  const realm = settings.realm.replaceAll(/["\\]/g, String.raw`\$&`);
  const challenge = [['WWW-Authenticate', `Basic realm="${realm}", charset="UTF-8"`]] as const;

  return gatewayFilter((inner) => async (environ, startResponse) => {
    const given = credentialsOf(environ);
    const verdict = given === undefined ? 'wrong' : await passwords.check(given.name, given.password, performance.now());
    if (verdict === 'busy') return plainAnswer(startResponse, 503, [['Retry-After', '1']]);
    if (verdict === 'wrong') return plainAnswer(startResponse, 401, challenge);
    environ['REMOTE_USER'] = Buffer.from(given!.name).toString('latin1');
    environ['AUTH_TYPE'] = 'Basic';
    return inner(environ, startResponse);
  });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('HTPASSWD_UNREADABLE', { path: file, why: (cause as Error).message }, { cause });
  }
}

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Nothing where there are none, or what is there cannot be read. */
function credentialsOf(environ: Environ): Credentials | undefined {
  const written = environ['HTTP_AUTHORIZATION'];
  const [, token] = typeof written === 'string' ? (/^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(written) ?? []) : [];
  if (token === undefined) return undefined;
  const text = Buffer.from(token, 'base64').toString('utf8');
  const at = text.indexOf(':');
  const isReadable = at > 0 && text.length <= PASSWORD_MAX && !/[\x00-\x1f\x7f\ufffd]/.test(text);
  return isReadable ? { name: text.slice(0, at), password: text.slice(at + 1) } : undefined;
}
