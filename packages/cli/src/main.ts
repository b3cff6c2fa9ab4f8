// main.ts: from arguments to an exit code. The only room that knows what a process says when it ends.

import { EXIT_CODES } from './exit-codes.ts';
import { helpText, parseArguments, type Arguments } from './args.ts';

/** Runs one command; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let trace = argv.includes('--trace');
  const onStuck = (): void => void sayStuck(trace);
  process.once('beforeExit', onStuck);
  try {
    const given = parseArguments(argv);
    trace = given.trace;
    return await run(given);
  } catch (error) {
    const { report } = await import('./report.ts');
    const { text, exitCode } = report(error, trace);
    process.stderr.write(text);
    return exitCode;
  } finally {
    process.off('beforeExit', onStuck);
  }
}

/** Nothing is left to be done, and still there is no exit code: Node would end with 13, without a word. */
async function sayStuck(trace: boolean): Promise<void> {
  process.exitCode = EXIT_CODES.start.code;
  const [{ Fault }, { report }] = await Promise.all([import('@appserve/core'), import('./report.ts')]);
  process.stderr.write(report(new Fault('STARTING_STUCK', {}), trace).text);
}

async function run(given: Arguments): Promise<number> {
  if (given.help) {
    process.stdout.write(helpText());
    return 0;
  }
  if (given.version) {
    const { VERSION } = await import('./version.ts');
    process.stdout.write(`appserve ${VERSION}\n`);
    return 0;
  }
  const { serve } = await import('./serve.ts');
  return serve(given);
}
