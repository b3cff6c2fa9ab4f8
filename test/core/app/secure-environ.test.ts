// Environs that do not show what they hold: gevent.pywsgi's SecureEnviron and WSGISecureEnviron.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { format, inspect } from 'node:util';
import { SecureEnviron, WSGISecureEnviron, type Environ, type EnvironClass } from '@appserve/core/app';
import { environOf, get } from '../../support/gateway-app.ts';

const SECRET = 'Bearer hunter2';

class Some extends SecureEnviron {
  static override whitelistKeys = ['REQUEST_METHOD', 'PATH_INFO'];
}

class Open extends SecureEnviron {
  static override secureRepr = false;
}

async function environIn(environClass: EnvironClass): Promise<Environ> {
  return environOf(get('/a', `Authorization: ${SECRET}\r\n`), { environClass, listen: 'tcp' });
}

function asText(value: unknown): string {
  return String(value);
}

/** Every way in which an environ becomes text by accident. */
const WAYS: Readonly<Record<string, (environ: Environ) => string>> = {
  'console.log': (environ) => format(environ),
  '%s': (environ) => format('%s', environ),
  '%o': (environ) => format('%o', environ),
  '%O': (environ) => format('%O', environ),
  '%j': (environ) => format('%j', environ),
  inspect: (environ) => inspect(environ, { depth: null, showHidden: true }),
  'inspect of what holds it': (environ) => inspect({ request: [environ] }, { depth: null }),
  'an error that holds it': (environ) => inspect(Object.assign(new Error('the app'), { environ }), { depth: null }),
  JSON: (environ) => JSON.stringify({ request: environ }),
  String: asText,
  'a template string': (environ) => `environ: ${environ as unknown as string}`,
};

for (const [name, environClass] of Object.entries({ SecureEnviron, WSGISecureEnviron, Some })) {
  describe(name, () => {
    for (const [way, print] of Object.entries(WAYS)) {
      it(`shows no secret by ${way}`, async () => {
        const text = print(await environIn(environClass));
        assert.ok(text.length > 0);
        assert.doesNotMatch(text, /hunter2/);
      });
    }

    it('shows as little in a copy', async () => {
      const environ = await environIn(environClass);
      const copy = Object.assign(Object.create(Object.getPrototypeOf(environ) as object) as Environ, environ);
      for (const print of Object.values(WAYS)) assert.doesNotMatch(print(copy), /hunter2/);
      assert.equal(inspect(copy), inspect(environ));
    });

    it('is an environ like others to its app', async () => {
      const environ = await environIn(environClass);
      const plain = await environOf(get('/a', `Authorization: ${SECRET}\r\n`), { listen: 'tcp' });
      assert.deepEqual(Object.keys(environ), Object.keys(plain));
      assert.equal(environ['HTTP_AUTHORIZATION'], SECRET);
      environ['myapp.user'] = 'me';
      assert.equal({ ...environ }['myapp.user'], 'me');
      for (const key of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) assert.equal(key in environ, false, key);
    });
  });
}

describe('SecureEnviron', () => {
  it('says how many keys it has', async () => {
    const environ = await environIn(SecureEnviron);
    assert.equal(inspect(environ), `<SecureEnviron (keys: ${Object.keys(environ).length})>`);
    assert.equal(asText(environ), inspect(environ));
  });

  it('masks all values as JSON', async () => {
    const environ = await environIn(SecureEnviron);
    const masked = Object.fromEntries(Object.keys(environ).map((key) => [key, '********']));
    assert.deepEqual(JSON.parse(JSON.stringify(environ)), masked);
  });
});

describe('WSGISecureEnviron', () => {
  it('shows where a request came from and to which host, and hides the other keys', async () => {
    const environ = await environIn(WSGISecureEnviron);
    const { REMOTE_ADDR, REMOTE_PORT, HTTP_HOST } = environ;
    const hidden = ` (hidden keys: ${Object.keys(environ).length - 3})`;
    assert.deepEqual(JSON.parse(JSON.stringify(environ)), { REMOTE_ADDR, REMOTE_PORT, HTTP_HOST });
    assert.equal(inspect(environ), `WSGISecureEnviron ${inspect({ REMOTE_ADDR, REMOTE_PORT, HTTP_HOST })}${hidden}`);
    assert.equal(asText(environ), `WSGISecureEnviron ${JSON.stringify({ REMOTE_ADDR, REMOTE_PORT, HTTP_HOST })}${hidden}`);
  });
});

describe('a class of environs of one’s own', () => {
  it('shows its whitelist, and masks the others', async () => {
    const environ = await environIn(Some);
    const shown = JSON.parse(JSON.stringify(environ)) as Record<string, unknown>;
    assert.deepEqual([shown['REQUEST_METHOD'], shown['PATH_INFO'], shown['REMOTE_ADDR']], ['GET', '/a', '********']);
    assert.equal(Object.keys(shown).length, Object.keys(environ).length);
    assert.match(inspect(environ), /^Some \{\n {2}REQUEST_METHOD: 'GET',\n/);
  });

  it('may show everything', async () => {
    const environ = await environIn(Open);
    assert.match(inspect(environ), /hunter2/);
    assert.match(asText(environ), /hunter2/);
  });
});
