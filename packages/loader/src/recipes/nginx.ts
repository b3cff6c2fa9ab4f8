// recipes/nginx.ts: an nginx in front of instances: an upstream of their sockets, and with `listen` a server before it. The file is
// for `include` within `http`.
//
// Source: ngx_http_upstream_module, ngx_http_proxy_module; nginx.org/en/docs/http/websocket.html.

import { join } from 'node:path';
import { headerOf, linesFrom } from '../generate/generated.ts';
import { upstreamAddress } from './addresses.ts';
import type { Word } from '../setting.ts';
import type { Part } from './part.ts';
import { inNginx } from './quoting.ts';
import type { Made } from './recipe.ts';

/** Faults: PART_OPTION, those of the instances. */
export function nginx(part: Part): Made {
  part.required('instances');
  const upstream = part.text('upstream') ?? part.name;
  if (!/^[\w.-]+$/.test(upstream)) part.refuse('upstream', `${upstream} is no name of an upstream: letters, digits and . _ -`);
  const output = part.path(part.text('output') ?? join(part.folder, 'nginx.conf'));
  const { made: text, isSecret } = part.marked(() =>
    [headerOf([part.source]), ...upstreamLines(part, upstream), ...serverLines(part, upstream), ''].join('\n'),
  );
  return { files: [{ path: output, lines: linesFrom(text, part.at), isSecret }], values: { output, upstream } };
}

function addressesOf(part: Part, word: Parameters<Part['section']>[0]): string[] {
  const sockets = part.section(word).get('sockets')?.value;
  if (sockets === undefined) part.refuse('instances', `[${word.text}] is no instance: its recipe tells no sockets`, word.at);
  return sockets.split('\n').map((socket) => {
    const address = upstreamAddress(socket);
    if (address === undefined)
      part.refuse(
        'instances',
        `[${word.text}] listens on ${socket}, which has no address that nginx could use; write that into servers`,
        word.at,
      );
    return inNginx(address);
  });
}

/** Instances close their connections, unless their `server.max_reuse_count` says otherwise: so keepalive is for who says that too. */
function upstreamLines(part: Part, name: string): string[] {
  const keepalive = part.text('keepalive');
  const servers = [
    ...part.words('instances').flatMap((word) => addressesOf(part, word)),
    ...part.words('servers').map(({ text }) => text),
  ];
  return [
    '',
    `upstream ${name} {`,
    ...servers.map((server) => `    server ${server};`),
    ...(keepalive === undefined ? [] : [`    keepalive ${keepalive};`]),
    '}',
  ];
}

function serverLines(part: Part, upstream: string): string[] {
  const listen = part.words('listen').map(({ text }) => text);
  if (listen.length === 0) return [];
  for (const word of part.words('instances')) warnOfDeaf(part, word);
  const location = part.text('location') ?? '/';
  const name = part.text('server-name');
  // Names of variables are for the whole nginx.
  const variable = `appserve_${upstream.replaceAll(/\W/g, '_')}`;
  return [
    '',
    '# What the client has asked for, as nginx has understood it, and with its port.',
    `map $http_host $${variable}_port {`,
    '    default "";',
    '    "~(?<port_of_host>:[0-9]+)$" $port_of_host;',
    '}',
    `map $http_upgrade $${variable}_connection {`,
    '    default upgrade;',
    '    "" "";',
    '}',
    '',
    'server {',
    ...listen.map((address) => `    listen ${address};`),
    ...(name === undefined ? [] : [`    server_name ${name};`]),
    `    client_max_body_size ${part.text('max-request-body-size') ?? '1g'};`,
    ...part.lines('server-additional').map(({ text }) => `    ${text}`),
    `    location ${location} {`,
    `        proxy_pass http://${upstream};`,
    // The protocol of before has neither WebSockets nor connections that stay open.
    '        proxy_http_version 1.1;',
    '        proxy_set_header Upgrade $http_upgrade;',
    `        proxy_set_header Connection $${variable}_connection;`,
    `        proxy_set_header Host $host$${variable}_port;`,
    ...forwardedLines(part, `$host$${variable}_port`).map((line) => `        proxy_set_header ${line};`),
    ...part.lines('location-additional').map(({ text }) => `        ${text}`),
    '    }',
    '}',
  ];
}

/** Clients are told to an instance that believes nobody. What a template of the whole ini says is not known here. */
function warnOfDeaf(part: Part, word: Word): void {
  const instance = part.section(word);
  const isKnown = !instance.has('wsgi-ini-template') && !instance.has('ini-additional');
  if (!isKnown || BELIEVING.some((key) => instance.has(key)) || [...instance.keys()].some(isFilter)) return;
  const sockets = instance.get('sockets')!.value.split('\n');
  const peers = new Set(sockets.map((socket) => (socket.startsWith('unix:') ? 'unix' : '127.0.0.1')));
  part.warn(
    'instances',
    `tells [${word.text}] who its clients are, which believes nobody: give it server.forwarded_allow = ${[...peers].join(' ')}`,
  );
}

const BELIEVING = ['server.forwarded_allow', 'server.proxy_protocol'] as const;

/** Some filters believe proxies, too. */
function isFilter(key: string): boolean {
  return key === 'pipeline' || key.startsWith('filter.');
}

/**
 * Whoever trusts this nginx would trust what the client says of itself: the outermost proxy sets, and leaves nothing of that. One behind
 * another appends itself, and passes on what that one has set.
 */
function forwardedLines(part: Part, host: string): string[] {
  const forwarded = part.text('forwarded') ?? 'set';
  switch (forwarded) {
    case 'set':
      return [
        `X-Forwarded-Host ${host}`,
        'X-Forwarded-For $remote_addr',
        'X-Forwarded-Proto $scheme',
        ...[...NEVER_OF_CLIENTS, 'X-Forwarded-Port', 'X-Real-IP'].map((field) => `${field} ""`),
      ];
    case 'append':
      return ['X-Forwarded-For $proxy_add_x_forwarded_for', ...NEVER_OF_CLIENTS.map((field) => `${field} ""`)];
    default:
      return part.refuse('forwarded', `${forwarded} is neither set nor append`);
  }
}

const NEVER_OF_CLIENTS = ['Forwarded', 'X-Forwarded-Server', 'X-Forwarded-Scheme'] as const;
