import { isDeepStrictEqual } from 'node:util';
import type { Batch, FitRun, Interactions, TandemConfig } from '@tandem-rec/contract';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { none } from '@tandem-rec/sharing-none';
import { timelinesOf } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { guardedDistillation } from './guarded-distillation.ts';
import { ials } from './ials.ts';
import { mutual } from './mutual.ts';
import { neighbourly, random, wordy } from './test/speakers.ts';
import { classroom, kindOf, meetings, type Classroom } from './test/tiny-world.ts';
import { textPrior } from './text-prior.ts';
import { verbalise } from './verbalise.ts';

const pair: TandemConfig = {
  domain: fism({ dim: 8 }),
  language: transformer({ encoder: 'subwords', dim: 8, hidden: 16, features: 16, buckets: 256 }),
};

/** One row of a shared table. */
function rowOf({ trainer }: Classroom, table: string, row: number): Float32Array {
  const shared = trainer.embeddings.table(table);
  const into = new Float32Array(shared.dim);
  shared.gather(Int32Array.of(row), into);
  return into;
}

async function taught(config: TandemConfig, events: number): Promise<Classroom> {
  const room = await classroom(config);
  await room.learn(meetings(events));
  return room;
}

describe('every sketch', () => {
  it.each<[string, TandemConfig]>([
    ['mutual', { ...pair, sharing: mutual() }],
    ['textPrior', { ...pair, sharing: textPrior({ minCount: 3 }) }],
    ['guardedDistillation', { ...pair, sharing: guardedDistillation() }],
    ['verbalise', { domain: neighbourly(), language: wordy(), sharing: verbalise() }],
    ['ials', { domain: ials(), language: pair.language, sharing: none() }],
  ])('%s goes on from a checkpoint as if nothing had happened', async (_name, config) => {
    const [before, after] = [meetings(320), meetings(320, 2)];
    const whole = await classroom(config);
    await whole.learn(before);
    const states = structuredClone(await whole.trainer.save());
    await whole.learn(after);
    const resumed = await classroom(config, states);
    await resumed.learn(after);
    const [is, should] = [await resumed.trainer.save(), await whole.trainer.save()];
    expect(Object.keys(should).filter((name) => !isDeepStrictEqual(is[name], should[name]))).toEqual([]);
  });
});

describe('mutual', () => {
  it('teaches both ways', async () => {
    const { trainer } = await taught({ ...pair, sharing: mutual() }, 320);
    for (const name of ['fism', 'transformer']) expect(trainer.losses[name]).toHaveProperty('distillation');
  });

  it('lets the language side train the rows of the domain side', async () => {
    const shared = await taught({ ...pair, sharing: mutual({ weight: 0 }) }, 320);
    const apart = await taught({ ...pair, sharing: none() }, 320);
    expect(rowOf(shared, 'fism/item', 0)).not.toEqual(rowOf(apart, 'fism/item', 0));
  });

  it('asks for a language model that reads parameters', async () => {
    await expect(classroom({ domain: fism(), language: wordy(), sharing: mutual() })).rejects.toThrow(
      /needs a language model that takes parameters; "wordy" \(sketches#wordy\) takes text/,
    );
  });
});

describe('textPrior', () => {
  it('places a new item by its words, before anybody met it', async () => {
    /** How much more those who like red things want a new red thing. */
    const wanted = async (sharing: TandemConfig['sharing']): Promise<number> => {
      const room = await taught({ ...pair, sharing }, 640);
      await room.introduce([{ id: 'new', text: { title: 'Number 5 red berry' }, categories: [] }]);
      const row = room.trainer.catalogue.row('new')!;
      return (await room.scores('fism', 'u0'))[row] - (await room.scores('fism', 'u1'))[row];
    };
    expect(await wanted(textPrior({ minCount: 3 }))).toBeGreaterThan(1);
    expect(Math.abs(await wanted(none()))).toBeLessThan(0.5);
  });
});

describe('guardedDistillation', () => {
  it('lets a good teacher be heard', async () => {
    const { trainer } = await taught({ ...pair, sharing: guardedDistillation() }, 640);
    expect(trainer.losses['fism']).toHaveProperty('distillation');
    expect(trainer.losses['transformer']).not.toHaveProperty('distillation');
  });

  it('keeps a bad one from teaching', async () => {
    const config = { domain: fism({ dim: 8 }), language: random(), sharing: guardedDistillation() };
    const { trainer } = await taught(config, 640);
    expect(trainer.losses['fism']).not.toHaveProperty('distillation');
  });
});

describe('verbalise', () => {
  it('gives the language side words that no title has', async () => {
    const told = await classroom({ domain: neighbourly(), language: wordy(), sharing: verbalise({ minCount: 1 }) });
    const untold = await classroom({ domain: neighbourly(), language: wordy(), sharing: none() });
    for (const room of [told, untold]) {
      // Grey things are what those who like red ones meet next: no title says so.
      for (let turn = 0; turn < 4; turn++) await room.learn([{ user: `u${turn}`, item: 'i0' }]);
      for (let turn = 0; turn < 4; turn++) await room.learn([{ user: `u${turn}`, item: 'i1' }]);
      await room.learn([{ user: 'newcomer', item: 'i2' }]);
    }
    const score = async (room: Classroom): Promise<number> => (await room.scores('wordy', 'newcomer'))[1];
    expect(await score(told)).toBeGreaterThan(await score(untold));
  });
});

describe('ials', () => {
  const options = { dim: 4, unobserved: 0.1, regularisation: 0.05 };

  /** A room whose domain model was fitted to all that was met. */
  async function fitted(sharing: TandemConfig['sharing'] = none()): Promise<Classroom> {
    const room = await taught({ domain: ials(options), language: pair.language, sharing }, 640);
    const { trainer } = room;
    const told = meetings(640);
    const everything = (order: Int32Array): Batch => ({
      ...trainer.contextsOf('nobody', 0),
      size: order.length,
      users: Int32Array.from(order, (at) => trainer.embeddings.index('user').get(told[at].user)!),
      items: Int32Array.from(order, (at) => trainer.catalogue.row(told[at].item)!),
      values: new Float32Array(order.length).fill(1),
      atMs: new Float64Array(order.length),
      fresh: order.length,
      sequence: 0,
    });
    const data: Interactions = {
      size: told.length,
      users: trainer.statistics.users,
      items: trainer.catalogue.size,
      timelines: timelinesOf(everything(Int32Array.from(told, (_, at) => at)), trainer.statistics.users),
      batch: everything,
    };
    const losses: number[] = [];
    const { signal } = new AbortController();
    const epoch: FitRun['epoch'] = ({ loss }) => Promise.resolve({ stop: losses.push(loss) === 8 });
    await room.participant('ials').fit!(data, { signal, epochs: 100, epoch });
    expect(losses).toHaveLength(8);
    expect(losses[7]).toBeLessThan(losses[0]);
    return room;
  }

  const means = async (room: Classroom, user: string): Promise<readonly [red: number, grey: number]> => {
    const scores = await room.scores('ials', user);
    const mean = (kind: number) =>
      scores
        .slice(0, 24)
        .filter((_, row) => row % 2 === kind)
        .reduce((a, b) => a + b) / 12;
    return [mean(0), mean(1)];
  };

  it('finds who likes what', async () => {
    const room = await fitted();
    for (const user of ['u0', 'u7', 'u12', 'u29']) {
      const means_ = await means(room, user);
      expect(means_[kindOf(user)]).toBeGreaterThan(means_[1 - kindOf(user)] + 0.5);
    }
  });

  it('solves a user’s row after each event: the objective has no slope there', async () => {
    const room = await fitted();
    await room.learn(['i0', 'i4', 'i10'].map((item) => ({ user: 'newcomer', item })));
    const [red, grey] = await means(room, 'newcomer');
    expect(red).toBeGreaterThan(grey + 0.3);
    const user = room.trainer.embeddings.index('user').get('newcomer')!;
    const w = rowOf(room, 'ials/user', user);
    const slope = w.map((value) => options.regularisation * value);
    for (let item = 0; item < 24; item++) {
      const h = rowOf(room, 'ials/item', item);
      const score = h.reduce((sum, value, d) => sum + value * w[d], 0);
      const met = [0, 4, 10].includes(item);
      h.forEach((value, d) => (slope[d] += (options.unobserved * score + (met ? score - 1 : 0)) * value));
    }
    expect(Math.hypot(...slope)).toBeLessThan(1e-5);
  });

  it('scores ragged lists as it scores shared ones', async () => {
    const room = await fitted();
    const users = room.trainer.contextsOf('u3', 0);
    const items = Int32Array.of(5, 2, 9);
    const model = room.participant('ials');
    const shared = (await model.predict(users, { kind: 'shared', items })).slice();
    expect(await model.predict(users, { kind: 'ragged', items, offsets: Int32Array.of(0, 3) })).toEqual(shared);
  });

  it('leaves new items to the text prior, which can place rows that it cannot learn', async () => {
    const room = await fitted(textPrior({ minCount: 3, everyBatches: 1 }));
    await room.learn(meetings(64, 2));
    await room.introduce([{ id: 'new', text: { title: 'Number 5 grey metal' }, categories: [] }]);
    const row = room.trainer.catalogue.row('new')!;
    expect((await room.scores('ials', 'u1'))[row]).toBeGreaterThan((await room.scores('ials', 'u0'))[row] + 0.3);
  });
});
