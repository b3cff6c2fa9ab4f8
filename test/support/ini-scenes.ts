// ini-scenes.ts: scenes of the ini dialect, as Markdown has them: a title, prose, an ini, and what becomes of it.
//
//   ```conf     what factories are called with, as appConfig gives it; values are JSON strings
//   ```fault    code, line:column, and the text that the caret underlines; one fault a line
//
// Characters that nobody sees are written as ⟦CR⟧, ⟦TAB⟧, ⟦U+2028⟧.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { AppConfig } from '@appserve/loader';
import { inRepository } from './repository.ts';

export interface Scene {
  readonly title: string;
  readonly ini: string;
  readonly expects: 'conf' | 'fault';
  readonly expected: string;
}

export interface Transcript {
  /** The heading of the page. */
  readonly title: string;
  readonly scenes: readonly Scene[];
}

const SCENE =
  /^## (?<title>.+)$(?:(?!^## )[^])*?^```ini\n(?<ini>[^]*?)^```$(?:(?!^## )[^])*?^```(?<expects>conf|fault)\n(?<expected>[^]*?)^```$/gm;

export function readTranscripts(folder: string): readonly Transcript[] {
  const home = inRepository(`test/transcripts/${folder}`);
  return readdirSync(home)
    .toSorted()
    .map((file) => readTranscript(readFileSync(`${home}/${file}`, 'utf8'), file));
}

function readTranscript(markdown: string, file: string): Transcript {
  const scenes = Array.from(markdown.matchAll(SCENE), ({ groups }) => {
    const { title, ini, expects, expected } = groups as Record<keyof Scene, string>;
    return { title, ini: visible(ini), expects, expected: visible(expected).trimEnd() } as Scene;
  });
  // A slip in a fence must not silently take a scene away.
  assert.equal(scenes.length, markdown.match(/^## /gm)?.length, `every heading of ${file} has its scene`);
  return { title: /^# (.+)$/m.exec(markdown)?.[1] ?? file, scenes };
}

const NAMES: Readonly<Record<string, string>> = {
  CR: '\r',
  TAB: '\t',
  SP: ' ',
  VT: '\v',
  FF: '\f',
  NEL: '\u0085',
  BOM: '\ufeff',
};

/** Marks like ⟦CR⟧ become what they stand for. */
export function visible(text: string): string {
  return text.replaceAll(/⟦(?:U\+([0-9A-F]{4})|([A-Z]+))⟧/g, (mark, code: string | undefined, name: string) => {
    const char = code === undefined ? NAMES[name] : String.fromCharCode(Number.parseInt(code, 16));
    assert.ok(char !== undefined, `${mark} stands for a character`);
    return char;
  });
}

/** As ```conf shows it: [DEFAULT], without what the loader itself puts there, then the section. */
export function renderConf({ globalConf, localConf }: AppConfig, section: string, folder: string): string {
  const builtins = new Map([
    ['here', folder],
    ['__file__', `${folder}/site.ini`],
  ]);
  const own = Object.entries(globalConf).filter(([key, value]) => value !== builtins.get(key));
  return [
    ...(own.length === 0 ? [] : ['[DEFAULT]', ...own.map(renderEntry)]),
    `[${section}]`,
    ...Object.entries(localConf).map(renderEntry),
  ].join('\n');
}

function renderEntry([key, value]: readonly [string, string]): string {
  return `${/^[\w./-]+$/.test(key) ? key : quote(key)} = ${quote(value)}`;
}

/** JSON leaves some characters raw that nobody can see. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u00a0\u2000-\u200f\u2028\u2029\u3000\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
