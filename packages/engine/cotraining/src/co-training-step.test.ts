import { SeededRng, SharedEmbeddings } from '@tandem-rec/compute';
import {
  EMPTY_STATE,
  type Batch,
  type Grant,
  type Lesson,
  type Participant,
  type Plan,
  type Step,
} from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { ITEM_TABLE, seatOf } from '../test/cheap-participant.ts';
import { KeptLog } from '../test/kept-log.ts';
import { coTrainingStep, type StepTimes } from './co-training-step.ts';
import { Faults } from './faults.ts';
import { GrowingCatalogue } from './growing-catalogue.ts';
import { GrowingStatistics } from './growing-statistics.ts';
import { InformationSharingModule } from './information-sharing-module.ts';

const BATCH: Batch = {
  size: 1,
  users: Int32Array.of(0),
  items: Int32Array.of(0),
  positions: Int32Array.of(0),
  history: { offsets: Int32Array.of(0, 0), items: new Int32Array(0) },
  values: Float32Array.of(1),
  atMs: Float64Array.of(0),
  fresh: 1,
  sequence: 640,
};
const lesson = (to: string): Lesson => ({
  kind: 'text',
  from: 'someone',
  to,
  side: 'item',
  rows: Int32Array.of(0),
  texts: [`for ${to}`],
  weight: 1,
});

/** Three participants (the last cannot learn) over one table, and what happened in which order. */
async function stage(
  plan: Plan | undefined,
  learn: (name: string) => Step = () => ({ losses: { ranking: 1 }, rowGradients: [] }),
  grants: readonly Grant[] = [],
) {
  const told: string[] = [];
  const participant = (name: string): Participant => ({
    attach() {},
    async learn(batch, lessons) {
      told.push(
        `${name} learns ${batch.size} with ${lessons.map((one) => (one.kind === 'text' ? one.texts[0] : one.kind)).join() || 'nothing'}`,
      );
      return learn(name);
    },
    predict: async () => new Float32Array(0),
    save: () => EMPTY_STATE,
    load() {},
  });
  const { learn: _, ...mute } = participant('mute');
  const seats = [
    seatOf('rows', 'domain', participant('rows'), { tables: [ITEM_TABLE] }),
    seatOf('words', 'language', participant('words')),
    seatOf('mute', 'domain', mute),
  ];
  const embeddings = new SharedEmbeddings();
  embeddings.index('item').add('i');
  const catalogue = new GrowingCatalogue(embeddings.index('item'));
  const module = new InformationSharingModule(seats, grants, {
    embeddings,
    catalogue,
    statistics: new GrowingStatistics(),
    rng: (name) => new SeededRng(1, name),
  });
  await module.attach();
  embeddings.ensureRows('item');
  const strategy = plan && { exchange: async () => (told.push('exchange'), plan), save: () => EMPTY_STATE, load() {} };
  const times: StepTimes = { exchange: 0, learn: 0, learnBy: {}, apply: 0 };
  let clock = 0;
  const log = new KeptLog();
  const faults = new Faults(log);
  const run = (skip: readonly string[] = []) =>
    coTrainingStep(BATCH, seats, module, strategy, new Set(skip), times, () => (clock += 1), 1, faults);
  return { told, times, embeddings, run, faults, log };
}

describe('coTrainingStep', () => {
  it('exchanges first, then lets everybody learn the batch with the lessons addressed to it', async () => {
    const { told, times, run } = await stage({ lessons: [lesson('words'), lesson('rows'), lesson('words')] });
    expect(await run()).toEqual({ rows: { ranking: 1 }, words: { ranking: 1 } });
    expect(told).toEqual(['exchange', 'rows learns 1 with for rows', 'words learns 1 with for words,for words']);
    expect(Object.keys(times.learnBy)).toEqual(['rows', 'words']);
    expect([times.exchange, times.learn, times.apply].every((ms) => ms > 0)).toBe(true);
  });

  it('needs no strategy', async () => {
    const { told, run } = await stage(undefined);
    await run();
    expect(told).toEqual(['rows learns 1 with nothing', 'words learns 1 with nothing']);
  });

  it('leaves out who is skipped, and who the plan does not name', async () => {
    const skipping = await stage({ lessons: [lesson('words')] });
    expect(Object.keys(await skipping.run(['words']))).toEqual(['rows']);
    const naming = await stage({ lessons: [lesson('words')], learners: ['words'] });
    expect(Object.keys(await naming.run())).toEqual(['words']);
    const nobody = await stage({ lessons: [], learners: [] });
    expect(await nobody.run()).toEqual({});
  });

  it('stops at a loss that is not finite, before shared rows change', async () => {
    for (const loss of [NaN, Infinity, -Infinity]) {
      const { embeddings, run } = await stage(undefined, (name) => ({
        losses: { ranking: 1, distillation: name === 'words' ? loss : 0 },
        rowGradients: [
          { table: 'rows/item', rows: Int32Array.of(0), values: new Float32Array(ITEM_TABLE.dim).fill(1) },
        ],
      }));
      const before = embeddings.save().arrays;
      await expect(run()).rejects.toMatchObject({
        code: 'TANDEM_NOT_FINITE',
        message: `The distillation loss of words is ${loss} at event 640.`,
      });
      expect(embeddings.save().arrays).toEqual(before);
    }
  });

  it('drops lessons that nobody can learn from, counts them and names them once', async () => {
    const broken: Lesson = { ...lesson('words'), weight: NaN } as Lesson;
    const { told, run, faults, log } = await stage({ lessons: [broken, lesson('words')] });
    await run();
    await run();
    expect(told.filter((one) => one.startsWith('words'))).toEqual([
      'words learns 1 with for words',
      'words learns 1 with for words',
    ]);
    expect(faults.counts).toEqual({ 'someone → words: lesson of text dropped': 2 });
    expect(log.lines).toEqual(['warn: A lesson of text from someone to words is dropped: its weight is NaN.']);
    expect(log.facts).toEqual([{ event: 640 }]);
  });

  it('drops gradients for rows of others that are not finite, and applies the rest', async () => {
    const gradients = (value: number) => ({
      table: 'rows/item',
      rows: Int32Array.of(0),
      values: new Float32Array(ITEM_TABLE.dim).fill(value),
    });
    const moved = async (ofWords: number): Promise<unknown> => {
      const { run, embeddings, faults } = await stage(
        undefined,
        (name) => ({
          losses: {},
          rowGradients: [gradients(name === 'words' ? ofWords : 1)],
        }),
        [{ of: 'domain', table: 'item', access: 'train' }],
      );
      await run();
      if (Number.isNaN(ofWords)) expect(faults.counts).toEqual({ 'words → rows/item: gradients dropped': 1 });
      return embeddings.save().arrays;
    };
    expect(await moved(NaN)).toEqual(await moved(0));
  });
});
