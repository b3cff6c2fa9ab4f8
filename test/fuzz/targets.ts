// targets.ts: what reads bytes or text from outside: the table that `npm run fuzz` and its test go through.
//
// An attempt takes any bytes. It may refuse them by a fault; whatever else it throws is a finding, and so is an answer that depends on
// how the bytes were cut, or one that takes long.

import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, FaultList } from '@appserve/core';
import { parseTraceContext } from '@appserve/core/message';
import { forwardedHops, seenThrough } from '@appserve/core/peers';
import { readProxyHeader } from '@appserve/core/proxy-protocol';
import { getSections, getSettings, loadLogging, parseUri } from '@appserve/loader';
import { Configuration, Merged, readLayers, type Machine } from '@appserve/loader/buildout';
import { readHtpasswd } from '@appserve/parts/machines';
import { Lines, parseRequest } from '@appserve/server/machines';
import { byteByByte } from '../support/cuts.ts';
import { FastcgiWire } from '../support/fastcgi-conversation.ts';
import { linesOf, Wire, type Answer } from '../support/wire.ts';

export interface Target {
  readonly reads: string;
  /** Put in, or in the place of something else. */
  readonly pieces: readonly string[];
  readonly attempt: (bytes: Uint8Array) => unknown;
}

const OK: Answer = { at: 'end', steps: [{ type: 'head', status: '200 OK', flat: [] }] };
const ANSWERS = Array.from({ length: 16 }, () => OK);

function http1(pieces: readonly Uint8Array[]): unknown {
  const wire = new Wire({ bodyBytesMax: 1_000, headBytesMax: 4_000 }, ANSWERS);
  for (const piece of pieces) wire.receive(piece);
  wire.endSending();
  return { lines: wire.heard.flatMap(linesOf), rest: wire.rest };
}

function fastcgi(pieces: readonly Uint8Array[]): unknown {
  const wire = new FastcgiWire({ bodyBytesMax: 10_000, paramsBytesMax: 10_000 });
  for (const piece of pieces) wire.receive(piece);
  wire.endSending();
  return wire.heard;
}

/** As a connection brings it. */
function proxyHeader(pieces: readonly Uint8Array[]): unknown {
  let seen = new Uint8Array();
  for (const piece of pieces) {
    seen = Buffer.concat([seen, piece]);
    try {
      const header = readProxyHeader(seen, 'any');
      if (header !== undefined) return header;
    } catch (error) {
      return (faultOrThrow(error) as Fault).code;
    }
  }
  return undefined;
}

const MACHINE: Machine = { words: { linux: true, node_version: '20.19.0' }, environment: { HOME: '/home/me' } };

/** Every value of a configuration that has no other files. */
function buildout(text: string): unknown {
  const layers = readLayers('/site/buildout.cfg', 'buildout.cfg', {
    read: (file) => {
      if (file !== '/site/buildout.cfg') throw new Fault('CONFIG_MISSING', { path: file });
      return text;
    },
    exists: (file) => file === '/site/buildout.cfg',
    machine: MACHINE,
  });
  const configuration = new Configuration(new Merged([...layers]), MACHINE.environment);
  return configuration.options('buildout');
}

/** An ini is read from a file. */
async function inFile(text: string, act: (path: string) => Promise<unknown>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'as-fuzz-'));
  try {
    const path = join(folder, 'site.ini');
    writeFileSync(path, text);
    return await act(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function everySection(path: string): Promise<unknown> {
  const sections = await getSections(path);
  // One that cannot be had does not hide the others.
  return Promise.all(sections.map(async (section) => getSettings(path, section).catch(faultOrThrow)));
}

function faultOrThrow(error: unknown): unknown {
  if (error instanceof Fault || error instanceof FaultList) return error;
  throw error;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const octetsOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const TARGETS: Readonly<Record<string, Target>> = {
  http1: {
    reads: 'requests of HTTP/1.1',
    pieces: [
      '\r\n',
      '\r\n\r\n',
      '0\r\n\r\n',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Host: b\r\n',
      ' ',
      '\t',
      ':',
      ',',
      '\0',
    ],
    attempt: (bytes) => {
      const whole = http1([bytes]);
      // An app that waits for 100 Continue answers by how much of the body is here.
      if (!/expect/i.test(octetsOf(bytes))) deepStrictEqual(http1(byteByByte(bytes)), whole);
    },
  },
  fastcgi: {
    reads: 'records of FastCGI',
    pieces: [
      '\x01\x01\0\x01\0\x08\0\0',
      '\x01\x04\0\x01\0\0\0\0',
      '\x01\x05\0\x01\0\0\0\0',
      '\x01\x02\0\x01\0\0\0\0',
      '\xff',
      '\x80\0\0\x01',
    ],
    attempt: (bytes) => {
      const whole = fastcgi([bytes]);
      deepStrictEqual(fastcgi(byteByByte(bytes)), whole);
    },
  },
  ini: {
    reads: 'inis, with all settings of all sections',
    pieces: [
      '[',
      ']',
      '\n',
      '\n ',
      '=',
      ' = ',
      ':',
      '%',
      '%(',
      ')s',
      '%(here)s',
      '#',
      ';',
      '[DEFAULT]',
      'set ',
      'use = ',
      '\ufeff',
      '\r',
    ],
    attempt: async (bytes) => inFile(textOf(bytes), everySection),
  },
  logging: {
    reads: 'the logging sections of an ini',
    pieces: [
      '[loggers]',
      '[handler_a]',
      'keys=',
      'class=',
      'args=(',
      ')',
      "'",
      ',',
      '%(',
      's',
      'level=',
      'qualname=',
      '\n',
      '(1,',
      '[',
      '{',
    ],
    attempt: async (bytes) => inFile(textOf(bytes), loadLogging),
  },
  buildout: {
    reads: 'configurations of `appserve build`',
    pieces: [
      '${',
      '}',
      ':',
      '<=',
      '+=',
      '-=',
      '[',
      ']',
      ' : ',
      '\n',
      '\n  ',
      '<',
      '=',
      '${buildout:directory}',
      '$${',
      '|',
      '%%',
    ],
    attempt: (bytes) => buildout(textOf(bytes)),
  },
  control: {
    reads: 'lines of the control socket',
    pieces: ['{', '}', '"', ':', ',', '\n', '\r\n', '"version":1', '"command":', '[', 'null', '1e999', '\\u0000'],
    attempt: (bytes) => {
      const lines = new Lines(1_000).push(Buffer.from(bytes));
      for (const line of Array.isArray(lines) ? lines : []) {
        try {
          parseRequest(line);
        } catch (error) {
          if (!['NOT_JSON', 'NOT_A_REQUEST', 'VERSION_UNKNOWN'].includes((error as { code: string }).code)) throw error;
        }
      }
    },
  },
  'proxy-protocol': {
    reads: 'PROXY headers',
    pieces: [
      'PROXY ',
      'TCP4 ',
      'TCP6 ',
      'UNKNOWN',
      ' ',
      '\r\n',
      '\r\n\r\n\0\r\nQUIT\n',
      '\x21\x11',
      '\x20\0',
      '\0\x0c',
      '\x03\0\x04',
      '::',
    ],
    attempt: (bytes) => {
      const whole = proxyHeader([bytes]);
      deepStrictEqual(proxyHeader(byteByByte(bytes)), whole);
    },
  },
  forwarded: {
    reads: 'Forwarded, of proxies',
    pieces: ['for=', 'proto=', 'host=', 'by=', ';', ',', '"', '\\', '[::1]:', '_x', 'unknown', '='],
    attempt: (bytes) => seenThrough(forwardedHops(octetsOf(bytes)), '127.0.0.1', () => true),
  },
  traceparent: {
    reads: 'traceparent and tracestate',
    pieces: ['00-', '-01', 'ff', '0'.repeat(16), '=', ',', '@'],
    attempt: (bytes) => {
      const [parent = '', state] = octetsOf(bytes).split('\n');
      return parseTraceContext(parent, state);
    },
  },
  htpasswd: {
    reads: 'files of users',
    pieces: [':', '$2y$10$', '$argon2id$v=19$m=65536,t=3,p=4$', '#', '\n', '$', '='],
    attempt: (bytes) => readHtpasswd(textOf(bytes), 'users'),
  },
  uri: {
    reads: 'names of configurations',
    pieces: ['config:', '#', 'egg:', '?', '&', '=', '%20', '/', '..', ':'],
    attempt: (bytes) => parseUri(textOf(bytes)),
  },
};
