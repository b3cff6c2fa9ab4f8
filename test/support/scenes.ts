// scenes.ts: conversations in Markdown become data: what is sent, what the app says, what must come of it.
// test/transcripts/http1/README.md explains the notation.

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inRepository } from './repository.ts';
import type { Conversation } from './conversation.ts';
import type { Answer, Step, WireSettings } from './wire.ts';

export interface Scene extends Conversation {
  readonly title: string;
  readonly prose: string;
  readonly events: readonly string[];
  /** All that must come back, as latin1. */
  readonly wire: string | undefined;
}

export interface Transcript {
  readonly name: string;
  readonly scenes: readonly Scene[];
}

/** The transcripts in a folder of the repository, by name; README.md is none. */
export function readTranscripts(folder: string): Transcript[] {
  return readdirSync(inRepository(folder))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .toSorted()
    .map((file) => ({
      name: basename(file, '.md'),
      scenes: readScenes(readFileSync(inRepository(`${folder}/${file}`), 'utf8')),
    }));
}

function readScenes(markdown: string): Scene[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => sceneOf(section));
}

interface Fence {
  readonly kind: string;
  /** What stands behind the kind: `http eof`. */
  readonly info: string;
  readonly content: string;
}

const FENCE = /^```(?<kind>[a-z]+)(?: (?<info>.+))?\n(?:(?<content>[^]*?)\n)?```$/gm;
const KINDS = new Set(['settings', 'http', 'answer', 'events', 'wire']);

function sceneOf(section: string): Scene {
  const title = section.slice(0, section.indexOf('\n'));
  const fences = Array.from(section.matchAll(FENCE), ({ groups }): Fence => {
    const { kind = '', info = '', content = '' } = groups ?? {};
    if (!KINDS.has(kind)) throw new Error(`${title}: there is no fence called ${kind}`);
    return { kind, info, content };
  });
  const only = (kind: string): Fence | undefined => {
    const found = fences.filter((fence) => fence.kind === kind);
    if (found.length > 1) throw new Error(`${title}: more than one ${kind}`);
    return found[0];
  };
  const http = only('http');
  const events = only('events');
  const wire = only('wire');
  if (http === undefined || events === undefined) throw new Error(`${title}: a scene has http and events`);
  return {
    title,
    prose: section.slice(title.length).replaceAll(FENCE, '').trim(),
    settings: settingsOf(only('settings')?.content ?? ''),
    sent: bytesOf(http.content),
    endsSending: http.info === 'eof',
    answers: fences.filter(({ kind }) => kind === 'answer').map(({ info, content }) => answerOf(content, info)),
    events: events.content.split('\n').filter((line) => line !== ''),
    wire: wire && bytesOf(wire.content).toString('latin1'),
  };
}

/** `name value`, one a line; the value is JSON. */
function settingsOf(content: string): WireSettings {
  const lines = content.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(' ');
      return [line.slice(0, at), JSON.parse(line.slice(at + 1))];
    }),
  );
}

/** Lines end with CRLF, but for the last one where it is not empty, and for those that end in a backslash. */
export function bytesOf(block: string): Buffer {
  const lines = block.split('\n');
  const text = lines.map((line, index) => {
    if (/(?<!\\)(?:\\\\)*\\$/.test(line)) return unescaped(line.slice(0, -1));
    return unescaped(line) + (index === lines.length - 1 && line !== '' ? '' : '\r\n');
  });
  return Buffer.from(text.join(''), 'latin1');
}

const CONTROLS: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0' };

function unescaped(line: string): string {
  return line.replaceAll(
    /\\(?:x(?<hex>[0-9a-f]{2})|\((?<text>[^*]+)\*(?<times>[0-9]+)\)|(?<char>.))/g,
    (_whole, hex: string | undefined, text: string | undefined, times: string | undefined, char: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (text !== undefined) return text.repeat(Number(times));
      return CONTROLS[char!] ?? char!;
    },
  );
}

/** A status line, its fields, then what follows; `at request` where the app answers without waiting for the body. */
export function answerOf(content: string, info = ''): Answer {
  const steps: Step[] = [];
  let head: { type: 'head'; status: string; flat: string[] } | undefined;
  for (const line of content.split('\n')) {
    const [word = '', rest = ''] = line.split(/ (.*)/s);
    if (/^[0-9]{3}$/.test(word) && head === undefined) steps.push((head = { type: 'head', status: line, flat: [] }));
    else if (word === 'inform') steps.push({ type: 'inform', status: Number(rest.slice(0, 3)), flat: fieldOf(rest.slice(4)) });
    else if (word === 'body' || word === 'piece')
      steps.push({ type: word, bytes: Buffer.from(JSON.parse(rest) as string, 'latin1') });
    else if (line === 'end' || line === 'fail' || line === 'last') steps.push({ type: line });
    else if (head !== undefined) head.flat.push(...fieldOf(line));
    else throw new Error(`an answer does not begin with ${line}`);
  }
  return { at: info === 'at request' ? 'request' : 'end', steps };
}

function fieldOf(line: string): string[] {
  const [name = '', value = ''] = line.split(/: ?(.*)/s);
  return [name, value];
}
