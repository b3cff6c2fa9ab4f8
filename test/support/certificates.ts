// certificates.ts: an authority of our own and what it issues, made for a test and forgotten with it.

// What @peculiar/x509 is built on wants it first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  type X509Certificate,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto);

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** In PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** Of the subject: `CN=alice,O=Example`. */
  readonly name?: string;
  readonly hosts?: readonly string[];
  /** From now. */
  readonly validFromDays?: number;
  readonly validToDays?: number;
  readonly serialNumber?: string;
  /** RSA with so many bits instead of ECDSA. */
  readonly rsaBits?: number;
}

type Keys = webcrypto.CryptoKeyPair;

export class Authority {
  readonly #keys: Keys;
  readonly #certificate: X509Certificate;

  private constructor(keys: Keys, certificate: X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async create(name = 'CN=Test Authority'): Promise<Authority> {
    const keys = await keysOf({});
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name,
      keys,
      ...validity({}),
      signingAlgorithm: EC,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new Authority(keys, certificate);
  }

  get pem(): string {
    return this.#certificate.toString('pem');
  }

  async issue(wanted: Wanted = {}): Promise<Issued> {
    const { name = 'CN=localhost', hosts = [], serialNumber = '2a' } = wanted;
    const keys = await keysOf(wanted);
    const certificate = await X509CertificateGenerator.create({
      subject: name,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: EC,
      serialNumber,
      ...validity(wanted),
      extensions: hosts.length === 0 ? [] : [new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value })))],
    });
    const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { cert: `${certificate.toString('pem')}\n`, key: PemConverter.encode(der, 'PRIVATE KEY') };
  }

  /** A list of what is revoked, in PEM. */
  async revoke(
    serialNumbers: readonly string[],
    { validFromDays = -2, validToDays = 30, name = this.#certificate.subject }: Revoking = {},
  ): Promise<string> {
    const { notBefore, notAfter } = validity({ validFromDays, validToDays });
    const list = await X509CrlGenerator.create({
      issuer: name,
      thisUpdate: notBefore,
      nextUpdate: notAfter,
      entries: serialNumbers.map((serialNumber) => ({ serialNumber, revocationDate: notBefore })),
      signingKey: this.#keys.privateKey,
      signingAlgorithm: EC,
    });
    // RFC 7468 §7 has it so, and OpenSSL reads no other label.
    return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
  }
}

interface Revoking {
  /** From now: when it was written. */
  readonly validFromDays?: number;
  /** From now until the list is out of date. */
  readonly validToDays?: number;
  /** Another spelling of the authority. */
  readonly name?: string;
}

async function keysOf({ rsaBits }: Wanted): Promise<Keys> {
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: rsaBits ?? 0,
  };
  return await webcrypto.subtle.generateKey(rsaBits === undefined ? EC : rsa, true, ['sign', 'verify']);
}

function validity({ validFromDays = -1, validToDays = 365 }: Wanted): { notBefore: Date; notAfter: Date } {
  const nowMs = Date.now();
  return { notBefore: new Date(nowMs + validFromDays * DAY_MS), notAfter: new Date(nowMs + validToDays * DAY_MS) };
}
