// development/failure.ts: what went wrong, as it is shown to whoever has to mend it: in a terminal, and in a browser.
//
// Plain data: it is made where the error is, and read where it is shown.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { causesOf, Fault, FaultList, toErrorRecord, type Place } from '@appserve/core';
import { appFrames, markedPlace, type Frame } from './stack.ts';

export interface SourceLine {
  readonly number: number;
  readonly text: string;
  readonly isMeant: boolean;
}

export interface Shown {
  /** As short as it can be said: relative to the working directory, where it is below. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** With some around; none where the file cannot be read. */
  readonly lines: readonly SourceLine[];
}

export interface Problem {
  readonly message: string;
  readonly at: Shown | undefined;
  readonly hint: string | undefined;
  /** What led there, innermost first. */
  readonly askedBy: readonly string[];
  /** Of the app alone. */
  readonly frames: readonly string[];
  /** What the error says of its own causes. */
  readonly causes: readonly string[];
}

export interface Failure {
  /** What was tried: `app.ini cannot be loaded`, `GET /cart failed`. */
  readonly heading: string;
  readonly problems: readonly Problem[];
}

const PROBLEMS_MAX = 10;
const FRAMES_MAX = 12;

export function failureOf(heading: string, error: unknown): Failure {
  const errors = unwrapped(error);
  return { heading, problems: errors.slice(0, PROBLEMS_MAX).map(problemOf) };
}

/** A worker that failed because of something is that. */
function unwrapped(error: unknown): readonly unknown[] {
  if (error instanceof FaultList) return error.faults;
  const isWrapping = error instanceof Fault && error.code === 'WORKER_FAILED' && error.cause !== undefined;
  return isWrapping ? unwrapped(error.cause) : [error];
}

/** Where the error of an app is the cause, that is the problem; the fault around it says only who wanted what. */
const AROUND: ReadonlySet<string> = new Set(['MODULE_FAILED', 'FACTORY_FAILED']);

function problemOf(error: unknown): Problem {
  if (!(error instanceof Fault)) return problemOfApp(error, []);
  const { at, hint, message, askedBy, cause } = error;
  const asked = [...(at === undefined ? [] : [`${short(at.file)}:${at.line}:${at.column}`]), ...askedBy];
  if (AROUND.has(error.code) && cause !== undefined) {
    const inner = cause instanceof Fault ? problemOf(cause) : problemOfApp(cause, []);
    return { ...inner, hint: inner.hint ?? hint, askedBy: [...inner.askedBy, ...asked] };
  }
  return { message, at: at && shownPlace(at), hint, askedBy, frames: [], causes: [] };
}

function problemOfApp(error: unknown, askedBy: readonly string[]): Problem {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  const frames = appFrames(stack);
  const marked = markedPlace(stack);
  const at = marked ?? frames[0];
  return {
    message: titleOf(error),
    at: at && shown(at, marked?.length ?? 1),
    hint: undefined,
    askedBy,
    frames: frames.slice(0, FRAMES_MAX).map(frameText),
    causes: toldCauses(error),
  };
}

function titleOf(error: unknown): string {
  const record = toErrorRecord(error);
  if (record.type !== 'error') return (error as Error).message;
  return error instanceof Error ? `${record.name}: ${record.message}` : `thrown: ${record.message}`;
}

function toldCauses(error: unknown): string[] {
  return causesOf(error).map((cause) => {
    const [frame] = appFrames(cause instanceof Error ? String(cause.stack) : '');
    return `${titleOf(cause)}${frame === undefined ? '' : ` (${placeText(frame)})`}`;
  });
}

function frameText(frame: Frame): string {
  return `at ${frame.call === '' ? '' : `${frame.call} `}(${placeText(frame)})`;
}

function placeText({ file, line, column }: Frame): string {
  return `${short(file)}:${line}:${column}`;
}

function short(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}

function shownPlace({ file, line, column, length = 1, text }: Place): Shown {
  const place = shown({ call: '', file, line, column }, length);
  // What the fault has seen is what counts: the file may be another one by now.
  const isElsewhere = place.lines.find(({ isMeant }) => isMeant)?.text !== text?.trimEnd();
  return text !== undefined && isElsewhere ? { ...place, lines: [{ number: line, text: text.trimEnd(), isMeant: true }] } : place;
}

const AROUND_LINES = 3;
/** Of code that a tool has made. */
const LINE_MAX = 240;

function shown({ file, line, column }: Frame, length: number): Shown {
  return { file: short(file), line, column, length: Math.max(1, length), lines: linesOf(file, line) };
}

function linesOf(file: string, line: number): SourceLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // What stands behind the last line end is no line.
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const first = Math.max(1, line - AROUND_LINES);
  return lines.slice(first - 1, line + AROUND_LINES).map((one, index) => {
    const number = first + index;
    return { number, text: one.slice(0, LINE_MAX), isMeant: number === line };
  });
}
