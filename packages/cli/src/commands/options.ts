// options.ts: `appserve options [pkg#name]`: every option of a factory with what it must be, its default and its meaning.

import { Fault, Faults, FaultList, type FaultCode } from '@appserve/core';
import { describeOptions, type FactoryOptions, type OptionRow } from '@appserve/loader';
import { paintFor } from '../colour.ts';
import type { Given } from '../command.ts';
import type { OPTIONS_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { folded, PAGE_WIDTH } from '../table.ts';

const SERVER = '@appserve/server#main';

export async function run({ operands, flags }: Given<typeof OPTIONS_FLAGS>): Promise<number> {
  const name = operands[0] ?? SERVER;
  const described = await describedAs(name);
  if (described === undefined)
    throw new Fault('ARGUMENT_INVALID', {
      argument: name,
      why: 'the factory carries no schema: what it takes, only its documents say',
    });
  if ('names' in described) {
    process.stdout.write(described.names.map((one) => `${name}#${one}\n`).join(''));
    return EXIT_CODES.asked.code;
  }
  process.stdout.write(flags.schema ? `${JSON.stringify(described.jsonSchema, null, 2)}\n` : textOf(described.rows));
  return EXIT_CODES.asked.code;
}

type Missing = Fault<'ENTRY_POINT_MISSING'>;

const ROLES = ['app', 'filter', 'server'] as const;
/** A name that is there, but stands for something else. */
const OTHER_ROLE: ReadonlySet<FaultCode> = new Set(['ENTRY_POINT_MISSING']);

/** A name does not say what it is of. Of a package alone that has no `main`, the names that it has. Faults: those of describeOptions. */
async function describedAs(name: string): Promise<FactoryOptions | { readonly names: readonly string[] } | undefined> {
  const uri = /^[a-z]{2,}:/i.test(name) ? name : /^\.{0,2}\//.test(name) ? callOf(name) : `pkg:${name}`;
  const faults = new Faults();
  for (const kind of ROLES) {
    try {
      return await describeOptions(uri, { kind });
    } catch (error) {
      const isElsewhere = error instanceof Fault && OTHER_ROLE.has(error.code);
      if (!isElsewhere && !(error instanceof FaultList)) throw error;
      faults.add(error);
    }
  }
  const names = faults.found.flatMap((fault) => (fault.code === 'ENTRY_POINT_MISSING' ? (fault as Missing).details.has : []));
  if (!name.includes('#') && names.length > 0) return { names: [...new Set(names)] };
  // None of the three has it: what the last one says names what there is.
  throw faults.found.at(-1)!;
}

/** `main` is the name that is meant where there is none, as for `use`. */
function callOf(path: string): string {
  return /[#:][^/]*$/.test(path) ? `call:${path.replace('#', ':')}` : `call:${path}:main`;
}

function textOf(rows: readonly OptionRow[]): string {
  const { bold, dim } = paintFor(process.stdout);
  return rows
    .map(({ key, allowed, fallback, isRequired, doc }) => {
      const value = isRequired ? 'required' : fallback === undefined ? 'no default' : `default ${fallback}`;
      const lines = [...folded(doc, PAGE_WIDTH - 4), ...folded(`Must be ${allowed}.`, PAGE_WIDTH - 4).map(dim)];
      return [`${bold(key)}  ${dim(`(${value})`)}`, ...lines.map((line) => `    ${line}`), ''].join('\n');
    })
    .join('\n');
}
