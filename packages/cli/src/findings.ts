// findings.ts: what a check has found, in the forms that people and programs read: a table of formats.

import type { Fault, Warning } from '@appserve/core';
import { report, reportWarning } from './report.ts';
import { VERSION } from './version.ts';

export interface Found {
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/** What goes to standard output, and what goes to standard error, where people read. */
interface Said {
  readonly out: string;
  readonly err?: string;
}

type Format = (found: Found) => Said;

export const FORMATS = { text, json, github, sarif } as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

interface Finding extends Warning {
  readonly level: 'error' | 'warning';
  readonly hint?: string | undefined;
}

/** For programs: mistakes first. */
function findingsOf({ faults, warnings }: Found): Finding[] {
  return [
    ...faults.map(({ code, message, hint, at, askedBy }) => ({ level: 'error', code, message, hint, at, askedBy }) as const),
    ...warnings.map((warning) => ({ ...warning, level: 'warning' }) as const),
  ];
}

function text({ faults, warnings }: Found): Said {
  const between = faults.length > 0 && warnings.length > 0 ? '\n' : '';
  return {
    out: faults.map((fault) => report(fault, false).text).join('\n'),
    err: between + warnings.map(reportWarning).join('\n'),
  };
}

function json(found: Found): Said {
  const findings = findingsOf(found).map(({ level, code, message, hint = null, at, askedBy = [] }) => ({
    level,
    code,
    message,
    hint,
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    in: askedBy,
  }));
  return { out: `${JSON.stringify(findings, null, 2)}\n` };
}

/** Workflow commands of GitHub Actions: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function github(found: Found): Said {
  const commands = findingsOf(found).map(({ level, code, message, hint, at }) => {
    const properties = { ...(at && { file: at.file, line: at.line, col: at.column }), title: code };
    const said = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
    return `::${level} ${said.join(',')}::${escapedData([message, hint].filter(Boolean).join('\n'))}\n`;
  });
  return { out: commands.join('') };
}

function escapedData(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(value: string): string {
  return escapedData(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0 (OASIS), as code scanning takes it. */
function sarif(found: Found): Said {
  const findings = findingsOf(found);
  const rules = [...new Set(findings.map(({ code }) => code))].map((id) => ({ id }));
  const driver = { name: 'appserve check', version: VERSION, rules };
  const run = { tool: { driver }, results: findings.map(sarifResult) };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return { out: `${JSON.stringify(log, null, 2)}\n` };
}

function sarifResult({ level, code, message, hint, at }: Finding): object {
  const result = { ruleId: code, level, message: { text: [message, hint].filter(Boolean).join('\n') } };
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
