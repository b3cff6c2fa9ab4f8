// Every byte at every place of a request: which ones may stand there is what the ABNF of RFC 9110, RFC 9112 and RFC 3986 says.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteByByte } from '../../support/cuts.ts';
import { Wire } from '../../support/wire.ts';

/** Stands for the byte. */
const HERE = '¤';

const TCHAR = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
/** HTAB, SP, VCHAR and obs-text. */
const FIELD_CHAR = /[\t\x20-\x7e\x80-\xff]/;
const OWS = /[\t ]/;
/** unreserved and sub-delims. */
const REG_NAME = /[A-Za-z0-9\-._~!$&'()*+,;=]/;

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

type Row = readonly [place: string, request: string, allowed: RegExp];

const PLACES: readonly Row[] = [
  ['in front of a method', '¤GET / HTTP/1.1\r\nHost: a\r\n\r\n', TCHAR],
  ['in a method', 'G¤T / HTTP/1.1\r\nHost: a\r\n\r\n', TCHAR],
  ['between method and target', 'GET¤/ HTTP/1.1\r\nHost: a\r\n\r\n', / /],
  // All of VCHAR but "#": what browsers send raw, though RFC 3986 would have it percent-encoded, has one reading.
  ['in a path', 'GET /a¤b HTTP/1.1\r\nHost: a\r\n\r\n', /[\x21\x22\x24-\x7e]/],
  ['in a query', 'GET /?a¤b HTTP/1.1\r\nHost: a\r\n\r\n', /[\x21\x22\x24-\x7e]/],
  ['in an authority, which "/" and "?" end', 'GET http://a¤b HTTP/1.1\r\nHost: a\r\n\r\n', /[A-Za-z0-9\-._~!$&'()*+,;=/?]/],
  ['in the port of an authority', 'GET http://a:8¤/ HTTP/1.1\r\nHost: a\r\n\r\n', /[0-9/?]/],
  ['between target and version', 'GET /¤HTTP/1.1\r\nHost: a\r\n\r\n', / /],
  ['in the name of the protocol', 'GET / HTT¤/1.1\r\nHost: a\r\n\r\n', /P/],
  ['as major version', 'GET / HTTP/¤.1\r\nHost: a\r\n\r\n', /1/],
  ['as the point in a version', 'GET / HTTP/1¤1\r\nHost: a\r\n\r\n', /\./],
  ['as minor version', 'GET / HTTP/1.¤\r\nHost: a\r\n\r\n', /[0-9]/],
  ['behind a version', 'GET / HTTP/1.1¤\nHost: a\r\n\r\n', /\r/],
  ['behind the CR of a request line', 'GET / HTTP/1.1\r¤Host: a\r\n\r\n', /\n/],
  ['in front of a name', `${GET}¤X: y\r\n\r\n`, TCHAR],
  ['in a name, which ":" ends', `${GET}X¤Y: z\r\n\r\n`, /[:!#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['in front of a colon', `${GET}X¤: y\r\n\r\n`, /[:!#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['as a name', `${GET}¤: y\r\n\r\n`, TCHAR],
  ['behind a colon', `${GET}X:¤y\r\n\r\n`, FIELD_CHAR],
  ['in a value', `${GET}X: a¤b\r\n\r\n`, FIELD_CHAR],
  ['as a value', `${GET}X:¤\r\n\r\n`, FIELD_CHAR],
  ['at the end of a value', `${GET}X: a¤\r\n\r\n`, FIELD_CHAR],
  ['in front of the LF of a field line', `${GET}X: a¤\n\r\n`, /\r/],
  ['behind the CR of a field line', `${GET}X: a\r¤\r\n`, /\n/],
  ['as the last byte of a head', `${GET}\r¤`, /\n/],
  ['in a Host', 'GET / HTTP/1.1\r\nHost: a¤b\r\n\r\n', REG_NAME],
  ['at the end of a Host, where ":" begins a port', 'GET / HTTP/1.1\r\nHost: a¤\r\n\r\n', /[\t A-Za-z0-9\-._~!$&'()*+,;=:]/],
  ['in a port', 'GET / HTTP/1.1\r\nHost: a:8¤0\r\n\r\n', /[0-9]/],
  ['in an IPv6 address', 'GET / HTTP/1.1\r\nHost: [1::2¤]\r\n\r\n', /[0-9A-Fa-f]/],
  ['behind the bracket of an IPv6 address', 'GET / HTTP/1.1\r\nHost: [::1]¤\r\n\r\n', /[\t :]/],
  ['at the end of a length', `${POST}Content-Length: 0¤\r\n\r\n`, /[0-9\t ]/],
  ['in front of a length', `${POST}Content-Length:¤0\r\n\r\n`, /[0-9\t ]/],
  ['in a length', `${POST}Content-Length: 0¤0\r\n\r\n`, /[0-9]/],
  ['in front of chunked', `${POST}Transfer-Encoding:¤chunked\r\n\r\n0\r\n\r\n`, OWS],
  ['in chunked', `${POST}Transfer-Encoding: chun¤ed\r\n\r\n0\r\n\r\n`, /[Kk]/],
  ['behind chunked', `${POST}Transfer-Encoding: chunked¤\r\n\r\n0\r\n\r\n`, OWS],
  ['behind an expectation', `${POST}Expect: 100-continue¤\r\n\r\n`, /[\t ,]/],
  ['as a chunk size', `${CHUNKED}¤\r\n`, /[0-9A-Fa-f]/],
  ['at the end of a chunk size', `${CHUNKED}0¤\r\n`, /[0-9A-Fa-f]/],
  ['between a chunk size and its extension', `${CHUNKED}0¤;a\r\n`, /[0-9A-Fa-f\t ]/],
  ['in front of the name of an extension', `${CHUNKED}0;¤a\r\n\r\n`, /[\t !#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['as the name of an extension', `${CHUNKED}0;¤\r\n\r\n`, TCHAR],
  ['in the name of an extension', `${CHUNKED}0;a¤b\r\n\r\n`, /[;=!#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['as the value of an extension', `${CHUNKED}0;a=¤\r\n\r\n`, TCHAR],
  ['in the value of an extension', `${CHUNKED}0;a=b¤c\r\n\r\n`, /[;!#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['in a quoted string, which a quotation mark would end', `${CHUNKED}0;a="b¤c"\r\n\r\n`, /[\t\x20\x21\x23-\x7e\x80-\xff]/],
  ['behind a backslash', `${CHUNKED}0;a="\\¤"\r\n\r\n`, FIELD_CHAR],
  ['behind a quoted string', `${CHUNKED}0;a="b"¤;c\r\n\r\n`, OWS],
  ['in front of the LF of a chunk line', `${CHUNKED}0¤\n\r\n`, /\r/],
  ['behind the CR of a chunk line', `${CHUNKED}0\r¤\r\n`, /\n/],
  ['behind the data of a chunk', `${CHUNKED}1\r\nx¤\n0\r\n\r\n`, /\r/],
  ['behind the CR behind the data of a chunk', `${CHUNKED}1\r\nx\r¤0\r\n\r\n`, /\n/],
  ['in the data of a chunk', `${CHUNKED}3\r\nx¤y\r\n0\r\n\r\n`, /[^]/],
  ['in the name of a trailer, which ":" ends', `${CHUNKED}0\r\nX¤Y: z\r\n\r\n`, /[:!#$%&'*+\-.^_`|~0-9A-Za-z]/],
  ['in the value of a trailer', `${CHUNKED}0\r\nX: a¤b\r\n\r\n`, FIELD_CHAR],
  ['as the last byte of a chunked body', `${CHUNKED}0\r\n\r¤`, /\n/],
];

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

/** The bytes that may stand at the place, read as a whole or byte by byte. */
function takenAt(request: string, cut: (bytes: Uint8Array) => Uint8Array[]): number[] {
  return BYTES.filter((byte) => {
    const wire = new Wire();
    for (const piece of cut(
      Buffer.from(
        request.replace(HERE, () => String.fromCharCode(byte)),
        'latin1',
      ),
    ))
      wire.receive(piece);
    return wire.heard.every(({ type }) => type !== 'fault') && wire.rest !== 'closed';
  });
}

describe('the bytes that may stand', () => {
  for (const [place, request, allowed] of PLACES) {
    it(place, () => {
      const wanted = BYTES.filter((byte) => allowed.test(String.fromCharCode(byte)));
      assert.deepEqual(
        takenAt(request, (bytes) => [bytes]),
        wanted,
      );
      assert.deepEqual(takenAt(request, byteByByte), wanted, 'byte by byte');
    });
  }
});
