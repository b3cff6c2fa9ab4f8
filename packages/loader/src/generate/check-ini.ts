// generate/check-ini.ts: a generated ini is loaded, by the loader that will load it, before it is written: its sections are planned,
// its packages found, the options of its server settled. No app is made and nothing is bound.
//
// A mistake is told where it was generated from: at the line of the template, or at the option.

import { dirname } from 'node:path';
import { Fault, FaultList, Faults, formatPlace } from '@appserve/core';
import { composingBuilder } from '../composing.ts';
import { parseDocument } from '../ini/document.ts';
import { Library } from '../library.ts';
import { Planner } from '../plan.ts';
import { outsideOf, readDocument } from '../read-config.ts';
import { mapFactories, resolveTree } from '../resolve.ts';
import { settledApart } from '../typed-settings.ts';
import { textOfLines, type GeneratedFile } from './generated.ts';
import { originsIn } from './origin.ts';

/** `files`: all that are generated, since one may use another. Faults: whatever the loader says; those of all files at once. */
export async function checkInis(files: readonly GeneratedFile[], shownPath: (path: string) => string): Promise<void> {
  const pending = new Map(files.map((file) => [file.path, file]));
  const faults = new Faults();
  for (const file of files) {
    if (file.ini === undefined) continue;
    await check(file, pending, shownPath).catch((error: unknown) => {
      for (const fault of faultsIn(error)) faults.add(pointed(fault));
    });
  }
  faults.end();
}

async function check(
  file: GeneratedFile,
  pending: ReadonlyMap<string, GeneratedFile>,
  shownPath: (path: string) => string,
): Promise<void> {
  const folder = dirname(file.path);
  const read: typeof readDocument = (path, shown) => {
    const generated = pending.get(path);
    return generated === undefined
      ? readDocument(path, shown)
      : parseDocument(textOfLines(generated.lines), shown, originsIn(generated.lines));
  };
  if (file.ini === 'parse') return void (await read(file.path, shownPath(file.path)));
  const library = new Library({ documents: new Map(), vars: {}, folder }, read, outsideOf);
  const ref = { file: file.path, injected: [] };
  const scope = await library.whole(() => library.scope(ref, shownPath(file.path)));
  const faults = new Faults();
  const contexts = await library.whole(() => new Planner(library).planAll(scope));
  // What is not served need not be there: its packages are not looked for.
  for (const [index, { role, name }] of scope.named.entries()) {
    if (name !== 'main' || role === 'filter') continue;
    const context = contexts[index]!;
    const made = async (): Promise<unknown> => {
      const blueprint = await mapFactories(resolveTree(context, folder), settledApart);
      return role === 'server' ? composingBuilder(library).server(blueprint) : undefined;
    };
    await made().catch((error: unknown) => faults.add(error));
  }
  faults.end();
}

function faultsIn(error: unknown): readonly Fault[] {
  if (error instanceof FaultList) return error.faults;
  if (error instanceof Fault) return [error];
  throw error;
}

/** At the line that was written by people. */
function pointed(fault: Fault): Fault {
  const { at } = fault;
  if (at?.from === undefined) return fault;
  const { from, ...generated } = at;
  const isVerbatim = from.text === generated.text;
  const place = isVerbatim ? { ...from, column: at.column, length: at.length ?? 1 } : from;
  const askedBy = [`the generated ${formatPlace(generated)}`, ...fault.askedBy];
  return new Fault(fault.code, fault.details, { at: place, askedBy, cause: fault.cause });
}
