// filters/signed-value.ts: a value that whoever carries it can read but not change: a machine.
//
// Shape: `DATA.TIME.MAC`, base64url: JSON, seconds in base 36, and HMAC-SHA256 over what is before it and the purpose.

import { createHmac, timingSafeEqual } from 'node:crypto';

const SHAPE = /^([A-Za-z0-9_-]*)\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/;

export class Signer {
  readonly #keys: readonly string[];
  readonly #purpose: string;

  /** The first key signs, all are known. `purpose`: what is signed for one thing is not valid for another. */
  constructor(keys: readonly string[], purpose: string) {
    this.#keys = keys;
    this.#purpose = purpose;
  }

  sign(value: unknown, epochS: number): string {
    const signed = `${Buffer.from(JSON.stringify(value)).toString('base64url')}.${epochS.toString(36)}`;
    return `${signed}.${this.#mac(signed, this.#keys[0]!).toString('base64url')}`;
  }

  /** Nothing when it is not ours, or too old. */
  read(text: string, epochS: number, maxAgeS: number): { readonly value: unknown; readonly ageS: number } | undefined {
    const [, data, time, mac] = SHAPE.exec(text) ?? [];
    if (data === undefined) return undefined;
    const given = Buffer.from(mac!, 'base64url');
    if (!this.#keys.some((key) => timingSafeEqual(this.#mac(`${data}.${time}`, key), given))) return undefined;
    const ageS = epochS - Number.parseInt(time!, 36);
    // A clock may go back a little; one that is far ahead has signed for ever.
    if (ageS >= maxAgeS || ageS < -60) return undefined;
    return { value: JSON.parse(Buffer.from(data, 'base64url').toString()) as unknown, ageS };
  }

  #mac(signed: string, key: string): Buffer {
    return createHmac('sha256', key).update(`${this.#purpose}\0${signed}`).digest();
  }
}
