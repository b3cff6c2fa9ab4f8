// said.ts: settings that no file wrote: the command line's and the environment's. They become part of the file that is asked for, as
// if it said them; so all that is true of a setting is true of them, and each still knows how it was said.
//
// Law: what comes from outside of a file is never scanned again: a percent sign is a percent sign.

import { Fault } from '@appserve/core';
import type { Document, RawValue, Section } from './ini/document.ts';
import { likelyPaths } from './likely-paths.ts';
import { SAID_LAYERS, type SaidBy } from './said-by.ts';
import { sectionName } from './scope.ts';

export type Said = SaidBy & { readonly value: string } & (
    | { readonly to: 'server'; readonly key: string }
    /** Instead of all that the section of the server says. */
    | { readonly to: 'server factory' }
    /** `app:main.pyramid.debug`: sections and keys may have dots; the longest section that is there is meant. */
    | { readonly to: 'section'; readonly path: string }
  );

const DEFAULT_SERVER = '@appserve/server#main';

/** Faults: SETTING_PATH_UNKNOWN. */
export function withSaid(document: Document, said: readonly Said[], server: string): Document {
  return said
    .toSorted((one, other) => SAID_LAYERS.indexOf(one.layer) - SAID_LAYERS.indexOf(other.layer))
    .toSorted((one, other) => Number(other.to === 'server factory') - Number(one.to === 'server factory'))
    .reduce((changed, one) => withOne(changed, one, server), document);
}

function withOne(document: Document, said: Said, server: string): Document {
  if (said.to === 'section') {
    const { section, key } = atPath(document, said.path, said.by);
    return replaced(document, keyed(section, key, said));
  }
  const found = [...document.sections.values()].find(({ name }) => {
    const parts = sectionName(name);
    return parts?.role === 'server' && parts.name === server;
  });
  const empty = { name: `server:${server}`, at: document.defaults.at, values: new Map<string, RawValue>() };
  if (said.to === 'server factory') return replaced(document, keyed({ ...(found ?? empty), values: new Map() }, 'use', said));
  // What is said to whatever server there is makes none.
  if (found === undefined && said.isOffer === true) return document;
  return replaced(document, keyed(found ?? keyed(empty, 'use', { ...said, value: DEFAULT_SERVER }), said.key, said));
}

function keyed(section: Section, key: string, said: Said): Section {
  const raw: RawValue = { text: said.value.replaceAll('%', '%%'), at: section.at, lines: [], said: saidByOf(said) };
  return { ...section, values: new Map([...section.values, [key, raw]]) };
}

export function saidByOf({ layer, by, isOffer }: Said): SaidBy {
  return { layer, by, ...(isOffer && { isOffer }) };
}

function replaced(document: Document, section: Section): Document {
  if (section.name === document.defaults.name) return { ...document, defaults: section };
  return { ...document, sections: new Map([...document.sections, [section.name, section]]) };
}

function atPath(document: Document, path: string, by: string): { section: Section; key: string } {
  const sections = [document.defaults, ...document.sections.values()];
  const meant = sections
    .filter(({ name }) => path.startsWith(`${name}.`) && path.length > name.length + 1)
    .toSorted((one, other) => other.name.length - one.name.length)[0];
  if (meant !== undefined) return { section: meant, key: path.slice(meant.name.length + 1) };
  const names = sections.map(({ name }) => name);
  throw new Fault('SETTING_PATH_UNKNOWN', { by, file: document.file, names, likely: likelyPaths(path, names) });
}
