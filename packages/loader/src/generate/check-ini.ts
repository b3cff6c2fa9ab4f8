// generate/check-ini.ts: a generated ini is loaded, by the loader that will load it, before it is written: its sections are planned,
// its packages found, the options of its server settled, its logging read, the modules of its app imported. No app is made and nothing is
// bound.
//
// A mistake is told where it was generated from: at the line of the template, or at the option.

import { dirname } from 'node:path';
import { Fault, FaultList, Faults, formatPlace } from '@appserve/core';
import { composingBuilder } from '../composing.ts';
import { parseDocument } from '../ini/document.ts';
import { faultContext, type FactoryContext } from '../context.ts';
import { Library } from '../library.ts';
import { readLogging } from '../logging/read-logging.ts';
import { importExport } from '../modules.ts';
import { Planner } from '../plan.ts';
import { outsideOf, readDocument } from '../read-config.ts';
import { factoriesOf, mapFactories, resolveTree } from '../resolve.ts';
import { wordsOf, type Word } from '../setting.ts';
import { settledApart } from '../typed-settings.ts';
import { textOfLines, type GeneratedFile } from './generated.ts';
import { originsIn } from './origin.ts';

/**
 * `files`: all that are generated, since one may use another. Gives warnings: addresses on which several of them listen, which may be
 * meant, for one that is only served while the other is not; and keys that are not on this machine.
 *
 * Faults: whatever the loader says; those of all files at once.
 */
export async function checkInis(
  files: readonly GeneratedFile[],
  shownPath: (path: string) => string,
): Promise<readonly string[]> {
  const pending = new Map(files.map((file) => [file.path, file]));
  const faults = new Faults();
  const sockets = new Map<string, string>();
  const warnings: string[] = [];
  const listens = ({ text, at }: Word, file: GeneratedFile): void => {
    const other = sockets.get(text);
    const place = at?.from ?? at;
    if (other === undefined) sockets.set(text, file.path);
    else
      warnings.push(
        `${place === undefined ? '' : `${formatPlace(place)}: `}${shownPath(file.path)} listens on ${text}, and so does ${shownPath(other)}`,
      );
  };
  for (const file of files) {
    if (file.ini === undefined) continue;
    await check(file, pending, shownPath, (word) => listens(word, file)).catch((error: unknown) => {
      for (const fault of faultsIn(error)) {
        if (OF_THE_MACHINE.has(fault.code)) warnings.push(elsewhere(pointed(fault)));
        else faults.add(pointed(fault));
      }
    });
  }
  faults.end();
  return warnings;
}

async function check(
  file: GeneratedFile,
  pending: ReadonlyMap<string, GeneratedFile>,
  shownPath: (path: string) => string,
  listens: (socket: Word) => void,
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
  faults.catch(() => readLogging(scope));
  const contexts = await library.whole(() => new Planner(library).planAll(scope));
  // What is not served need not be there: its packages are not looked for.
  for (const [index, { role, name }] of scope.named.entries()) {
    if (name !== 'main' || role === 'filter') continue;
    const context = contexts[index]!;
    const made = async (): Promise<unknown> => {
      const tree = resolveTree(context, folder);
      // As `appserve check` does: its module is imported, and it is not called.
      if (role === 'app')
        for (const leaf of factoriesOf(tree))
          await importExport(leaf.factory, faultContext(leaf.context)).catch((error: unknown) => faults.add(error));
      if (role === 'server') for (const leaf of factoriesOf(tree)) for (const socket of socketsIn(leaf.context)) listens(socket);
      const blueprint = await mapFactories(tree, settledApart);
      if (role !== 'server') return undefined;
      return composingBuilder(library).server(blueprint);
    };
    await made().catch((error: unknown) => faults.add(error));
  }
  faults.end();
}

/** Addresses that can be taken only once. */
function socketsIn({ settings }: FactoryContext): readonly Word[] {
  const words = settings.filter(({ key }) => key === 'socket').flatMap(wordsOf);
  return words.filter(({ text }) => !/:0$|^(?:systemd|fd|None)\b/.test(text));
}

function faultsIn(error: unknown): readonly Fault[] {
  if (error instanceof FaultList) return error.faults;
  if (error instanceof Fault) return [error];
  throw error;
}

/** What is built may be served on another machine, or by another user: keys and their passphrases are there, and often nowhere else. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(['TLS_FILE_UNREADABLE', 'TLS_PASSPHRASE_WRONG']);

function elsewhere({ at, message }: Fault): string {
  return `${at === undefined ? '' : `${formatPlace(at)}: `}${message}; where it is served it must be there`;
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
