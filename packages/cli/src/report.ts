// report.ts: an error in words for people: where it is, what is wrong, what to do. One block each, no stack.

import { appErrorOf, Fault, FaultList, formatPlace, stackText, type Place, type Warning } from '@appserve/core';
import { exitCodeOf } from './exit-codes.ts';

export interface Report {
  readonly text: string;
  readonly exitCode: number;
}

/** A file that is no ini at all has a mistake in every line. */
const BLOCKS_MAX = 10;

/** `trace`: with stacks. */
export function report(error: unknown, trace: boolean): Report {
  const faults = faultsOf(error);
  if (faults === undefined) {
    return { text: `appserve: an error that should not be: ${stackText(error)}\n`, exitCode: exitCodeOf(undefined) };
  }
  const blocks = faults.slice(0, BLOCKS_MAX).map((fault) => block(fault) + (trace ? `\n${indent(stackOf(fault))}\n` : ''));
  if (faults.length > BLOCKS_MAX) blocks.push(`appserve: and ${faults.length - BLOCKS_MAX} more of them\n`);
  return { text: blocks.join('\n'), exitCode: Math.max(...faults.map(exitCodeOf)) };
}

/** A worker that failed because of a fault is that fault. */
function faultsOf(error: unknown): readonly Fault[] | undefined {
  if (error instanceof FaultList) return error.faults;
  if (!(error instanceof Fault)) return undefined;
  return (error.code === 'WORKER_FAILED' ? faultsOf(error.cause) : undefined) ?? [error];
}

/** As a mistake is shown. */
export function reportWarning({ message, at, askedBy = [] }: Warning): string {
  const where = at === undefined ? 'appserve' : formatPlace(at);
  const lines = [`warning: ${where}: ${message}`, ...pointing(at), ...askedBy.map((asker) => `  in ${asker}`)];
  return `${lines.join('\n')}\n`;
}

function block(fault: Fault): string {
  const where = fault.at === undefined ? 'appserve' : formatPlace(fault.at);
  const lines = [`${where}: ${fault.message}`, ...pointing(fault.at)];
  if (fault.hint !== undefined) lines.push(`  ${fault.hint}`);
  for (const asker of fault.askedBy) lines.push(`  in ${asker}`);
  const cause = appErrorOf(fault);
  if (cause !== undefined) lines.push('', indent(stackText(cause)));
  return `${lines.join('\n')}\n`;
}

function pointing(at: Place | undefined): string[] {
  if (at === undefined) return [];
  return [...excerpt(at), ...(at.from === undefined ? [] : [`  generated from ${formatPlace(at.from)}`])];
}

/** The line of the file, and a caret under what is meant. */
function excerpt({ text, line, column, length = 1 }: Place): string[] {
  if (text === undefined) return [];
  const number = String(line);
  // Tabs stay tabs, so that the caret stands under its column whatever their width is.
  const lead = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
  return [`  ${number} | ${text.trimEnd()}`, `  ${' '.repeat(number.length)} | ${lead}${'^'.repeat(Math.max(1, length))}`];
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error.stack ?? String(error)).replaceAll(/\n.*\(?node:internal.*/g, '');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
