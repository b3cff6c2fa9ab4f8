// findings.ts: what a check has found, in the forms that people and programs read: a table of formats.

import type { Fault } from '@appserve/core';
import { report } from './report.ts';
import { VERSION } from './version.ts';

type Format = (faults: readonly Fault[]) => string;

export const FORMATS = { text, json, github, sarif } as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

function text(faults: readonly Fault[]): string {
  return faults.map((fault) => report(fault, false).text).join('\n');
}

function json(faults: readonly Fault[]): string {
  const findings = faults.map((fault) => ({
    code: fault.code,
    message: fault.message,
    hint: fault.hint ?? null,
    file: fault.at?.file ?? null,
    line: fault.at?.line ?? null,
    column: fault.at?.column ?? null,
    in: fault.askedBy,
  }));
  return `${JSON.stringify(findings, null, 2)}\n`;
}

/** Workflow commands of GitHub Actions: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function github(faults: readonly Fault[]): string {
  return faults
    .map((fault) => {
      const { at, code, message, hint } = fault;
      const properties = { ...(at && { file: at.file, line: at.line, col: at.column }), title: code };
      const said = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
      return `::error ${said.join(',')}::${escapedData([message, hint].filter(Boolean).join('\n'))}\n`;
    })
    .join('');
}

function escapedData(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(value: string): string {
  return escapedData(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0 (OASIS), as code scanning takes it. */
function sarif(faults: readonly Fault[]): string {
  const rules = [...new Set(faults.map(({ code }) => code))].map((id) => ({ id }));
  const driver = { name: 'appserve check', version: VERSION, rules };
  const run = { tool: { driver }, results: faults.map(sarifResult) };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function sarifResult({ code, message, hint, at }: Fault): object {
  const result = { ruleId: code, level: 'error', message: { text: [message, hint].filter(Boolean).join('\n') } };
  if (at === undefined) return result;
  const { line: startLine, column: startColumn, length = 1 } = at;
  const region = { startLine, startColumn, endColumn: startColumn + Math.max(1, length) };
  const artifactLocation = { uri: uriOf(at.file) };
  return { ...result, locations: [{ physicalLocation: { artifactLocation, region } }] };
}

/** A relative path is a relative URI, but for what URIs have a use for. */
function uriOf(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}
