// What is believed of the fields of proxies, and which of them stay.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import { Fields } from '@appserve/core/message';
import { AddressList, BELIEVABLE, believedIn, keptFields, toldPort, type Believable, type Seen } from '@appserve/core/peers';

const PROXY = '10.0.0.1';
const PROXIES = AddressList.of(['10.0.0.0/8', '127.0.0.1'])!;

function fieldsOf(...lines: readonly string[]): Fields {
  return new Fields(lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

function seen(lines: readonly string[], believe: readonly Believable[] = BELIEVABLE, peer = PROXY): Seen | undefined {
  return believedIn(fieldsOf(...lines), peer, { isTrusted: (address) => PROXIES.has(address), believe });
}

/** `203.0.113.9:4711 https a.test 443`, `-` for what nobody has told. */
function told(...lines: readonly string[]): string {
  const { address = '-', clientPort, scheme = '-', host = '-', port = '-' } = seen(lines)!;
  return `${address}${clientPort === undefined ? '' : `:${clientPort}`} ${scheme} ${host} ${port}`;
}

function conflicts(...lines: readonly string[]): void {
  assert.throws(
    () => seen(lines),
    (error) => error instanceof Fault && error.code === 'FORWARDED_CONFLICT' && error.status === 400,
  );
}

describe('what a trusted proxy says', () => {
  it('is the client, its scheme, and what it asks for', () => {
    assert.equal(
      told('X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: a.test', 'X-Forwarded-Port: 8443'),
      '203.0.113.9 https a.test 8443',
    );
    assert.equal(told('Forwarded: for=203.0.113.9;proto=https;host=a.test'), '203.0.113.9 https a.test -');
  });

  it('is nothing where it says nothing', () => {
    assert.equal(told(), '- - - -');
  });

  it('is nothing where somebody else says it', () => {
    assert.equal(seen(['X-Forwarded-For: 203.0.113.9', 'Forwarded: for=203.0.113.9'], BELIEVABLE, '192.0.2.1'), undefined);
    assert.equal(seen(['X-Forwarded-For: 203.0.113.9'], BELIEVABLE, ''), undefined);
  });

  it('is read from its end, up to the first who is not trusted', () => {
    assert.equal(told('X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.1.1'), '203.0.113.9 - - -');
    assert.equal(told('Forwarded: for=6.6.6.6, for=203.0.113.9, for=10.1.1.1'), '203.0.113.9 - - -');
    assert.equal(told('X-Forwarded-For: 10.1.1.1'), '10.1.1.1 - - -', 'all are trusted: the first of them');
  });

  it('has but one scheme, host and port that is surely its own: the last', () => {
    const chain = 'X-Forwarded-For: 203.0.113.9, 127.0.0.1';
    const lists = ['X-Forwarded-Proto: https, http', 'X-Forwarded-Host: evil.test, a.test', 'X-Forwarded-Port: 666, 80'];
    assert.equal(told(chain, ...lists), '203.0.113.9 http a.test 80');
    assert.equal(
      told(chain, 'X-Forwarded-Proto: http,', 'X-Forwarded-Host: evil.test,', 'X-Forwarded-Port: 666,'),
      '203.0.113.9 - - -',
    );
    const whole = 'Forwarded: for=203.0.113.9;proto=https;host=a.test, for=127.0.0.1;proto=http;host=inner.test';
    assert.equal(told(whole), '203.0.113.9 https a.test -', 'an element of Forwarded says whose it is');
  });

  it('is one list in several lines', () => {
    assert.equal(told('X-Forwarded-For: 6.6.6.6', 'x-forwarded-for: 203.0.113.9'), '203.0.113.9 - - -');
    assert.equal(told('Forwarded: for=6.6.6.6', 'Forwarded: for=203.0.113.9'), '203.0.113.9 - - -');
    assert.equal(told('X-Forwarded-Proto: https', 'X-Forwarded-Proto: http'), '- http - -');
  });

  it('may have a port behind the address', () => {
    assert.equal(told('X-Forwarded-For: [2001:db8::1]:4711'), '2001:db8::1:4711 - - -');
    assert.equal(told('X-Forwarded-For: 203.0.113.9:4711'), '203.0.113.9:4711 - - -');
    assert.equal(told('Forwarded: for="[2001:db8::1]:4711"'), '2001:db8::1:4711 - - -');
    assert.equal(told('X-Forwarded-For: 203.0.113.9:99999'), '203.0.113.9 - - -', 'which is none');
  });

  it('is no address where it is garbage, unknown or obfuscated', () => {
    for (const name of ['not-an-ip', 'unknown', '_hidden', '6.6.6.6.6', '::1%eth0', '[::1', '6.6.6.6 6.6.6.6', '']) {
      assert.equal(told(`X-Forwarded-For: 6.6.6.6, ${name}`), '- - - -', name);
      assert.equal(told(`Forwarded: for=6.6.6.6, for="${name}"`), '- - - -', name);
    }
  });

  it('is no scheme but http and https, and no host that is none', () => {
    assert.equal(told('X-Forwarded-Proto: javascript'), '- - - -');
    assert.equal(told('X-Forwarded-Proto: HTTPS'), '- https - -');
    assert.equal(told('X-Forwarded-Host: evil/path', 'X-Forwarded-Port: 1e3'), '- - - -');
  });

  it('is believed only where the proxy writes it', () => {
    const lines = [
      'X-Forwarded-For: 203.0.113.9',
      'X-Forwarded-Host: evil.test',
      'X-Forwarded-Port: 1',
      'X-Forwarded-Proto: https',
    ];
    assert.deepEqual(seen(lines, ['for']), {
      address: '203.0.113.9',
      clientPort: undefined,
      scheme: undefined,
      host: undefined,
      port: undefined,
    });
  });

  it('is nothing under a name with underscores', () => {
    assert.equal(told('X_Forwarded_For: 6.6.6.6', 'X-Forwarded_For: 6.6.6.6'), '- - - -');
  });
});

describe('Forwarded beside X-Forwarded-*', () => {
  it('is believed where both mean the same', () => {
    const lines = ['Forwarded: for="[2001:DB8::1]:1";proto=https;host="A.test:8443"'];
    assert.equal(
      told(
        ...lines,
        'X-Forwarded-For: 2001:db8:0::1',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: a.test',
        'X-Forwarded-Port: 8443',
      ),
      '2001:db8:0::1 https a.test 8443',
    );
    assert.equal(
      told(
        'Forwarded: for=203.0.113.9;proto=https',
        'X-Forwarded-For: 203.0.113.9',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Port: 443',
      ),
      '203.0.113.9 https - 443',
    );
  });

  it('is refused where they differ', () => {
    conflicts('Forwarded: for=6.6.6.6', 'X-Forwarded-For: 203.0.113.9');
    conflicts('Forwarded: for=203.0.113.9;proto=https', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: http');
  });

  it('is refused where one says more: that may be what the client has added', () => {
    conflicts('Forwarded: for=203.0.113.9;host=evil.test', 'X-Forwarded-For: 203.0.113.9');
    conflicts('Forwarded: for=203.0.113.9', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https');
    conflicts('Forwarded: for=unknown', 'X-Forwarded-For: 203.0.113.9');
  });

  it('says no more than what is believed of both', () => {
    const lines = [
      'Forwarded: for=203.0.113.9;proto=https;host=a.test',
      'X-Forwarded-For: 203.0.113.9',
      'X-Forwarded-Proto: https',
    ];
    const { address, scheme, host } = seen(lines, ['for', 'proto'])!;
    assert.deepEqual([address, scheme, host], ['203.0.113.9', 'https', undefined]);
    assert.equal(seen([...lines, 'X-Forwarded-Host: b.test'], ['for', 'proto'])?.host, undefined);
    const port = ['Forwarded: for=203.0.113.9', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Port: 8443'];
    assert.equal(seen(port, ['for', 'port'])?.port, '8443', 'which Forwarded cannot say');
  });

  it('tells which part of it differs', () => {
    const ours = ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: a.test'];
    const differing = {
      client: 'for=6.6.6.6;proto=https;host=a.test',
      scheme: 'for=203.0.113.9;host=a.test',
      host: 'for=203.0.113.9;proto=https;host=evil.test',
      port: 'for=203.0.113.9;proto=https;host="a.test:666"',
    };
    for (const [part, forwarded] of Object.entries(differing))
      assert.throws(() => seen([...ours, `Forwarded: ${forwarded}`]), new RegExp(`the ${part} is .* by Forwarded, and`), part);
  });

  it('has a port of the client only where both say it', () => {
    assert.equal(told('Forwarded: for="203.0.113.9:666"', 'X-Forwarded-For: 203.0.113.9'), '203.0.113.9 - - -');
    assert.equal(told('Forwarded: for=203.0.113.9', 'X-Forwarded-For: 203.0.113.9:666'), '203.0.113.9 - - -');
    assert.equal(told('Forwarded: for="203.0.113.9:7"', 'X-Forwarded-For: 203.0.113.9:7'), '203.0.113.9:7 - - -');
  });

  it('is not asked about X-Forwarded-* that nobody believes', () => {
    const lines = ['Forwarded: for=203.0.113.9;proto=https', 'X-Forwarded-Host: evil.test'];
    assert.equal(seen(lines, ['for', 'proto'])?.address, '203.0.113.9');
  });

  it('is nobody’s affair where the peer is not trusted', () => {
    assert.equal(seen(['Forwarded: for=6.6.6.6', 'X-Forwarded-For: 7.7.7.7'], BELIEVABLE, '192.0.2.1'), undefined);
  });
});

describe('the fields that stay', () => {
  const OTHERS = ['X-Forwarded-Prefix: /p', 'X-Forwarded-Ssl: on', 'X-Forwarded-Client-Cert: Hash=1', 'X-Real-IP: 6.6.6.6'];
  const fields = fieldsOf(
    'Host: a',
    'X-Forwarded-For: 6.6.6.6',
    'x-forwarded-host: evil',
    'X-Forwarded-Server: evil',
    'X-Forwarding: 1',
    ...OTHERS,
  );

  it('are none that proxies write where the peer is not trusted', () => {
    assert.deepEqual(keptFields(fields, false, BELIEVABLE).flat, ['Host', 'a', 'X-Forwarding', '1']);
    assert.deepEqual(keptFields(fieldsOf('Forwarded: for=1.1.1.1', 'X-Forwarded: 1'), false, BELIEVABLE).flat, []);
  });

  it('are those that are believed, and those that are the affair of apps', () => {
    const kept = fieldsOf('Host: a', 'X-Forwarded-For: 6.6.6.6', 'X-Forwarding: 1', ...OTHERS);
    assert.deepEqual(keptFields(fields, true, ['for', 'proto']).flat, kept.flat);
    const forwarded = fieldsOf('Forwarded: for=6.6.6.6;host=a', 'X-Forwarded-Host: evil');
    assert.deepEqual(keptFields(forwarded, true, ['for', 'proto']).flat, ['Forwarded', 'for=6.6.6.6;host=a']);
  });

  it('are not Forwarded where X-Forwarded-* say what is believed of it', () => {
    const both = fieldsOf('Forwarded: for=6.6.6.6;host=evil', 'X-Forwarded-For: 6.6.6.6');
    assert.deepEqual(keptFields(both, true, ['for', 'proto']).flat, ['X-Forwarded-For', '6.6.6.6']);
  });

  it('are the very same where there is nothing to take away', () => {
    const plain = fieldsOf('Host: a', 'Accept: */*');
    assert.equal(keptFields(plain, false, []), plain);
  });
});

describe('the port that the client has asked for', () => {
  const NOTHING: Seen = { address: undefined, scheme: undefined, host: undefined, port: undefined };

  it('is the one that is told, else that of the host, else that of the scheme', () => {
    assert.equal(toldPort({ ...NOTHING, scheme: 'https', host: 'a:1', port: '2' }, 'http'), '2');
    assert.equal(toldPort({ ...NOTHING, scheme: 'https', host: 'a:1' }, 'http'), '1');
    assert.equal(toldPort({ ...NOTHING, scheme: 'https' }, 'http'), '443');
    assert.equal(toldPort({ ...NOTHING, host: 'a' }, 'https'), '443');
    assert.equal(toldPort({ ...NOTHING, address: '6.6.6.6' }, 'https'), undefined);
  });
});
