import { openTensorBackend, tf } from '@tandem-rec/compute';
import type { Candidates, LanguageModel, Lesson, State } from '@tandem-rec/contract';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment, tableOf, World } from '../test/world.ts';
import { transformer } from './transformer.ts';

const { definition } = transformer;
type Options = Parameters<typeof transformer>[0];

const small = {
  dim: 16,
  hidden: 32,
  features: 24,
  buckets: 512,
  window: 10,
  learningRate: 0.01,
  headLearningRate: 0.02,
} as const;

const create = async (options: Options, env = environment()): Promise<LanguageModel> =>
  definition.create(definition.options.parse({ ...small, ...options }), env);

const all = (world: World): Candidates => ({ kind: 'shared', items: Int32Array.from(world.items, (_, row) => row) });

/** As a checkpoint gives it back. */
function copy(state: State): State {
  return { ...structuredClone({ ...state, values: JSON.parse(JSON.stringify(state.values)) as State['values'] }) };
}

/** Learns `steps` batches; returns the mean reciprocal rank of the true items over those after `from`, before they were learned. */
async function stream(model: LanguageModel, world: World, steps: number, from = 0): Promise<number> {
  let [sum, count] = [0, 0];
  for (let step = 0; step < steps; step++) {
    if (step % 5 === 4 && world.items.length < world.itemCounts.length) world.addItem();
    const batch = world.batch(16, 16);
    const scores = await model.predict(batch, all(world));
    const n = world.items.length;
    for (let b = 0; step >= from && b < batch.fresh; b++) {
      const truth = scores[b * n + batch.items[b]];
      sum += 1 / (1 + scores.subarray(b * n, (b + 1) * n).reduce((above, score) => above + (score > truth ? 1 : 0), 0));
      count++;
    }
    await model.learn?.(batch, []);
    world.count(batch);
  }
  return sum / count;
}

const weights = requireOrSkip('models', 'all-MiniLM-L6-v2');

describe('transformer', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

  const kinds = [
    { encoder: 'subwords', pooling: 'decay' },
    { encoder: 'subwords', pooling: 'causal' },
    ...(weights.available
      ? [{ encoder: 'minilm', pooling: 'decay', weights: modelFolder('all-MiniLM-L6-v2') } as const]
      : []),
  ] as const;

  describe.each(kinds)('$encoder, $pooling', (options) => {
    it('learns taste from words', async () => {
      const world = new World(40, 80, 100);
      const model = await create(options);
      await model.attach(world.attachment());
      // Four equal kinds of 20 to 25 items: knowing nothing gives .05, knowing the kind about .15.
      expect(await stream(model, world, 60, 40)).toBeGreaterThan(0.09);
      await model.close?.();
    }, 60_000);

    it('goes on after loading bit for bit, with items that come and texts that change', async () => {
      const run = async (resumeAt: number | undefined): Promise<readonly [State, Float32Array]> => {
        const world = new World(10, 30, 90);
        const env = environment();
        let model = await create(options, env);
        const table = tableOf('domain/item', 'item', 90, 8, 'read');
        await model.attach(world.attachment({ shared: [table] }));
        for (let step = 0; step < 16; step++) {
          for (let i = 0; i < 4; i++) if (world.items.length < 90) world.addItem();
          if (step === 5) world.rename(3, 'Altogether green pear');
          if (step === resumeAt) {
            const state = copy(await model.save());
            const random = env.rng.save();
            await model.close?.();
            const next = environment();
            next.rng.load(random);
            model = await create(options, next);
            await model.attach(world.attachment({ shared: [table] }));
            await model.load(state);
          }
          await stream(model, world, 1);
          table.assign(Int32Array.of(step), new Float32Array(8).fill(step / 10));
        }
        const batch = world.batch(8);
        const scores = (await model.predict(batch, all(world))).slice();
        return [copy(await model.save()), scores];
      };
      const [whole, wholeScores] = await run(undefined);
      for (const resumeAt of options.encoder === 'minilm' ? [9] : [3, 9]) {
        const [state, scores] = await run(resumeAt);
        expect(scores).toEqual(wholeScores);
        expect(state.values).toEqual(whole.values);
        for (const [i, array] of whole.arrays.entries()) expect(state.arrays[i], array.name).toEqual(array);
      }
    }, 60_000);

    it('keeps no tensors', async () => {
      const world = new World(10, 20);
      const model = await create(options);
      await model.attach(world.attachment());
      await stream(model, world, 3);
      const before = tf.memory().numTensors;
      await stream(model, world, 6);
      expect(tf.memory().numTensors).toBe(before);
    }, 60_000);
  });

  it('changes nothing in a dry run or a prediction', async () => {
    const world = new World(10, 40);
    const env = environment();
    const model = await create({ negatives: 8 }, env);
    await model.attach(world.attachment());
    await stream(model, world, 3);
    const before = copy(await model.save());
    const random = env.rng.save();
    const batch = world.batch(8);
    const target = { rows: 3, cols: 5, data: new Float32Array(15).fill(1) };
    const taught = {
      from: 'domain',
      to: 'transformer',
      kind: 'representations',
      side: 'item',
      rows: Int32Array.of(1, 2, 3),
      target,
    } as const;
    const step = await model.learn?.(batch, [{ ...taught, loss: 'cosine', temperature: 1, weight: 1 }], {
      dryRun: true,
    });
    expect(step?.losses).toEqual({ ranking: expect.any(Number) as number, alignment: expect.any(Number) as number });
    await model.predict(batch, all(world));
    expect(copy(await model.save())).toEqual(before);
    expect(env.rng.save()).toEqual(random);
  });

  it('scores ragged candidates as shared ones, and repeated ones alike', async () => {
    const world = new World(10, 40);
    const model = await create({});
    await model.attach(world.attachment());
    await stream(model, world, 5);
    const batch = world.batch(3);
    const whole = (await model.predict(batch, all(world))).slice();
    const ragged = await model.predict(batch, {
      kind: 'ragged',
      offsets: Int32Array.of(0, 2, 2, 5),
      items: Int32Array.of(7, 30, 1, 1, 39),
    });
    const expected = [whole[7], whole[30], whole[81], whole[81], whole[119]];
    expect(ragged.length).toBe(5);
    for (const [i, score] of ragged.entries()) expect(score).toBeCloseTo(expected[i], 5);
    const repeated = await model.predict(batch, { kind: 'shared', items: Int32Array.of(7, 7) });
    expect([...repeated].slice(0, 2).map((score) => Math.abs(score - whole[7]) < 1e-5)).toEqual([true, true]);
  });

  it('learns from a table that is opened to it, and returns gradients where it may train', async () => {
    const world = new World(10, 20);
    const run = async (access: 'read' | 'train') => {
      const model = await create({});
      await model.attach(world.attachment({ shared: [tableOf('domain/item', 'item', 18, 8, access)] }));
      const batch = world.batch(8);
      await model.learn?.(batch, []);
      return model.learn?.(batch, []);
    };
    expect((await run('read'))?.rowGradients).toEqual([]);
    const [gradients] = (await run('train'))?.rowGradients ?? [];
    expect(gradients.table).toBe('domain/item');
    // Two items have no row yet.
    expect([...gradients.rows]).toEqual(Array.from({ length: 18 }, (_, row) => row));
    expect(gradients.values.length).toBe(18 * 8);
    expect(gradients.values.some((value) => value !== 0)).toBe(true);
  });

  it('leaves soft tokens out of a step at random, and does without a table that is hidden', async () => {
    const world = new World(10, 20);
    const table = tableOf('domain/item', 'item', 20, 8, 'train');
    const model = await create({ tokenDropout: 0.5 });
    await model.attach(world.attachment({ shared: [table] }));
    const rows = table.values.slice();
    table.values.fill(0);
    const learn = async (): Promise<Float32Array> =>
      (await model.learn!(world.batch(8), [])).rowGradients[0].values.slice();
    for (let step = 0; step < 3; step++) expect((await learn()).some((value) => value !== 0)).toBe(false);
    table.values.set(rows);
    await learn();
    // Half of the tokens are left out of a step, so that their rows hear nothing of it.
    const values = await learn();
    const silent = Array.from({ length: 20 }, (_, i) => values.subarray(8 * i, 8 * i + 8)).filter((row) =>
      row.every((value) => value === 0),
    );
    expect(silent.length).toBeGreaterThan(3);
    expect(silent.length).toBeLessThan(17);
  });

  it('makes what others say of items part of their texts, and of users part of their states', async () => {
    const world = new World(10, 20);
    const run = async (told: boolean) => {
      const model = await create({});
      await model.attach(world.attachment());
      const learn = (lessons: readonly Lesson[]): Promise<unknown> =>
        model.learn!(world.batch(8), lessons, { rate: 1 });
      const lesson = (side: 'user' | 'item', rows: readonly number[], text: string): Lesson => ({
        from: 'domain',
        to: 'transformer',
        kind: 'text',
        side,
        rows: Int32Array.from(rows),
        texts: rows.map(() => text),
        weight: told ? 1 : 0,
      });
      await learn([lesson('item', [3], 'met by those who like pears'), lesson('user', [1, 2], 'likes pears')]);
      // Words about users are heard from the step after the first in which they were read.
      for (let step = 0; step < 3; step++) await learn([]);
      const rows = Int32Array.of(2, 3);
      const items = (await model.represent!('item', rows)).data.slice();
      const users = (await model.represent!('user', Int32Array.of(1, 9))).data.slice();
      const loaded = await create({});
      await loaded.attach(world.attachment());
      await loaded.load(copy(await model.save()));
      expect((await loaded.represent!('item', rows)).data).toEqual(items);
      expect((await loaded.represent!('user', Int32Array.of(1, 9))).data).toEqual(users);
      return { items, model };
    };
    const nothing = await run(false);
    expect((await nothing.model.save()).values['notes']).toEqual([]);
    const { model, items } = await run(true);
    expect((await model.save()).values['notes']).toHaveLength(3);
    const U = (await model.save()).arrays.find(({ name }) => name === 'dense/told:U')!.data as Float32Array;
    expect(U.some((value) => value !== 0)).toBe(true);
    // The words change where the item lies, from the step that told them on.
    const other = await create({});
    await other.attach(world.attachment());
    const state = copy(await model.save());
    await other.load({ ...state, values: { ...state.values, notes: [] } });
    const without = (await other.represent!('item', Int32Array.of(2, 3))).data;
    expect(without.subarray(0, 16)).toEqual(items.subarray(0, 16));
    expect(without.subarray(16)).not.toEqual(items.subarray(16));
  });

  it('represents items, and users by what they met last', async () => {
    const world = new World(10, 20);
    const model = await create({});
    await model.attach(world.attachment());
    const nobody = 11;
    await stream(model, world, 5);
    const { rows, cols, data } = (await model.represent?.('item', Int32Array.of(3, 3, 19)))!;
    expect([rows, cols, data.length]).toEqual([3, 16, 48]);
    expect(data.subarray(0, 16)).toEqual(data.subarray(16, 32));
    const batch = world.batch(1);
    const states = async () => (await model.represent?.('user', Int32Array.of(batch.users[0], nobody)))!.data.slice();
    await model.learn?.({ ...batch, fresh: 0 }, []);
    const before = await states();
    expect(before.subarray(0, 16)).not.toEqual(before.subarray(16, 32));
    const bits = (await model.represent?.('user', Int32Array.of(nobody, batch.users[0])))!.data;
    expect(bits.subarray(16, 32)).toEqual(before.subarray(0, 16));
    await model.learn?.(batch, []);
    expect(await states()).not.toEqual(before);
  });

  it('says which encoder a state belongs to, which weights are missing and which heads do not fit', async () => {
    const world = new World(4, 8);
    const [one, other] = [await create({ encoder: 'subwords' }), await create({ encoder: 'subwords', buckets: 64 })];
    await one.attach(world.attachment());
    await other.attach(world.attachment());
    const state = copy(await one.save());
    expect(() => other.load(state)).toThrow(/trained with the text encoder “subwords 512”; here is “subwords 64”/);
    await expect(create({ encoder: 'minilm' })).rejects.toMatchObject({ code: 'TANDEM_MODEL_WEIGHTS_MISSING' });
    await expect(create({ encoder: 'subwords', pooling: 'causal', causal: { heads: 3 } })).rejects.toMatchObject({
      code: 'TANDEM_CONFIG_WRONG_VALUE',
    });
    await expect(create({ weights: '/nowhere' })).rejects.toMatchObject({ code: 'TANDEM_MODEL_WEIGHTS_MISSING' });
  });
});
