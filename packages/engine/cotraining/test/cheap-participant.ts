import type {
  Attachment,
  Batch,
  Candidates,
  GrantedTable,
  Knowledge,
  Lesson,
  Participant,
  ParticipantPart,
  Rng,
  Role,
  Scores,
  State,
  Step,
  TableRequest,
  UserContexts,
} from '@tandem-rec/contract';
import type { Seat } from '../src/index.ts';

const DIM = 4;

export const ITEM_TABLE: TableRequest = {
  name: 'item',
  side: 'item',
  dim: DIM,
  initialStd: 0.1,
  optimiser: { kind: 'adagrad', learningRate: 0.1 },
};

/** A participant's place at the table. */
export function seatOf(
  name: string,
  role: Role,
  instance: Participant,
  {
    tables = [],
    gives = ['parameters', 'predictions'],
    takes = ['parameters', 'predictions'],
  }: {
    readonly tables?: readonly TableRequest[];
    readonly gives?: readonly Knowledge[];
    readonly takes?: readonly Knowledge[];
  } = {},
): Seat {
  return {
    part: {
      kind: `${role}-model`,
      role,
      name,
      id: `test#${name}`,
      options: {},
      definition: undefined,
      gives,
      takes,
      tables,
    } as unknown as ParticipantPart,
    instance,
  };
}

/**
 * Learns something from everything it is given: item rows (its own, or those it was granted), dense weights with momentum,
 * its random stream, the history, replays and lessons. A few additions an event, so that whole runs take milliseconds.
 */
export class CheapParticipant implements Participant {
  /** What it was handed, for a test to look at. */
  readonly heard: { readonly batch: Batch; readonly lessons: readonly Lesson[] }[] = [];
  readonly #rng: Rng;
  readonly #keep: boolean;
  #attachment!: Attachment;
  #table!: GrantedTable;
  readonly #weights = new Float32Array(DIM).fill(0.5);
  readonly #momentum = new Float32Array(DIM);
  #steps = 0;

  /** `keep`: remember (copies of) batches and lessons. */
  constructor(rng: Rng, { keep = false }: { readonly keep?: boolean } = {}) {
    this.#rng = rng;
    this.#keep = keep;
  }

  attach(attachment: Attachment): void {
    this.#attachment = attachment;
    this.#table = attachment.own['item'] ?? attachment.shared[0];
  }

  async learn(batch: Batch, lessons: readonly Lesson[]): Promise<Step> {
    if (this.#keep) this.heard.push({ batch: structuredClone(batch), lessons });
    const rows = new Float32Array(batch.size * DIM);
    this.#table.gather(batch.items, rows);
    const values = new Float32Array(batch.size * DIM);
    for (let b = 0; b < batch.size; b++) {
      const noise = this.#rng.next() - 0.5;
      const past = batch.history.offsets[b + 1] - batch.history.offsets[b];
      for (let d = 0; d < DIM; d++) values[b * DIM + d] = rows[b * DIM + d] - this.#weights[d] + noise + past / 100;
    }
    const taught = lessons.reduce((sum, lesson) => sum + (lesson.kind === 'predictions' ? lesson.weight[0] : 0), 0);
    for (let d = 0; d < DIM; d++) {
      this.#momentum[d] = 0.9 * this.#momentum[d] + 0.01 * (values[d] ?? 0) + 0.001 * taught;
      this.#weights[d] -= this.#momentum[d];
    }
    this.#steps++;
    return {
      losses: { ranking: this.#weights[0] },
      rowGradients: [{ table: this.#table.name, rows: batch.items, values }],
    };
  }

  async predict(users: UserContexts, items: Candidates): Promise<Scores> {
    if (items.kind !== 'shared') throw new Error('only shared candidates');
    const rows = new Float32Array(items.items.length * DIM);
    this.#table.gather(items.items, rows);
    const { itemCounts } = this.#attachment.statistics;
    const scores = new Float32Array(users.size * items.items.length);
    for (let b = 0, to = 0; b < users.size; b++)
      for (let i = 0; i < items.items.length; i++, to++) {
        scores[to] = Math.log1p(itemCounts[items.items[i]]) + users.positions[b] / 1000;
        for (let d = 0; d < DIM; d++) scores[to] += this.#weights[d] * rows[i * DIM + d];
      }
    return scores;
  }

  save(): State {
    return {
      version: 1,
      arrays: [
        { name: 'weights', shape: [DIM], owner: 'common', data: this.#weights },
        { name: 'momentum', shape: [DIM], owner: 'common', data: this.#momentum },
      ],
      values: { steps: this.#steps },
    };
  }

  load({ arrays: [weights, momentum], values }: State): void {
    this.#weights.set(weights.data as Float32Array);
    this.#momentum.set(momentum.data as Float32Array);
    this.#steps = values['steps'] as number;
  }
}
