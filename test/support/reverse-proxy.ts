// reverse-proxy.ts: nginx, HAProxy or Apache before HTTP servers, with the configurations of examples/ and docs/guide/reverse-proxies.md.
//
// As with web-server.ts, a test says only what it changes in them: a port, a socket, whether connections are kept.

import { readFileSync } from 'node:fs';
import { readGuide } from './guide.ts';
import { inRepository } from './repository.ts';
import { apacheFrame, replaceAll, WebServer, type Place, type Replacement } from './web-server.ts';

export const REVERSE_PROXIES = ['nginx', 'haproxy', 'apache2'] as const;
export type ReverseProxyName = (typeof REVERSE_PROXIES)[number];
export type ReverseProxy = WebServer<ReverseProxyName>;

/** An instance, and for HAProxy the port of 127.0.0.1 where it tells how it is. */
export interface Instance {
  readonly at: Place;
  readonly health?: number;
}

export interface ReverseProxyOptions {
  readonly instances: readonly Instance[];
  readonly keepsConnections?: boolean;
  /** What else is different here. */
  readonly changes?: readonly Replacement[];
}

interface Kind {
  readonly text: (keepsConnections: boolean) => string;
  readonly replacements: (port: number, options: Required<ReverseProxyOptions>) => readonly Replacement[];
  readonly frame: (text: string, folder: string) => string;
}

const APACHE_MODULES = ['authz_core', 'setenvif', 'headers', 'proxy', 'proxy_http'];

function example(file: string): string {
  return readFileSync(inRepository(`examples/${file}`), 'utf8');
}

function apacheConfiguration(): string {
  const fences = readGuide('docs/guide/reverse-proxies.md').chapters.flatMap((chapter) => chapter.fences);
  return fences.find(({ language, info }) => language === 'apache' && info === 'site.conf')!.text;
}

const KINDS: Readonly<Record<ReverseProxyName, Kind>> = {
  nginx: {
    text: (keepsConnections) => example(keepsConnections ? 'nginx/nginx.conf' : 'nginx/nginx-closing.conf'),
    replacements: (port, { instances }) => [
      ['error_log stderr;', 'error_log stderr notice;'],
      ['listen 127.0.0.1:8080;', `listen 127.0.0.1:${port};`],
      [
        'server unix:examples/nginx/run/site.sock;',
        instances.map(({ at }) => `server ${typeof at === 'string' ? `unix:${at}` : `127.0.0.1:${at}`} max_fails=0;`).join('\n'),
      ],
    ],
    frame: (text, folder) => text.replaceAll(/\brun\//g, `${folder}/`),
  },
  haproxy: {
    text: () => example('haproxy/haproxy.cfg'),
    replacements: (port, { instances, keepsConnections }) => [
      ['bind 127.0.0.1:8080', `bind 127.0.0.1:${port}`],
      ...(keepsConnections ? [] : [['  balance leastconn', '  balance leastconn\n  option httpclose'] as const]),
      ['  server one 127.0.0.1:8081 port 9081\n', instances.map((instance, index) => haproxyServer(instance, index)).join('')],
      ['  server two 127.0.0.1:8082 port 9082\n', ''],
    ],
    frame: (text) => text,
  },
  apache2: {
    text: apacheConfiguration,
    replacements: (port, { instances: [instance], keepsConnections }) => {
      const { at } = instance!;
      return [
        ['Listen 127.0.0.1:8080', `Listen 127.0.0.1:${port}`],
        ['"unix:/run/site/site.sock|http://live', typeof at === 'string' ? `"unix:${at}|http://live` : `"http://127.0.0.1:${at}`],
        ['"unix:/run/site/site.sock|http://site', typeof at === 'string' ? `"unix:${at}|http://site` : `"http://127.0.0.1:${at}`],
        ...(keepsConnections ? [] : [['ttl=60', 'disablereuse=on'] as const]),
      ];
    },
    frame: (text, folder) => apacheFrame(text, folder, APACHE_MODULES),
  },
};

function haproxyServer({ at, health }: Instance, index: number): string {
  const address = typeof at === 'string' ? `unix@${at}` : `127.0.0.1:${at}`;
  return `  server instance${index + 1} ${address} ${health === undefined ? 'no-check' : `port ${health}`}\n`;
}

export async function startReverseProxy(name: ReverseProxyName, options: ReverseProxyOptions): Promise<ReverseProxy> {
  const whole = { keepsConnections: true, changes: [], ...options };
  const { text, replacements, frame } = KINDS[name];
  return WebServer.startWith(name, (port, folder) =>
    frame(replaceAll(text(whole.keepsConnections), [...replacements(port, whole), ...whole.changes]), folder),
  );
}
