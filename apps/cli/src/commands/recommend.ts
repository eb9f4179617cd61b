import { Command } from 'commander';
import { TandemError } from '@tandem-rec/contract';
import {
  askControl,
  composeVariant,
  controlPath,
  createHost,
  lineText,
  tableOf,
  type LogLevel,
} from '@tandem-rec/cotrainer';
import { CoTrainer, refuseOtherComposition } from '@tandem-rec/cotraining';
import { openTensorBackend } from '@tandem-rec/compute';
import { describeDifference, start } from '@tandem-rec/kernel';
import { recommend, type Recommendations, type RecommendRequest } from '@tandem-rec/serving';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { recommendationLines } from '../demo/report.ts';
import { jsonOption, logOption, setOption } from '../shared-options.ts';
import { Terminal } from '../terminal.ts';

interface Options {
  readonly config: string;
  readonly count: number;
  readonly by?: string;
  readonly json?: string;
  readonly set: readonly string[];
  readonly log: LogLevel;
}

/** Who answered. */
interface Answer extends Recommendations {
  readonly from: 'the running process' | `checkpoint ${number}`;
}

/** `tandem recommend USER` */
export function recommendCommand(): Command {
  return new Command('recommend')
    .description('Recommend items to a user: asks the process that is learning, or else reads its newest checkpoint.')
    .argument('<user>', 'id of the user, as in the stream')
    .option('--config <file>', 'configuration of the run', EMBEDDED_CONFIG)
    .option('--count <n>', 'most items', (text) => Number(text), 10)
    .option('--by <name>', 'ask one participant or fusion alone, for example fism; default: the fusion that serves')
    .addOption(jsonOption())
    .addOption(setOption())
    .addOption(logOption())
    .addHelpText(
      'after',
      `
Examples:
  tandem recommend u17
  tandem recommend 196 --config tandem.config.ts --count 5 --by transformer --json -`,
    )
    .action(answer);
}

async function answer(user: string, { config, count, by, json, set, log }: Options): Promise<void> {
  if (!Number.isInteger(count) || count < 1)
    throw new TandemError('TANDEM_CLI_USAGE', '--count: a whole number from 1.');
  const terminal = new Terminal(json);
  const request: RecommendRequest = { user, count, ...(by !== undefined && { by }) };
  const composition = await composeVariant({ config, overrides: set });
  const live = await askControl<Recommendations>(controlPath(composition), 'recommend', request);
  const found: Answer = live
    ? { ...live, from: 'the running process' }
    : await fromCheckpoint(composition, request, log, terminal);
  terminal.say(`From ${found.from}.`);
  terminal.say(recommendationLines(found).join('\n'));
  await terminal.json(found);
}

/** Restores the newest checkpoint without its lock: another process may go on writing. */
async function fromCheckpoint(
  composition: Awaited<ReturnType<typeof composeVariant>>,
  request: RecommendRequest,
  log: LogLevel,
  terminal: Terminal,
): Promise<Answer> {
  const host = createHost({
    seed: composition.seed,
    signal: new AbortController().signal,
    logLevel: log,
    write: (line) => terminal.note(lineText(line)),
  });
  await openTensorBackend({
    ...(composition.backend && { prefer: composition.backend }),
    threads: composition.limits.threads,
  });
  const assembly = await start(composition, host, ['store', 'participants', 'sharing', 'fusions']);
  try {
    const checkpoint = await assembly.store?.instance.read();
    if (!checkpoint) throw new TandemError('TANDEM_RUN_NOT_FOUND', 'Nothing runs here, and there is no checkpoint.');
    refuseOtherComposition(checkpoint, composition, describeDifference);
    const table = tableOf(assembly, host);
    const trainer = new CoTrainer(table, () => host.clock.monotonicMs());
    await trainer.begin(checkpoint.states);
    return {
      ...(await recommend(trainer, table, request, host.clock.nowMs())),
      from: `checkpoint ${checkpoint.sequence}`,
    };
  } finally {
    await assembly.stop();
  }
}
