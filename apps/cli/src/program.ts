import { Command, CommanderError } from 'commander';
import { TandemError } from '@tandem-rec/contract';
import { compareCommand } from './commands/compare.ts';
import { createCommand } from './commands/create.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { inspectCommand } from './commands/inspect.ts';
import { recommendCommand } from './commands/recommend.ts';
import { replayCommand } from './commands/replay.ts';
import { schemaCommand } from './commands/schema.ts';
import { Interrupted } from './interruption.ts';
import { startCommand } from './commands/start.ts';

/** Exit codes, the same for every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, fault: 70, interrupted: 130 } as const;

const EXIT_HELP = `
Exit codes: 0 done · 1 an error with a code, explained in docs/errors.md · 2 the command line was not understood ·
70 a fault of ours · 130 interrupted before the work was done. TANDEM_DEBUG=1 shows stack traces.`;

/** Runs the command line and answers the exit code. Errors are told to people here and nowhere else. */
export async function run(args: readonly string[]): Promise<number> {
  const program = new Command('tandem')
    .description('Trains a recommender and a language model together, live, from a stream of interactions.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('See --help.')
    .addHelpText('after', EXIT_HELP);
  for (const add of [
    startCommand,
    replayCommand,
    evaluateCommand,
    compareCommand,
    recommendCommand,
    createCommand,
    inspectCommand,
    doctorCommand,
    schemaCommand,
  ]) {
    const command = add();
    command.exitOverride();
    program.addCommand(command);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok;
  } catch (error) {
    return tell(error);
  }
}

function tell(error: unknown): number {
  // Commander has said what was wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Interrupted) {
    process.stderr.write('Interrupted.\n');
    return EXIT.interrupted;
  }
  const debug = process.env['TANDEM_DEBUG'] === '1';
  if (TandemError.is(error)) {
    process.stderr.write(`${error.code}: ${error.message}\n${error.remedy}\n`);
    if (debug) process.stderr.write(`${error.stack}\n`);
    return error.code === 'TANDEM_CLI_USAGE' ? EXIT.usage : EXIT.failed;
  }
  process.stderr.write(
    `A fault of ours: ${error instanceof Error ? error.message : String(error)}\nRun again with TANDEM_DEBUG=1 and report what it shows.\n`,
  );
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return EXIT.fault;
}
