// options/render.ts: a table of options as text: for --help and for the reference page.

import { kebabCase } from './names.ts';
import { OTHERS, required, type Option, type Options } from './option.ts';
import { apiName } from './settle.ts';

function fallbackText({ fallback }: Option): string {
  if (fallback === required) return 'required';
  return fallback ?? 'none';
}

/** `--keepalive-timeout SECONDS  Idle time after ... [60]`, one option a line, as narrow as the longest flag allows. */
export function helpLines(options: Options): string[] {
  const rows = Object.entries(options).map(
    ([key, option]) => [`--${kebabCase(key)} ${option.kind.placeholder}`, option] as const,
  );
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, option]) => `  ${flag.padEnd(width)}  ${option.doc} [${fallbackText(option)}]`);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The table of a reference page in Markdown. */
export function markdownTable(options: Options): string {
  const rows = Object.entries(options).map(([key, option]: [string, Option]) => {
    const name = `\`${option.keys ?? key}\`<br>\`${apiName(key, option)}\``;
    return `| ${name} | ${cell(option.kind.allowed)} | \`${fallbackText(option)}\` | ${cell(option.doc)}${option.origin === undefined ? '' : ` (${option.origin})`} |`;
  });
  return ['| ini key, TypeScript name | must be | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** The keys of an ini section as JSON Schema (draft 2020-12). Every value there is text; what it must be stands in the description. */
export function jsonSchema(options: Options): Readonly<Record<string, unknown>> {
  const { [OTHERS]: others, ...named } = options;
  const properties = Object.entries(named).map(([key, option]: [string, Option]) => {
    const property = propertyOf(option);
    return [key, typeof option.fallback === 'string' ? { ...property, default: option.fallback } : property];
  });
  const missing = Object.entries(options).flatMap(([key, { fallback }]) => (fallback === required ? [key] : []));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(properties) as Record<string, unknown>,
    required: missing,
    additionalProperties: others === undefined ? false : propertyOf(others),
  };
}

function propertyOf({ doc, kind }: Option): { readonly type: 'string'; readonly description: string } {
  return { type: 'string', description: `${doc} Must be ${kind.allowed}.` };
}
