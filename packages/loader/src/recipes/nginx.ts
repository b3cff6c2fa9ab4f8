// recipes/nginx.ts: an nginx in front of instances: an upstream of their sockets, and with `listen` a server before it. The file is
// for `include` within `http`.
//
// Source: ngx_http_upstream_module, ngx_http_proxy_module.

import { join } from 'node:path';
import { headerOf, linesFrom } from '../generate/generated.ts';
import { upstreamAddress } from './addresses.ts';
import type { Part } from './part.ts';
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
    return address;
  });
}

function upstreamLines(part: Part, name: string): string[] {
  const servers = [
    ...part.words('instances').flatMap((word) => addressesOf(part, word)),
    ...part.words('servers').map(({ text }) => text),
  ];
  return [
    '',
    `upstream ${name} {`,
    ...servers.map((server) => `    server ${server};`),
    `    keepalive ${part.text('keepalive') ?? '16'};`,
    '}',
  ];
}

function serverLines(part: Part, upstream: string): string[] {
  const listen = part.words('listen').map(({ text }) => text);
  if (listen.length === 0) return [];
  const location = part.text('location') ?? '/';
  const name = part.text('server-name');
  return [
    '',
    'server {',
    ...listen.map((address) => `    listen ${address};`),
    ...(name === undefined ? [] : [`    server_name ${name};`]),
    `    client_max_body_size ${part.text('max-request-body-size') ?? '1g'};`,
    ...part.lines('server-additional').map(({ text }) => `    ${text}`),
    `    location ${location} {`,
    `        proxy_pass http://${upstream};`,
    // Connections to the instances stay open: the protocol of before has none that do.
    '        proxy_http_version 1.1;',
    '        proxy_set_header Connection "";',
    '        proxy_set_header Host $host;',
    '        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    '        proxy_set_header X-Forwarded-Proto $scheme;',
    ...part.lines('location-additional').map(({ text }) => `        ${text}`),
    '    }',
    '}',
  ];
}
