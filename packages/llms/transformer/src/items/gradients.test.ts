import { openTensorBackend, SeededRng } from '@tandem-rec/compute';
import type { Catalogue, Lesson, Matrix, Step } from '@tandem-rec/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment, tableOf, World } from '../../test/world.ts';
import { Notes } from '@tandem-rec/language';
import { CausalPooling } from '../pooling/causal-pooling.ts';
import { DecayPooling } from '../pooling/decay-pooling.ts';
import { settle, transformerOptions } from '../transformer-options.ts';
import { WrittenWeights, type Parameter } from './written-weights.ts';
import type { ItemFeatures } from './item-features.ts';
import { ItemRanker } from './item-ranker.ts';

const DIM = 6;
const ITEMS = 12;
const USERS = 5;

/** Leaves the gradients where they are. */
class Still extends WrittenWeights {
  readonly parameters: Parameter[] = [];

  constructor() {
    super(0);
  }

  override add(...args: Parameters<WrittenWeights['add']>): Parameter {
    const parameter = super.add(...args);
    this.parameters.push(parameter);
    return parameter;
  }

  override step(): void {}
}

/** Random features whose gradient is remembered instead of followed. */
class Watched implements ItemFeatures {
  readonly id = 'watched';
  readonly dim = 7;
  readonly values: Float32Array;
  gradient = new Float32Array(0);

  constructor() {
    const rng = new SeededRng(5);
    this.values = Float32Array.from({ length: ITEMS * this.dim }, () => rng.normal());
  }

  refresh(_: Catalogue): Promise<{ rows: Int32Array }> {
    return Promise.resolve({ rows: Int32Array.from({ length: ITEMS }, (_, row) => row) });
  }

  gather(rows: Int32Array, into: Float32Array): void {
    rows.forEach((row, i) => into.set(this.values.subarray(row * this.dim, (row + 1) * this.dim), i * this.dim));
  }

  learn(rows: Int32Array, gradient: Float32Array): void {
    this.gradient = new Float32Array(this.values.length);
    rows.forEach((row, i) => this.gradient.set(gradient.subarray(i * this.dim, (i + 1) * this.dim), row * this.dim));
  }

  async read(texts: readonly string[]): Promise<Matrix> {
    return { rows: texts.length, cols: this.dim, data: await this.ofTexts(texts) };
  }

  ofTexts(texts: readonly string[]): Promise<Float32Array> {
    return Promise.resolve(
      Float32Array.from({ length: texts.length * this.dim }, (_, i) =>
        Math.sin(i + texts[Math.floor(i / this.dim)].length),
      ),
    );
  }

  save(): { arrays: []; values: null } {
    return { arrays: [], values: null };
  }

  load(): void {}

  close(): void {}
}

interface Setup {
  readonly ranker: ItemRanker;
  readonly optimiser: Still;
  readonly features: Watched;
  readonly table: ReturnType<typeof tableOf>;
  readonly users: ReturnType<typeof tableOf>;
  readonly items: ReturnType<typeof tableOf>;
  readonly learn: (dryRun: boolean) => Promise<Step>;
}

async function setup(
  pooling: 'decay' | 'causal',
  lessonsOf: (rows: number) => readonly Lesson[],
  negatives = 4096,
): Promise<Setup> {
  const world = new World(USERS, ITEMS);
  const earlier = world.batch(25);
  // Nothing fresh: popularity must stay what it was when the gradients were taken.
  const batch = world.batch(0, 10);
  const env = environment();
  const optimiser = new Still();
  const features = new Watched();

  // A dry run drops none.
  const tokenDropout = 0;
  const options = settle(
    transformerOptions.parse({
      dim: DIM,
      hidden: 8,
      features: 7,
      window: 4,
      pooling,
      negatives,
      tokenDropout,
    }),
  );
  const side =
    pooling === 'decay'
      ? new DecayPooling(DIM, 4, optimiser, 0)
      : new CausalPooling(
          { dim: DIM, window: 4, layers: 2, heads: 2, dropout: 0, learningRate: 0, weightDecay: 0 },
          new SeededRng(1),
        );
  const notes = new Notes({ perRow: 2, rows: 100, textLimit: 100 });
  notes.add([told('user', [0, 2], ['likes fruit', 'sweet tooth'])]);
  const ranker = new ItemRanker(options, env, features, side, optimiser, notes);
  const table = tableOf('domain/item', 'item', ITEMS, 5, 'train');
  const users = tableOf('transformer/user', 'user', USERS, DIM, 'assign');
  const items = tableOf('transformer/item', 'item', ITEMS, DIM, 'assign');
  await ranker.attach(world.attachment({ own: { user: users, item: items }, shared: [table] }));
  await ranker.learn(earlier, []);
  for (const { gradient } of optimiser.parameters) gradient.fill(0);
  const rng = new SeededRng(9);
  // Larger than at the start, and P not zero, so that every gradient is far from rounding.
  for (const { value, name } of optimiser.parameters)
    for (let i = 0; i < value.length; i++)
      value[i] +=
        (name.startsWith('tower:W2') || name.startsWith('token') || name.startsWith('told') ? 0.3 : 0.05) *
        rng.normal();
  const lessons = lessonsOf(batch.size);
  const random = env.rng.save();
  const learn = (dryRun: boolean): Promise<Step> => {
    env.rng.load(random);
    return ranker.learn(batch, lessons, { dryRun });
  };
  return { ranker, optimiser, features, table, users, items, learn };
}

const total = ({ losses }: Step): number => Object.values(losses).reduce((sum, loss) => sum + loss, 0);

/** Compares gradients with central differences of the loss of a dry run, at a few elements of each array. */
async function check(
  made: Setup,
  arrays: readonly { readonly name: string; readonly value: Float32Array; readonly gradient: Float32Array }[],
): Promise<void> {
  const rng = new SeededRng(2);
  for (const { name, value, gradient } of arrays) {
    for (let n = 0; n < 6; n++) {
      const at = rng.int(value.length);
      const kept = value[at];
      const losses: number[] = [];
      for (const step of [1e-3, -1e-3]) {
        value[at] = kept + step;
        invalidate(made);
        losses.push(total(await made.learn(true)));
      }
      value[at] = kept;
      invalidate(made);
      const expected = (losses[0] - losses[1]) / 2e-3;
      expect
        .soft(Math.abs(gradient[at] - expected), `${name}[${at}]: ${gradient[at]} against ${expected}`)
        .toBeLessThan(2e-3 + 0.02 * Math.abs(expected));
    }
    expect
      .soft(
        gradient.some((element) => Math.abs(element) > 1e-4),
        `${name} gets a gradient`,
      )
      .toBe(true);
  }
}

const sum = (rows: Int32Array, values: Float32Array, length: number, dim: number): Float32Array => {
  const dense = new Float32Array(length);
  rows.forEach((row, i) => {
    for (let d = 0; d < dim; d++) dense[row * dim + d] += values[i * dim + d];
  });
  return dense;
};

async function checkAll(made: Setup): Promise<void> {
  const step = await made.learn(false);
  const rowsOf = (name: string): Step['rowGradients'][number] => step.rowGradients.find(({ table }) => table === name)!;
  await check(made, [
    ...made.optimiser.parameters.map(({ name, value, gradient }) => ({ name, value, gradient: gradient.slice() })),
    { name: 'features', value: made.features.values, gradient: made.features.gradient },
    ...[made.table, made.users, made.items].map(({ name, values, dim }) => ({
      name,
      value: values,
      gradient: sum(rowsOf(name).rows, rowsOf(name).values, values.length, dim),
    })),
  ]);
}

const told = (side: 'user' | 'item', rows: readonly number[], texts: readonly string[]): Lesson => ({
  from: 'domain',
  to: 'transformer',
  kind: 'text',
  side,
  rows: Int32Array.from(rows),
  texts,
  weight: 1,
});

const everyLesson = (size: number): readonly Lesson[] => {
  const rng = new SeededRng(4);
  const probabilities = (rows: number, columns: number): Float32Array => {
    const p = Float32Array.from({ length: rows * columns }, () => Math.exp(rng.normal()));
    for (let r = 0; r < rows; r++) {
      const row = p.subarray(r * columns, (r + 1) * columns);
      const whole = row.reduce((a, b) => a + b, 0);
      row.forEach((value, i) => (row[i] = value / whole));
    }
    return p;
  };
  const matrix = (rows: number, cols: number) => ({
    rows,
    cols,
    data: Float32Array.from({ length: rows * cols }, () => rng.normal()),
  });
  const taught = { from: 'domain', to: 'transformer' };
  const weight = Float32Array.from({ length: size }, (_, b) => b % 3);
  const alignment = (loss: 'info-nce' | 'cosine' | 'mse', side: 'user' | 'item', rows: readonly number[]): Lesson => ({
    ...taught,
    from: `${loss}`,
    kind: 'representations',
    side,
    rows: Int32Array.from(rows),
    target: matrix(rows.length, 4),
    loss,
    temperature: 0.5,
    weight: 0.7,
  });
  const offsets = Int32Array.from({ length: size + 1 }, (_, b) => 3 * b);
  return [
    {
      ...taught,
      kind: 'predictions',
      candidates: { kind: 'shared', items: Int32Array.of(7, 2, 11, 0, 5) },
      target: probabilities(size, 5),
      temperature: 2,
      weight,
    },
    {
      ...taught,
      kind: 'predictions',
      candidates: { kind: 'ragged', offsets, items: Int32Array.from({ length: 3 * size }, (_, i) => (5 * i) % ITEMS) },
      target: probabilities(size, 3),
      temperature: 1,
      weight,
    },
    alignment('info-nce', 'item', [3, 8, 1, 10]),
    alignment('cosine', 'item', [3, 0, 4]),
    alignment('mse', 'user', [0, 2, 4]),
  ];
};

describe('gradients of the item ranker agree with differences of its loss', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

  it('with decay pooling, soft token and rows of users and items', async () =>
    checkAll(await setup('decay', () => [])));

  it('with every kind of lesson', async () => checkAll(await setup('decay', everyLesson)));

  it('with sampled candidates', async () => checkAll(await setup('decay', everyLesson, 3)));

  it('with causal pooling, through the tensor library', async () => checkAll(await setup('causal', () => [])));
});

/** Weights were changed from outside: the item vectors must be computed again, as after a step. */
function invalidate({ ranker }: Setup): void {
  const state = ranker.save();
  const arrays = state.arrays.map((array) => ({ ...array, data: array.data.slice() }));
  ranker.load({ ...state, arrays });
}
