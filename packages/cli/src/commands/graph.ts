// graph.ts: `appserve graph CONFIG`: what a request comes to, from the server to the apps, as text, as a diagram or as data.

import { Fault } from '@appserve/core';
import { describeGraph, type GraphEdge, type GraphNode } from '@appserve/loader';
import type { Given } from '../command.ts';
import type { GRAPH_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { givenConfig } from '../given-config.ts';

const FORMATS = { text, mermaid, json } as const satisfies Readonly<Record<string, (roots: readonly GraphNode[]) => string>>;

export async function run(given: Given<typeof GRAPH_FLAGS>): Promise<number> {
  const format = given.flags.format ?? 'text';
  if (!Object.hasOwn(FORMATS, format))
    throw new Fault('ARGUMENT_INVALID', { argument: `--format ${format}`, why: `there is ${Object.keys(FORMATS).join(', ')}` });
  const { uri, options } = await givenConfig(given);
  process.stdout.write(FORMATS[format as keyof typeof FORMATS](await describeGraph(uri, options)));
  return EXIT_CODES.asked.code;
}

function titleOf({ kind, section, factory }: GraphNode): string {
  const name = section ?? kind;
  return factory === undefined ? name : `${name}  ${factory}`;
}

function text(roots: readonly GraphNode[]): string {
  return roots.map((root) => [titleOf(root), ...branches(root, '')].join('\n')).join('\n') + '\n';
}

/** What has one way on stands below it; where ways part, each is a branch. */
function branches({ next }: GraphNode, indent: string): string[] {
  return next.flatMap((edge, index) => {
    const isLast = index === next.length - 1;
    const label = edge.label === undefined ? '' : `${edge.label}  `;
    const below = branches(edge.node, `${indent}${isLast ? '   ' : '│  '}`);
    return [`${indent}${isLast ? '└─ ' : '├─ '}${label}${titleOf(edge.node)}`, ...below];
  });
}

/** https://mermaid.js.org/syntax/flowchart.html: GitHub draws it. */
function mermaid(roots: readonly GraphNode[]): string {
  const lines: string[] = [];
  const draw = (node: GraphNode): string => {
    const id = `n${lines.length}`;
    const [open, close] = SHAPES[node.kind];
    const title = [node.section ?? node.kind, ...(node.factory === undefined ? [] : [node.factory])].join('<br>');
    lines.push(`  ${id}${open}"${escaped(title)}"${close}`);
    for (const edge of node.next) arrow(id, edge);
    return id;
  };
  const arrow = (from: string, { label, node }: GraphEdge): void => {
    const to = draw(node);
    lines.push(`  ${from} -->${label === undefined ? '' : `|"${escaped(label)}"|`} ${to}`);
  };
  const ids = roots.map(draw);
  // A server serves the app.
  if (ids.length === 2) lines.push(`  ${ids[0]!} --> ${ids[1]!}`);
  return `flowchart TD\n${lines.join('\n')}\n`;
}

const SHAPES: Readonly<Record<GraphNode['kind'], readonly [string, string]>> = {
  server: ['([', '])'],
  app: ['[', ']'],
  filter: ['[/', '/]'],
  composite: ['{{', '}}'],
  pipeline: ['[[', ']]'],
};

function escaped(title: string): string {
  return title.replaceAll('#', '#35;').replaceAll('"', '#quot;');
}

function json(roots: readonly GraphNode[]): string {
  return `${JSON.stringify(roots, null, 2)}\n`;
}
