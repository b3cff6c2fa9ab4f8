// args.ts: the command line, taken apart by the rows of the command that it asks for. Flags may stand anywhere.

import { parseArgs } from 'node:util';
import type { Command, FurtherFlag, Given, Operand } from './command.ts';
import { commandOf, COMMANDS, SERVE } from './commands.ts';
import { COMMON_FLAGS, type Flag, type Flags } from './flags.ts';
import { Misuse, throwFault } from './misuse.ts';

export interface Asked {
  readonly name: string;
  readonly command: Command;
  readonly given: Given;
}

/** Faults: ARGUMENT_INVALID. */
export async function parseArguments(written: readonly string[]): Promise<Asked> {
  // `appserve help check`: what people try first.
  if (written[0] === 'help' && written[1] !== undefined && isNoCommand(written[1])) {
    const meant = { written: written[1], words: Object.keys(COMMANDS), prefix: '' };
    await throwFault(new Misuse(written[1], 'there is no such command', meant), undefined);
  }
  const argv = written[0] === 'help' ? [...written.slice(1), '--help'] : written;
  const at = await indexOfCommand(argv);
  const name = at === undefined ? SERVE : argv[at]!;
  const words = argv.filter((_, index) => index !== at);
  const command = commandOf(name);
  try {
    return { name, command, given: await givenTo(command, words) };
  } catch (error) {
    return throwFault(error, name === SERVE ? undefined : name);
  }
}

/** The first word that is neither a flag nor the value of one, where it is the name of a command. */
async function indexOfCommand(argv: readonly string[]): Promise<number | undefined> {
  if (!argv.some(isCommand)) return undefined;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index]!;
    if (word === '--') return undefined;
    if (!word.startsWith('-')) return isCommand(word) ? index : undefined;
    if (await takesNextWord(word)) index += 1;
  }
  return undefined;
}

function isCommand(word: string): boolean {
  return Object.hasOwn(COMMANDS, word);
}

function isNoCommand(word: string): boolean {
  return !word.startsWith('-') && !isCommand(word);
}

/** By the flags of all commands: which one is meant is not known yet. Tables that take time are loaded for what is in none of the others. */
async function takesNextWord(word: string): Promise<boolean> {
  if (word.includes('=')) return false;
  const commands = Object.values(COMMANDS);
  const own = rowOf(word, [COMMON_FLAGS, ...commands.map(({ flags }) => flags as Flags)]);
  if (own !== undefined || !word.startsWith('--')) return own?.type === 'string';
  const further = await Promise.all(commands.map(async ({ furtherFlags }) => (await furtherFlags?.()) ?? {}));
  return rowOf(word, further)?.type === 'string';
}

function rowOf(word: string, tables: readonly Flags[]): Flag | undefined {
  const rows = tables.flatMap((flags) => Object.entries(flags));
  return rows.find(([name, { short }]) => word === `--${name}` || word === `-${short}`)?.[1];
}

async function givenTo(command: Command, words: readonly string[]): Promise<Given> {
  const own: Flags = { ...command.flags, ...COMMON_FLAGS };
  const first = tokensOf(words, own);
  const isStrange = first.some((token) => token.kind === 'option' && !Object.hasOwn(own, token.name));
  const further = isStrange && command.furtherFlags !== undefined ? await command.furtherFlags() : {};
  const all = { ...further, ...own };
  const tokens = isStrange ? tokensOf(words, all) : first;
  const options = tokens.filter((token) => token.kind === 'option');
  for (const token of options) checkFlag(token, all);
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const values = Object.entries(own).map(([name, flag]) => [
    name,
    valueOf(
      flag,
      options.filter((token) => token.name === name),
    ),
  ]);
  const flags = Object.fromEntries(values) as Given['flags'];
  return {
    // Who asks for help may not know yet what is needed.
    ...operandsOf(command, positionals, flags.help || flags.version),
    flags,
    further: options.filter(({ name }) => !Object.hasOwn(own, name)).map(furtherFlag),
  };
}

type Token = ReturnType<typeof tokensOf>[number];
type FlagToken = Token & { kind: 'option' };

/** Not strict, because Node's own words would name neither the flag at fault nor one like it; each is checked here. */
function tokensOf(words: readonly string[], flags: Flags) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short }]) => [name, { type, ...(short !== undefined && { short }) }]),
  );
  return parseArgs({ args: [...words], options, allowPositionals: true, strict: false, tokens: true }).tokens;
}

function valueOf(flag: Flag, tokens: readonly FlagToken[]): boolean | string | undefined | readonly string[] {
  if (flag.isMany === true) return tokens.map(({ value }) => value!);
  return flag.type === 'boolean' ? tokens.length > 0 : tokens.at(-1)?.value;
}

function furtherFlag({ name, rawName, value }: FlagToken): FurtherFlag {
  return { name, written: rawName, value };
}

function checkFlag({ name, rawName, value, inlineValue }: FlagToken, flags: Flags): void {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) throw unknownFlag(rawName, flags);
  const why = misuse(flag, value, inlineValue === true);
  if (why !== undefined) throw new Misuse(rawName, why);
}

function unknownFlag(rawName: string, flags: Flags): Misuse {
  const words = rawName.startsWith('--') ? Object.keys(flags) : [];
  return new Misuse(rawName, 'there is no such option', { written: rawName.slice(2), words, prefix: '--' });
}

function misuse(flag: Flag, value: string | undefined, isInline: boolean): string | undefined {
  if (flag.type === 'boolean') return value === undefined || flag.mayHaveValue === true ? undefined : 'takes no value';
  // Behind a blank, what looks like a flag is one: the value was forgotten. `-` and `-1` look like none.
  return value === undefined || (!isInline && /^-[^0-9]/.test(value)) ? 'needs a value' : undefined;
}

/** What stands first and looks like one is no CONFIG; a file of such a name is ./NAME. */
const ASSIGNMENT = /^[A-Za-z_][\w.-]*=/;

/** Faults: ARGUMENT_INVALID, for a word too many, or one that is missing. */
function operandsOf({ operands }: Command, words: readonly string[], isAsking: boolean): Pick<Given, 'operands' | 'variables'> {
  const named = operands.filter(({ isAssignment }) => isAssignment !== true);
  const mayAssign = named.length < operands.length;
  const most = named.at(-1)?.isMany === true ? Number.POSITIVE_INFINITY : named.length;
  const given: string[] = [];
  const variables: [string, string][] = [];
  for (const word of words) {
    if (mayAssign && ASSIGNMENT.test(word)) variables.push(assignment(word));
    else if (given.length < most && variables.length === 0) given.push(word);
    else throw new Misuse(word, surplus(given, mayAssign));
  }
  for (const [index, word] of given.entries()) checkWord(named[index] ?? named.at(-1)!, word);
  const missing = named[given.length];
  if (!isAsking && missing !== undefined && missing.isOptional !== true)
    throw new Misuse(missing.name, `is missing: ${missing.doc}`);
  return { operands: given, variables: Object.fromEntries(variables) };
}

function checkWord({ name, words }: Operand, word: string): void {
  if (words === undefined || words.includes(word)) return;
  throw new Misuse(word, `${name} is one of ${words.join(', ')}`, { written: word, words, prefix: '' });
}

function surplus(given: readonly string[], mayAssign: boolean): string {
  if (mayAssign) return 'after the configuration file come assignments, name=value';
  return given.length === 0 ? 'the command takes no argument' : 'is one argument too many';
}

function assignment(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
