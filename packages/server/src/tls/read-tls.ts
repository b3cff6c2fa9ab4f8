// tls/read-tls.ts: from the options of TLS to what workers are given, in the main thread: at the check of the options, at the start, and
// again at each reload. All that is wrong is found in one go.
//
// Law: no file is read by a worker, and none after the server has become another user, but for a reload.

import type { KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault, tellRead, type Warning } from '@appserve/core';
import type { TlsOptionValues } from '../settings.ts';
import type { CertificateFiles } from './certificates-option.ts';
import { checkCiphers, nodeCiphers } from './ciphers.ts';
import { listWarningsOf } from './list-warnings.ts';
import type { HostCertificate, TlsMaterial } from './material.ts';
import { certificatesIn, opensslReason, privateKeyIn, revocationListsIn, type PemFile } from './pem.ts';
import type { RevocationList } from './revocation-list.ts';
import { contextOptions, secureContext } from './tls-options.ts';
import { warningsOf } from './warnings.ts';

export interface ReadTls {
  /** Nothing where the options name no certificate, or something is wrong. */
  readonly material: TlsMaterial | undefined;
  /** What is wrong, by the option that says it. */
  readonly faults: readonly TlsFault[];
  /** What works today, and will not for everybody, or for ever. */
  readonly warnings: readonly Warning[];
}

export interface TlsFault {
  readonly key: TlsKey;
  readonly fault: Fault;
}

/** As an ini spells them. */
export type TlsKey =
  | 'ca_certs'
  | 'cert_reqs'
  | 'certfile'
  | 'certificates'
  | 'ciphers'
  | 'crlfile'
  | 'keyfile'
  | 'keyfile_password'
  | 'ssl_version';

/** `folder`: where relative paths begin. `nowMs`: on the wall. */
export function readTls(values: TlsOptionValues, folder: string, nowMs: number): ReadTls {
  const reader = new TlsReader(values, folder, nowMs);
  const material = reader.material();
  const { faults, warnings } = reader;
  return { material: faults.length > 0 ? undefined : material, faults, warnings };
}

class TlsReader {
  readonly faults: TlsFault[] = [];
  readonly warnings: Warning[] = [];
  readonly #values: TlsOptionValues;
  readonly #folder: string;
  readonly #nowMs: number;
  #passphrase: string | undefined;

  constructor(values: TlsOptionValues, folder: string, nowMs: number) {
    this.#values = values;
    this.#folder = folder;
    this.#nowMs = nowMs;
  }

  material(): TlsMaterial | undefined {
    const { certfile, keyfile, certificates = [], ciphers, certReqs, sslVersion } = this.#values;
    if (this.#areAtOdds() || certfile === undefined || keyfile === undefined) return undefined;
    this.#findPassphrase();
    const first = this.#certificate('certfile', 'keyfile', { hosts: [], certfile, keyfile });
    const others = certificates.map((files) => this.#certificate('certificates', 'certificates', files));
    const authorities = this.#authorities();
    const lists = this.#lists(authorities);
    if (ciphers !== undefined) for (const fault of checkCiphers(ciphers)) this.faults.push({ key: 'ciphers', fault });
    if (this.faults.length > 0 || first === undefined) return undefined;
    const material: TlsMaterial = {
      certificates: [first, ...others.filter((other) => other !== undefined)],
      ca: authorities?.map(String).join(''),
      crls: lists?.map(({ pem }) => pem),
      clientCertificates: certReqs,
      ciphers: ciphers === undefined ? undefined : nodeCiphers(ciphers),
      minVersion: sslVersion,
    };
    this.#try(material);
    return material;
  }

  /** Options that go together, of which one is missing. */
  #areAtOdds(): boolean {
    const { caCerts, certReqs, certfile, crlfile, keyfile } = this.#values;
    if (certfile === undefined) {
      for (const key of this.#saidWithout()) this.#conflict(key, [key, 'certfile'], 'without certfile there is no TLS');
      return this.faults.length > 0;
    }
    if (keyfile === undefined)
      this.#conflict(
        'certfile',
        ['certfile', 'keyfile'],
        'a certificate is of no use without its key; say keyfile, which may be the same file',
      );
    if (caCerts !== undefined && certReqs === 'none')
      this.#conflict(
        'ca_certs',
        ['ca_certs', 'cert_reqs'],
        'no client is asked for a certificate; say cert_reqs = optional or required',
      );
    if (caCerts === undefined && certReqs !== 'none')
      this.#conflict('cert_reqs', ['cert_reqs', 'ca_certs'], 'nobody is believed about clients; say ca_certs');
    if (caCerts === undefined && crlfile !== undefined)
      this.#conflict('crlfile', ['crlfile', 'ca_certs'], 'nobody is believed about clients; say ca_certs and cert_reqs');
    return this.faults.length > 0;
  }

  /** Whoever says one of these believes that there is TLS. */
  #saidWithout(): TlsKey[] {
    const { caCerts, certReqs, certificates, ciphers, crlfile, keyfile, keyfilePassword } = this.#values;
    const said = {
      keyfile,
      keyfile_password: keyfilePassword,
      certificates,
      ca_certs: caCerts,
      crlfile,
      cert_reqs: certReqs === 'none' ? undefined : certReqs,
      ciphers,
    };
    return (Object.keys(said) as (keyof typeof said)[]).filter((key) => said[key] !== undefined);
  }

  #conflict(key: TlsKey, keys: readonly TlsKey[], why: string): void {
    this.faults.push({ key, fault: new Fault('OPTIONS_CONFLICT', { keys, why }) });
  }

  /** What `read` gives; where it throws a fault, that is one of this option. */
  #of<T>(key: TlsKey, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (!this.#isToldAlready(error)) this.faults.push({ key, fault: error });
      return undefined;
    }
  }

  /** Where the passphrase was not found, no key can be opened. */
  #isToldAlready({ code }: Fault): boolean {
    return code === 'TLS_PASSPHRASE_WRONG' && this.faults.some(({ key }) => key === 'keyfile_password');
  }

  /** Faults: TLS_FILE_UNREADABLE. */
  #file(key: TlsKey, path: string): PemFile {
    const full = resolve(this.#folder, path);
    tellRead(full);
    try {
      return { key, path, text: readFileSync(full, 'utf8') };
    } catch (cause) {
      throw new Fault('TLS_FILE_UNREADABLE', { key, path, why: (cause as Error).message.replace(/, \w+ '.*$/, '') }, { cause });
    }
  }

  #findPassphrase(): void {
    const { keyfilePassword: source } = this.#values;
    if (source === undefined) return;
    this.#passphrase = this.#of('keyfile_password', () => {
      if (source.from === 'file') return this.#file('keyfile_password', source.path).text.split(/\r?\n/, 1)[0];
      const passphrase = process.env[source.name];
      if (passphrase !== undefined) return passphrase;
      const why = `the variable ${source.name} is not set`;
      throw new Fault('TLS_PASSPHRASE_WRONG', { key: 'keyfile_password', path: 'the key', why });
    });
  }

  #certificate(certKey: TlsKey, keyKey: TlsKey, { hosts, certfile, keyfile }: CertificateFiles): HostCertificate | undefined {
    const chain = this.#of(certKey, () => certificatesIn(this.#file(certKey, certfile)));
    const key = this.#of(keyKey, () => privateKeyIn(this.#file(keyKey, keyfile), this.#passphrase));
    if (chain === undefined || key === undefined) return undefined;
    this.#of(keyKey, () => checkPair(keyKey, chain, key, { certfile, keyfile }));
    this.#warn('CERTIFICATE_DOUBTFUL', certKey, warningsOf({ key: certKey, path: certfile, hosts }, chain, this.#nowMs));
    const cert = chain.map(String).join('');
    return { hosts, cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  #authorities(): X509Certificate[] | undefined {
    const { caCerts } = this.#values;
    return caCerts === undefined ? undefined : this.#of('ca_certs', () => certificatesIn(this.#file('ca_certs', caCerts)));
  }

  #lists(authorities: readonly X509Certificate[] | undefined): RevocationList[] | undefined {
    const { crlfile } = this.#values;
    if (crlfile === undefined) return undefined;
    const lists = this.#of('crlfile', () => revocationListsIn(this.#file('crlfile', crlfile)));
    if (lists !== undefined && authorities !== undefined) {
      const messages = listWarningsOf({ key: 'crlfile', path: crlfile }, lists, authorities, this.#nowMs);
      this.#warn('REVOCATION_LIST_DOUBTFUL', 'crlfile', messages);
    }
    return lists;
  }

  #warn(code: string, key: TlsKey, messages: readonly string[]): void {
    this.warnings.push(...messages.map((message) => ({ code, key, message })));
  }

  /** As workers will do it. */
  #try(material: TlsMaterial): void {
    for (const [index, certificate] of material.certificates.entries()) {
      const key = index === 0 ? 'certfile' : 'certificates';
      this.#of(key, () => {
        try {
          secureContext(contextOptions(certificate, material));
        } catch (cause) {
          throw new Fault('TLS_REFUSED', { key, why: opensslReason(cause) }, { cause });
        }
      });
    }
  }
}

/** Faults: TLS_KEY_MISMATCH. */
function checkPair(
  key: TlsKey,
  chain: readonly X509Certificate[],
  privateKey: KeyObject,
  files: { readonly certfile: string; readonly keyfile: string },
): void {
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(privateKey));
  if (place === 0) return;
  const hint =
    place === -1
      ? 'both must come from one request for a certificate'
      : `it is that of certificate ${place + 1} in the file, which must stand first`;
  throw new Fault('TLS_KEY_MISMATCH', { key, ...files, hint });
}
