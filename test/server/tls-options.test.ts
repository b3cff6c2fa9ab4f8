// The options of TLS: what is wrong with them is told before anything is served, where it stands, with the next step.

import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Fault } from '@appserve/core';
import { checkConfig } from '@appserve/loader';
import { createHttpServer } from '@appserve/server';
import { listWarningsOf, readCertificates, readPassphraseSource, revocationListOf, warningsOf } from '@appserve/server/machines';
import { get, pathApp } from '../support/apps.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { Command, write } from '../support/command.ts';
import { appFactory, folderWith, type Tree } from '../support/packages.ts';
import { RawClient } from '../support/raw-client.ts';
import { askTls } from '../support/tls-ask.ts';

const TIMEOUT = { timeout: 240_000 };
const PASSPHRASE = 'correct horse';

let authority: Authority;
let files: Tree;
let issued: Issued;

before(async () => {
  authority = await Authority.create();
  issued = await authority.issue({ hosts: ['localhost'] });
  const other = await authority.issue({ name: 'CN=other', hosts: ['*.example.test'] });
  const key = createPrivateKey(issued.key);
  const locked = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE }).toString();
  const short = await authority.issue({ rsaBits: 1_024 });
  files = {
    'app.mjs': appFactory('main'),
    'cert.pem': issued.cert,
    'key.pem': issued.key,
    'both.pem': issued.cert + issued.key,
    'other.pem': other.cert,
    'other.key': other.key,
    'ca.pem': authority.pem,
    'chain.pem': `# with its issuer\n${issued.cert}${authority.pem}\n`,
    'backwards.pem': `${authority.pem}\n${issued.cert}`,
    'locked.key': locked,
    'passphrase.txt': `${PASSPHRASE}\nanother line\n`,
    'wrong.txt': 'incorrect horse\n',
    'short.pem': short.cert,
    'short.key': short.key,
    'broken.pem': issued.cert.replace(/\n.{10}/, '\nAAAAAAAAAA'),
    'broken.key': issued.key.replace(/\n.{10}/, '\nAAAAAAAAAA'),
    'empty.pem': '',
    'noise.pem': 'no certificate',
    'revoked.crl': (await authority.revoke(['2a'])) + (await (await Authority.create('CN=Another')).revoke([])),
    'broken.crl': (await authority.revoke(['2a'])).replace(/\n.{10}/, '\nAAAAAAAAAA'),
    'der.pem': '0\x82\x03',
  };
});

interface Checked {
  readonly faults: readonly Fault[];
  /** `CODE at the line: message (hint)`, with the folder taken out. */
  readonly told: readonly string[];
}

const HEAD = ['[app:main]', 'use = ./app.mjs', '[server:main]', 'use = @appserve/server#main', 'workers = 1'];

async function check(lines: readonly string[]): Promise<Checked> {
  const hasSocket = lines.some((line) => line.startsWith('socket'));
  const all = [...HEAD, ...(hasSocket ? [] : ['socket = 127.0.0.1:0']), ...lines];
  using folder = folderWith({ 'site.ini': all.join('\n'), ...files });
  const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
  const told = faults.map(({ code, at, message, hint }) => {
    const line = at === undefined ? 'nowhere' : all[at.line - 1]!.split(' ')[0]!;
    return `${code} at ${line}: ${message}${hint === undefined ? '' : ` (${hint})`}`.replaceAll(`${folder.path}/`, '');
  });
  return { faults, told };
}

const CERTFILE = 'certfile = %(here)s/cert.pem';
const KEYFILE = 'keyfile = %(here)s/key.pem';
const PAIR = [CERTFILE, KEYFILE];

describe('options of TLS', TIMEOUT, () => {
  const RIGHT: Readonly<Record<string, readonly string[]>> = {
    'a certificate and its key': PAIR,
    'both in one file': ['certfile = %(here)s/both.pem', 'keyfile = %(here)s/both.pem'],
    'a certificate with its issuer': ['certfile = %(here)s/chain.pem', KEYFILE],
    'a key behind a passphrase in a file': [
      CERTFILE,
      'keyfile = %(here)s/locked.key',
      'keyfile_password = file:%(here)s/passphrase.txt',
    ],
    'a key that needs no passphrase, although there is one': [...PAIR, 'keyfile_password = file:%(here)s/passphrase.txt'],
    'certificates for other names': [
      ...PAIR,
      'certificates =',
      '    *.example.test,example.test  %(here)s/other.pem  %(here)s/other.key',
      '    localhost %(here)s/cert.pem %(here)s/key.pem',
    ],
    'certificates of clients': [...PAIR, 'ca_certs = %(here)s/ca.pem', 'cert_reqs = optional'],
    'what is revoked of these': [...PAIR, 'ca_certs = %(here)s/ca.pem', 'cert_reqs = required', 'crlfile = %(here)s/revoked.crl'],
    'ciphers, versions, protocols and times': [
      ...PAIR,
      'ciphers = ECDHE+AESGCM:!aNULL:@STRENGTH:TLS_AES_128_GCM_SHA256',
      'ssl_version = TLSv1.3',
      'alpn = http/1.1',
      'handshake_timeout = 5',
      'max_handshakes = 100',
    ],
    'TLS beside a unix socket': ['socket = 127.0.0.1:0 unix:%(here)s/s', ...PAIR],
  };
  for (const [what, lines] of Object.entries(RIGHT)) {
    it(`may be ${what}`, async () => {
      assert.deepEqual((await check(lines)).told, []);
    });
  }

  const WRONG: readonly (readonly [what: string, lines: readonly string[], ...told: readonly RegExp[]])[] = [
    ['a certificate without a key', [CERTFILE], /^OPTIONS_CONFLICT at certfile: .*say keyfile/],
    ['a key without a certificate', [KEYFILE], /^OPTIONS_CONFLICT at keyfile: .*without certfile there is no TLS/],
    [
      'what belongs to a certificate that is not there',
      ['cert_reqs = required', 'ca_certs = ca.pem', 'ciphers = HIGH'],
      /^OPTIONS_CONFLICT at cert_reqs: /,
      /^OPTIONS_CONFLICT at ca_certs: /,
      /^OPTIONS_CONFLICT at ciphers: /,
    ],
    [
      'ca_certs that nobody uses',
      [...PAIR, 'ca_certs = %(here)s/ca.pem'],
      /^OPTIONS_CONFLICT at ca_certs: .*say cert_reqs = optional or required/,
    ],
    ['cert_reqs without anybody to believe', [...PAIR, 'cert_reqs = required'], /^OPTIONS_CONFLICT at cert_reqs: .*say ca_certs/],
    [
      'cert_reqs of another word',
      [...PAIR, 'cert_reqs = maybe'],
      /^OPTION_INVALID at cert_reqs: .*one of none, optional, required/,
    ],
    ['TLS on a unix socket', ['socket = unix:%(here)s/s', ...PAIR], /^OPTIONS_CONFLICT at certfile: .*TLS is for TCP/],
    [
      'two files that are not there',
      ['certfile = %(here)s/no.pem', 'keyfile = %(here)s/no.key'],
      /^TLS_FILE_UNREADABLE at certfile: certfile: no\.pem cannot be read: ENOENT: no such file or directory \(a relative path begins/,
      /^TLS_FILE_UNREADABLE at keyfile: keyfile: no\.key cannot be read: ENOENT/,
    ],
    ['a folder', ['certfile = %(here)s', KEYFILE], /^TLS_FILE_UNREADABLE at certfile: .*EISDIR/],
    [
      'the two mixed up',
      ['certfile = %(here)s/key.pem', 'keyfile = %(here)s/cert.pem'],
      /^TLS_PEM_INVALID at certfile: certfile: key\.pem: there is no certificate in it \(it holds a private key: are the two files mixed up\?\)/,
      /^TLS_PEM_INVALID at keyfile: keyfile: cert\.pem: there is no private key in it \(it holds a certificate/,
    ],
    [
      'an empty file',
      ['certfile = %(here)s/empty.pem', KEYFILE],
      /^TLS_PEM_INVALID at certfile: certfile: empty\.pem: there is no certificate in it$/,
    ],
    [
      'DER',
      ['certfile = %(here)s/der.pem', KEYFILE],
      /^TLS_PEM_INVALID at certfile: .*\(where it is DER: openssl x509 -inform der/,
    ],
    [
      'a certificate that is broken',
      ['certfile = %(here)s/broken.pem', KEYFILE],
      /^TLS_PEM_INVALID at certfile: .*certificate 1 of 1 cannot be read: /,
    ],
    [
      'a key that is broken',
      [CERTFILE, 'keyfile = %(here)s/broken.key'],
      /^TLS_PEM_INVALID at keyfile: .*the private key cannot be read: /,
    ],
    [
      'the key of another certificate',
      [CERTFILE, 'keyfile = %(here)s/other.key'],
      /^TLS_KEY_MISMATCH at keyfile: keyfile: the key other\.key is not that of the certificate cert\.pem \(both must come from one request/,
    ],
    [
      'a chain that begins with its issuer',
      ['certfile = %(here)s/backwards.pem', KEYFILE],
      /^TLS_KEY_MISMATCH at keyfile: .*\(it is that of certificate 2 in the file, which must stand first\)/,
    ],
    [
      'a key behind a passphrase that nobody says',
      [CERTFILE, 'keyfile = %(here)s/locked.key'],
      /^TLS_PASSPHRASE_WRONG at keyfile: .*it is encrypted, and there is no keyfile_password \(say keyfile_password = file:PATH or env:NAME/,
    ],
    [
      'a key behind another passphrase',
      [CERTFILE, 'keyfile = %(here)s/locked.key', 'keyfile_password = file:%(here)s/wrong.txt'],
      /^TLS_PASSPHRASE_WRONG at keyfile: keyfile: locked\.key is not opened: the passphrase is another one/,
    ],
    [
      'a passphrase in a variable that is not set',
      [CERTFILE, 'keyfile = %(here)s/locked.key', 'keyfile_password = env:APPSERVE_TEST_UNSET'],
      /^TLS_PASSPHRASE_WRONG at keyfile_password: .*the variable APPSERVE_TEST_UNSET is not set/,
    ],
    [
      'a passphrase in a file that is not there',
      [...PAIR, 'keyfile_password = file:%(here)s/no.txt'],
      /^TLS_FILE_UNREADABLE at keyfile_password: /,
    ],
    [
      'a cipher that is spelled wrongly',
      [...PAIR, 'ciphers = HIGH:ECDHE-RSA-AES999'],
      /^TLS_CIPHER_UNKNOWN at ciphers: ciphers: ECDHE-RSA-AES999 is not known/,
    ],
    ['a suite that is spelled wrongly', [...PAIR, 'ciphers = TLS_AES_128_GCM_SHA999'], /^TLS_CIPHER_UNKNOWN at ciphers: /],
    [
      'a version that is too old',
      [...PAIR, 'ssl_version = TLSv1'],
      /^OPTION_INVALID at ssl_version: .*one of TLSv1\.2, TLSv1\.3/,
    ],
    ['a protocol that is not spoken', [...PAIR, 'alpn = spdy/1'], /^OPTION_INVALID at alpn: .*http\/1\.1/],
    [
      'a key that is too short',
      ['certfile = %(here)s/short.pem', 'keyfile = %(here)s/short.key', 'ciphers = DEFAULT:@SECLEVEL=2'],
      /^TLS_REFUSED at certfile: certfile: OpenSSL refuses it: ee key too small/,
    ],
    [
      'certificates of two words',
      [...PAIR, 'certificates = a.test %(here)s/cert.pem'],
      /^OPTION_INVALID at certificates: .*lines of three words/,
    ],
    [
      'certificates that are not there',
      [...PAIR, 'certificates = a.test %(here)s/no.pem %(here)s/other.key'],
      /^TLS_FILE_UNREADABLE at certificates: certificates: no\.pem/,
    ],
    [
      'certificates with the wrong key',
      [...PAIR, 'certificates = *.example.test %(here)s/other.pem %(here)s/key.pem'],
      /^TLS_KEY_MISMATCH at certificates: /,
    ],
    [
      'authorities without a certificate',
      [...PAIR, 'cert_reqs = required', 'ca_certs = %(here)s/noise.pem'],
      /^TLS_PEM_INVALID at ca_certs: ca_certs: noise\.pem: there is no certificate in it/,
    ],
    [
      'a list of what is revoked without anybody who is believed',
      [...PAIR, 'crlfile = a'],
      /^OPTIONS_CONFLICT at crlfile: .*say ca_certs/,
    ],
    ['such a list without TLS', ['crlfile = a'], /^OPTIONS_CONFLICT at crlfile: .*without certfile there is no TLS/],
    ...(
      [
        ['that is a certificate', 'ca.pem', 'ca\\.pem: there is no list of revoked certificates in it .*mixed up'],
        ['that cannot be read', 'broken.crl', 'broken\\.crl: list 1 of 1 cannot be read: '],
      ] as const
    ).map(
      ([what, file, why]) =>
        [
          `such a list ${what}`,
          [...PAIR, 'cert_reqs = required', 'ca_certs = %(here)s/ca.pem', `crlfile = %(here)s/${file}`],
          new RegExp(`^TLS_PEM_INVALID at crlfile: crlfile: ${why}`),
        ] as const,
    ),
    [
      'such a list that is not there',
      [...PAIR, 'cert_reqs = required', 'ca_certs = %(here)s/ca.pem', 'crlfile = nowhere.crl'],
      /^TLS_FILE_UNREADABLE at crlfile: /,
    ],
    ['a handshake without time', [...PAIR, 'handshake_timeout = 0'], /^OPTION_INVALID at handshake_timeout: /],
  ];
  for (const [what, lines, ...wanted] of WRONG) {
    it(`may not be ${what}`, async () => {
      const { told, faults } = await check(lines);
      assert.equal(told.length, wanted.length, told.join('\n'));
      for (const pattern of wanted)
        assert.ok(
          told.some((text) => pattern.test(text)),
          `${String(pattern)}\n${told.join('\n')}`,
        );
      assert.deepEqual(
        faults.map(({ blame }) => blame),
        faults.map(() => 'config'),
      );
    });
  }

  it('do not show a passphrase that somebody has written there', async () => {
    const { told } = await check([...PAIR, `keyfile_password = ${PASSPHRASE}`]);
    assert.match(told.join('\n'), /^OPTION_INVALID at keyfile_password: .*\*{8}.*file:PATH or env:NAME/);
    assert.ok(!told.join('\n').includes(PASSPHRASE));
  });

  it('are none of FastCGI: each is named', async () => {
    const lines = ['keyfile = a', 'certfile = b', 'alpn = http/1.1'];
    using folder = folderWith({
      ...files,
      'site.ini': [...HEAD.slice(0, 3), 'use = @appserve/server#fastcgi', ...lines].join('\n'),
    });
    const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
    assert.deepEqual(
      faults.map(({ code, message }) => [code, /keyfile|certfile|alpn/.exec(message)?.[0]]),
      [
        ['OPTION_UNKNOWN', 'keyfile'],
        ['OPTION_UNKNOWN', 'certfile'],
        ['OPTION_UNKNOWN', 'alpn'],
      ],
    );
  });

  it('are told by appserve check, with where they stand', async () => {
    using folder = folderWith({
      ...files,
      'site.ini': [...HEAD, 'socket = 127.0.0.1:0', 'certfile = cert.pem', 'keyfile = other.key'].join('\n'),
    });
    await using command = Command.appserve(['check', 'site.ini'], { cwd: folder.path });
    assert.equal((await command.ending()).code, 2);
    assert.match(
      command.stderr + command.stdout,
      /site\.ini:8:\d+: keyfile: the key other\.key is not that of the certificate cert\.pem/,
    );
  });

  it('begin at the folder that the server is started in, also at a reload after chdir', async () => {
    const lines = ['socket = 127.0.0.1:0', 'certfile = cert.pem', 'keyfile = key.pem', 'chdir = elsewhere'];
    using folder = folderWith({ ...files, 'site.ini': [...HEAD, ...lines].join('\n') });
    mkdirSync(join(folder.path, 'elsewhere'));
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    assert.match(await command.url(), /^https:/);
    command.signal('SIGHUP');
    await command.says(/reloaded/);
    write(folder, { 'key.pem': 'gone' });
    command.signal('SIGHUP');
    await command.says(/reload failed, the old workers go on: .*keyfile: key\.pem: there is no private key in it/);
    assert.ok((await command.get('/')) !== undefined);
  });
});

describe('options of TLS of a server in this process', () => {
  it('are those of any server: TCP is over TLS, a unix socket in clear', async () => {
    using folder = folderWith(files);
    const [certfile, keyfile] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
    await using server = await createHttpServer(pathApp, { certfile, keyfile });
    const address = await server.listen('127.0.0.1:0');
    await server.listen(join(folder.path, 's'));
    assert.equal((await askTls(address.type === 'tcp' ? address.port : 0, {}, '/secure')).body, '/secure');
    await using inClear = await RawClient.connect(join(folder.path, 's'));
    await inClear.send(get('/clear'));
    assert.equal((await inClear.response())?.body, '/clear');
  });

  it('are refused as those of any server', async () => {
    await assert.rejects(createHttpServer(pathApp, { keyfile: 'key.pem' }), { code: 'OPTIONS_CONFLICT' });
    await assert.rejects(createHttpServer(pathApp, { keyfile: 'no.pem', certfile: 'no.pem' }), (error: Error) => {
      assert.match(error.message, /certfile: no\.pem cannot be read.*\n.*keyfile: no\.pem cannot be read/);
      return true;
    });
  });
});

describe('a certificate that works, but not for everybody or not for long', () => {
  const NOW_MS = Date.now();

  async function warned(wanted: Parameters<Authority['issue']>[0], hosts: readonly string[] = []): Promise<string[]> {
    const { cert } = await authority.issue(wanted);
    return warningsOf({ key: 'certfile', path: 'a.pem', hosts }, [new X509Certificate(cert)], NOW_MS);
  }

  it('is not warned of when it is right', async () => {
    assert.deepEqual(await warned({ hosts: ['a.test', '*.b.test'] }, ['a.test', 'A.Test.', '*.b.test', 'c.b.test']), []);
  });

  it('has expired, will soon, or is not valid yet', async () => {
    const texts = await Promise.all([
      warned({ validFromDays: -10, validToDays: -1 }),
      warned({ validToDays: 3.5 }),
      warned({ validFromDays: 1 }),
    ]);
    assert.match(texts[0].join(), /^certfile: a\.pem: the certificate has expired at .*: clients refuse it$/);
    assert.match(texts[1].join(), /^certfile: a\.pem: the certificate expires in 3 days, at /);
    assert.match(texts[2].join(), /^certfile: a\.pem: the certificate is not valid before /);
  });

  it('is not for the name that it stands at', async () => {
    assert.deepEqual(await warned({ hosts: ['a.test'] }, ['a.test', 'b.test', '*.a.test']), [
      'certfile: a.pem: the certificate is not for b.test: clients will refuse it',
      'certfile: a.pem: the certificate is not for *.a.test: clients will refuse it',
    ]);
  });

  it('stands before one that has not issued it', async () => {
    const [one, other] = await Promise.all([authority.issue(), authority.issue()]);
    const chain = [new X509Certificate(one.cert), new X509Certificate(other.cert)];
    assert.deepEqual(warningsOf({ key: 'certfile', path: 'a.pem', hosts: [] }, chain, NOW_MS), [
      'certfile: a.pem: certificate 2 has not issued the one before it: some clients will not trust it',
    ]);
  });

  it('is served all the same, and the log says so', async () => {
    const { cert, key } = await authority.issue({ validFromDays: -10, validToDays: -1 });
    const lines = ['socket = 127.0.0.1:0', 'certfile = old.pem', 'keyfile = old.key'];
    using folder = folderWith({ ...files, 'old.pem': cert, 'old.key': key, 'site.ini': [...HEAD, ...lines].join('\n') });
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    await command.url();
    await command.says(/WARN.* certfile: old\.pem: the certificate has expired at /);
  });
});

function daysUntil(ms: number): number {
  return (ms - Date.now()) / 86_400_000;
}

function toMinutes(ms = Number.NaN): number {
  return Math.round(ms / 60_000);
}

describe('a list of what is revoked that shuts out everybody', TIMEOUT, () => {
  const NOW_MS = Date.now();
  const UTC = String.raw`\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`;
  const NAME = 'CN=Test Authority';

  /** Without the file. */
  function warned(lists: readonly string[], authorities = [authority]): string[] {
    const believed = authorities.map(({ pem }) => new X509Certificate(pem));
    const all = listWarningsOf({ key: 'crlfile', path: 'a.crl' }, lists.map(revocationListOf), believed, NOW_MS);
    return all.map((text) => text.replace(/^crlfile: a\.crl: /, ''));
  }

  it('is read: who has written it, and until when it is valid', async () => {
    const NOON_MS = Date.UTC(2026, 10, 21, 12);
    const years: readonly (readonly [fromMs: number, toMs: number])[] = [
      [NOON_MS, NOON_MS + 86_400_000],
      // RFC 5280 §4.1.2.5: from 2050 on, times are written otherwise.
      [Date.UTC(1999, 11, 31, 23, 59, 59), Date.UTC(2049, 11, 31, 23, 59, 59)],
      [Date.UTC(1970, 0, 1), Date.UTC(2050, 0, 1)],
    ];
    for (const [fromMs, toMs] of years) {
      const list = revocationListOf(
        await authority.revoke(['2a', '2b'], { validFromDays: daysUntil(fromMs), validToDays: daysUntil(toMs) }),
      );
      // They are written to the second, and came by way of days from now.
      assert.deepEqual([list.thisUpdateMs, list.nextUpdateMs].map(toMinutes), [fromMs, toMs].map(toMinutes));
    }
    const local = (await authority.revoke([])).replaceAll(/-----[^-]*-----/g, '');
    const bytes = Buffer.from(local, 'base64');
    bytes.write('+', bytes.indexOf('Z', 0, 'latin1'), 'latin1');
    assert.throws(() => revocationListOf(bytes.toString('base64')), /a time in it is not written as RFC 5280 has it/);
    for (const broken of [authority.pem, '', 'MAA=', 'MIA=', 'MIT//////w==', 'MAUwAwIB', 'MAIwAA=='])
      assert.throws(() => revocationListOf(broken), /an element (?:is missing in it|of it ends behind its end)/, broken);
  });

  it('is not warned of when it shuts out nobody', async () => {
    const other = await Authority.create('CN=Another');
    assert.deepEqual(warned([await authority.revoke([])]), []);
    assert.deepEqual(warned([await authority.revoke([]), await other.revoke([])]), [], 'others may be of who stands in between');
    const [old, early, daily] = await Promise.all([
      authority.revoke([], { validToDays: -1 }),
      authority.revoke([], { validFromDays: 1 }),
      authority.revoke([], { validFromDays: -0.5, validToDays: 0.5 }),
    ]);
    assert.deepEqual(warned([old, early, daily]), [], 'one that is valid is enough');
    assert.deepEqual(warned([await authority.revoke([], { name: 'CN=TEST  authority' })]), [], 'a name is spelled as one likes');
    assert.deepEqual(warned([]), [`there is no list of ${NAME}: whoever it has issued is refused`]);
  });

  it('is out of date, will soon be, or is not valid yet', async () => {
    const [old, older, soon, days, early] = await Promise.all([
      authority.revoke([], { validToDays: -1 }),
      authority.revoke([], { validFromDays: -20, validToDays: -10 }),
      authority.revoke([], { validToDays: 0.51 }),
      authority.revoke([], { validFromDays: -27, validToDays: 3.5 }),
      authority.revoke([], { validFromDays: 1 }),
    ]);
    const REFUSED = 'whoever it has issued is refused$';
    assert.match(warned([old]).join('\n'), new RegExp(`^the list of ${NAME} is out of date since ${UTC}: ${REFUSED}`));
    assert.deepEqual(warned([older, old]), warned([old]), 'the last one is told');
    assert.match(
      warned([soon]).join('\n'),
      new RegExp(`^the list of ${NAME} is out of date in 12 hours, at ${UTC}: then ${REFUSED}`),
    );
    assert.match(
      warned([days]).join('\n'),
      new RegExp(`^the list of ${NAME} is out of date in 3 days, at ${UTC}: then ${REFUSED}`),
    );
    assert.match(warned([early]).join('\n'), new RegExp(`^the list of ${NAME} is not valid before ${UTC}: ${REFUSED}`));
  });

  it('is of another authority than those that are believed', async () => {
    const [another, third] = await Promise.all([Authority.create('CN=Another,O=Example'), Authority.create('CN=Third')]);
    const own = await authority.revoke([]);
    assert.deepEqual(warned([await another.revoke([])]), [
      `there is no list of ${NAME}: whoever it has issued is refused (of nobody in ca_certs: list 1 of 1)`,
    ]);
    assert.deepEqual(warned([own, await third.revoke([])], [authority, another]), [
      'there is no list of CN=Another, O=Example: whoever it has issued is refused (of nobody in ca_certs: list 2 of 2)',
    ]);
    const [old] = warned([own, await third.revoke([], { validToDays: -1 })]);
    assert.match(old!, /^the list of an authority that ca_certs does not name \(list 2 of 2\) is out of date since /);
  });

  it('is told at the start and at a reload', async () => {
    const lines = ['socket = 127.0.0.1:0', ...PAIR, 'ca_certs = %(here)s/ca.pem', 'cert_reqs = optional', 'crlfile = own.crl'];
    const old = await authority.revoke([], { validToDays: -1 });
    using folder = folderWith({ ...files, 'own.crl': old, 'site.ini': [...HEAD, ...lines].join('\n') });
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    await command.url();
    await command.says(/WARN.* crlfile: own\.crl: the list of CN=Test Authority is out of date since /);
    write(folder, { 'own.crl': await (await Authority.create('CN=Another')).revoke([]) });
    command.signal('SIGHUP');
    await command.says(/WARN.* crlfile: own\.crl: there is no list of CN=Test Authority: /);
    await command.says(/reloaded/);
  });
});

describe('what is written in an option', () => {
  it('is a list of certificates', () => {
    assert.deepEqual(readCertificates('\n  a.test,*.B.test. a.pem a.key\n\n\tc_1.test\tc.pem  c.key\r\n'), [
      { hosts: ['a.test', '*.B.test.'], certfile: 'a.pem', keyfile: 'a.key' },
      { hosts: ['c_1.test'], certfile: 'c.pem', keyfile: 'c.key' },
    ]);
    const wrong = [
      '',
      ' \n',
      'a.test',
      'a.test a.pem',
      'a.test a.pem a.key more',
      ',a.test a b',
      'a.*.test a b',
      '* a b',
      'a..test a b',
      '-a.test a b',
      'a.test/ a b',
      'ä.test a b',
    ];
    assert.deepEqual(
      wrong.map(readCertificates),
      wrong.map(() => undefined),
    );
  });

  it('is where a passphrase is found', () => {
    assert.deepEqual(readPassphraseSource('file:/a b'), { from: 'file', path: '/a b' });
    assert.deepEqual(readPassphraseSource('env:TLS_KEY'), { from: 'environment', name: 'TLS_KEY' });
    const wrong = ['', 'secret', 'file:', 'env:', 'env:A-B', 'env:1A', 'FILE:a', ' file:a'];
    assert.deepEqual(
      wrong.map(readPassphraseSource),
      wrong.map(() => undefined),
    );
  });
});
