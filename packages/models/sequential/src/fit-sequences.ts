import { allRows, annealed, lengthBuckets } from '@tandem-rec/compute';
import type { Environment, FitRun, GrantedTable, Interactions } from '@tandem-rec/contract';
import type { Competition } from './competition.ts';
import { lectureOn } from './lecture.ts';
import { RowAdam } from './row-adam.ts';
import type { Example } from './sequence-batch.ts';
import type { ItemRows, SequenceLearner } from './sequence-learner.ts';
import { BETA1, BETA2, type SequenceOptions } from './sequence-options.ts';
import type { SequenceTask } from './sequence-task.ts';

/** What `fit` works with. */
interface FitSources {
  readonly options: SequenceOptions;
  readonly rng: Environment['rng'];
  readonly task: SequenceTask;
  readonly learner: SequenceLearner;
  /** The table `item`: read at the beginning, assigned after every epoch. */
  readonly table: GrantedTable;
  readonly compete: (examples: readonly Example[]) => Competition;
}

/** Passes over all timelines, each user's newest items in one sequence, in groups of nearly the same length. */
export async function fitSequences(data: Interactions, run: FitRun, sources: FitSources): Promise<void> {
  const { options, rng, task, learner, table, compete } = sources;
  const { dim, learningRate, weightDecay, tokens } = options;
  const { offsets, items } = data.timelines;
  const everyRow = allRows(data.items);
  const E = new Float32Array(data.items * dim);
  table.copy(data.items, E);
  const adam = new RowAdam(data.items, dim, { learningRate, weightDecay, beta1: BETA1, beta2: BETA2 });
  for (let epoch = 1; epoch <= run.epochs; epoch++) {
    const rate = annealed(epoch, run.epochs, options.annealing);
    const rows: ItemRows = {
      gather(wanted, into) {
        adam.catchUp(E, wanted, rate);
        gather(E, dim, wanted, into);
      },
    };
    const examples = Array.from({ length: data.users }, (_, user) => {
      const sequence = items.subarray(offsets[user], offsets[user + 1]);
      return task.pass?.(sequence, rng) ?? task.example(sequence, rng);
    }).flat();
    const lengths = Int32Array.from(examples, (example) => example.tokens.length);
    let [sum, targets] = [0, 0];
    for (const [step, group] of lengthBuckets(lengths, tokens, rng).entries()) {
      run.signal.throwIfAborted();
      const asked = Array.from(group, (one) => examples[one]);
      const lecture = lectureOn(asked, compete(asked));
      const learned = learner.step(lecture, rows, rate, rng.int(2 ** 32));
      adam.step(E, learned.rows, learned.values, rate);
      const count = lecture.competition.columns.length;
      sum += learned.losses['ranking'] * count;
      targets += count;
      // Signals and timers have their turn between steps.
      if (step % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    adam.catchUp(E, everyRow, rate);
    table.assign(everyRow, E);
    if ((await run.epoch({ epoch, loss: targets === 0 ? 0 : sum / targets })).stop) return;
  }
}

function gather(E: Float32Array, dim: number, rows: Int32Array, into: Float32Array): void {
  for (let i = 0, to = 0; i < rows.length; i++, to += dim) {
    if (rows[i] < 0) into.fill(0, to, to + dim);
    else into.set(E.subarray(rows[i] * dim, (rows[i] + 1) * dim), to);
  }
}
