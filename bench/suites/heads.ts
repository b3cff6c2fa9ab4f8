// heads.ts: the head parser alone, in this process: what a request head costs to read, without a socket and without an answer.
//
// The same head comes again and again, as from one client after the other of one site: its host is always the one that is known
// from the head before (framing.ts, knownHost), and its names are those that are known. A first head costs more.

import { HTTP1_LIMITS, Http1Connection } from '@appserve/core/http1';
import { median } from '../measure.ts';

const STYLE = { dateLine: '', viaLine: '', serverLine: '', chunkedTransfer: false };
const ROUNDS = 7;
const HEADS_A_ROUND = 100_000;

const BROWSER = [
  'GET /articles/2026/11?page=2&sort=date HTTP/1.1',
  'Host: www.example.org',
  'Connection: keep-alive',
  'Cache-Control: max-age=0',
  'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Referer: https://www.example.org/articles/2026/11?page=1',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9',
  `Cookie: session=${'0123456789abcdef'.repeat(4)}; theme=dark`,
];

const HEADS: Readonly<Record<string, readonly string[]>> = {
  'one field': ['GET / HTTP/1.1', 'Host: www.example.org'],
  'a browser': BROWSER,
  '30 fields of its own': [
    'GET / HTTP/1.1',
    'Host: a',
    ...Array.from({ length: 30 }, (_, index) => `X-Own-${index}: value ${index}`),
  ],
};

/** Whether each head is one, and how long the reading of it takes. */
export function heads(print: (text: string) => void): readonly object[] {
  print('\nreading a request head, in this process');
  return Object.entries(HEADS).map(([name, lines]) => {
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    const costs = Array.from({ length: ROUNDS + 1 }, () => round(bytes)).slice(1);
    const nsPerHead = median(costs);
    const size = `(${bytes.length} bytes, ${Math.round((bytes.length * 1_000) / nsPerHead)} MB/s)`;
    print(`  ${name.padEnd(22)}${`${Math.round(nsPerHead)} ns`.padStart(9)}  ${size}`);
    return { title: `head: ${name}`, bytes: bytes.length, nsPerHead };
  });
}

function round(bytes: Buffer): number {
  const before = process.cpuUsage();
  for (let read = 0; read < HEADS_A_ROUND; read += 1) {
    const engine = new Http1Connection(HTTP1_LIMITS, STYLE);
    engine.receive(bytes);
    if (engine.next().type !== 'request') throw new Error('this is no head');
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / HEADS_A_ROUND;
}
