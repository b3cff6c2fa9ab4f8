// main.ts: from arguments to an exit code. The only room that knows what a process says when it ends.

import type { Asked } from './args.ts';
import type { Given } from './command.ts';
import type { SERVE_FLAGS } from './commands.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { Report } from './report.ts';
import { shortageAhead, shortageOf } from './shortage.ts';

/** Runs one command; gives the exit code. `endsWithTerminal` is called, before it runs, for one that shall do so: all but servers. */
export async function main(argv: readonly string[], endsWithTerminal = (): void => undefined): Promise<number> {
  let trace = argv.includes('--trace');
  const onStuck = (): void => void sayStuck(trace);
  process.once('beforeExit', onStuck);
  try {
    // The shortest way: scripts ask for it again and again.
    if (argv.length === 1 && argv[0] === '--version') return await printVersion();
    const shortage = shortageAhead();
    if (shortage !== undefined) {
      process.stderr.write(shortage);
      return EXIT_CODES.start.code;
    }
    const { parseArguments } = await import('./args.ts');
    const asked = await parseArguments(argv);
    trace = asked.given.flags.trace;
    if (!isService(asked)) endsWithTerminal();
    return await run(asked);
  } catch (error) {
    const { text, exitCode } = await reported(error, trace);
    process.stderr.write(text);
    return exitCode;
  } finally {
    process.off('beforeExit', onStuck);
  }
}

/** One that is developed has somebody before it. */
function isService({ name, given }: Asked): boolean {
  if (name !== 'serve') return false;
  const { reload, 'dry-run': isDry } = (given as Given<typeof SERVE_FLAGS>).flags;
  return !reload && !isDry;
}

async function reported(error: unknown, trace: boolean): Promise<Report> {
  const shortage = shortageOf(error);
  if (shortage !== undefined) return { text: shortage, exitCode: EXIT_CODES.start.code };
  try {
    const { report } = await import('./report.ts');
    return report(error, trace);
  } catch (cause) {
    // What was wrong before is not to be told without descriptors either.
    const text = shortageOf(cause);
    if (text === undefined) throw cause;
    return { text, exitCode: EXIT_CODES.start.code };
  }
}

/** Nothing is left to be done, and still there is no exit code: Node would end with 13, without a word. */
async function sayStuck(trace: boolean): Promise<void> {
  process.exitCode = EXIT_CODES.start.code;
  const [{ Fault }, { report }] = await Promise.all([import('@appserve/core'), import('./report.ts')]);
  process.stderr.write(report(new Fault('STARTING_STUCK', {}), trace).text);
}

async function run({ name, command, given }: Asked): Promise<number> {
  const { heedOutput } = await import('./output.ts');
  if (given.flags.help || (name !== 'serve' && !given.flags.version)) heedOutput();
  if (given.flags.help) {
    const { helpText } = await import('./help.ts');
    process.stdout.write(helpText(name, command));
    return EXIT_CODES.asked.code;
  }
  if (given.flags.version) return printVersion();
  const { run: start } = await command.load();
  try {
    return await start(given);
  } catch (error) {
    if (name === 'serve') throw error;
    const { ofCommand } = await import('./misuse.ts');
    throw await ofCommand(error, name);
  }
}

async function printVersion(): Promise<number> {
  const [{ VERSION }, { heedOutput }] = await Promise.all([import('./version.ts'), import('./output.ts')]);
  heedOutput();
  process.stdout.write(`appserve ${VERSION}\n`);
  return EXIT_CODES.asked.code;
}
