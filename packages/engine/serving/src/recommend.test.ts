import { SeededRng } from '@tandem-rec/compute';
import {
  EMPTY_STATE,
  trainingSchema,
  type Candidates,
  type CatalogueItem,
  type Composition,
  type Fusion,
  type ParticipantPart,
  type Role,
  type UserContexts,
} from '@tandem-rec/contract';
import { CoTrainer, type Table } from '@tandem-rec/cotraining';
import { describe, expect, it } from 'vitest';
import { recommend } from './recommend.ts';

const NOW_MS = Date.UTC(2024, 0, 2);

/** Scores an item by its row, or by how far from the end it is; better for whoever has a past, so that contexts matter. */
const seat = (name: string, role: Role, score: (item: number, past: number) => number) => ({
  part: {
    kind: `${role}-model`,
    role,
    name,
    id: `test#${name}`,
    gives: ['predictions'],
    takes: [],
    tables: [],
  } as unknown as ParticipantPart,
  instance: {
    attach() {},
    predict: async ({ size, positions }: UserContexts, { items }: Candidates) =>
      Float32Array.from({ length: size * items.length }, (_, i) =>
        score(items[i % items.length], positions[Math.floor(i / items.length)]),
      ),
    save: () => EMPTY_STATE,
    load() {},
  },
});

const product: Fusion = {
  attach() {},
  fuse: ({ experts: [a, b] }) => a.scores.map((score, i) => score + 10 * b.scores[i]),
  save: () => EMPTY_STATE,
  load() {},
};

async function running({ fused = true } = {}) {
  const seats = [
    seat('up', 'domain', (item) => item),
    seat('down', 'language', (item, past) => (past > 0 ? -item : item === 2 ? 9 : 0)),
  ];
  const fusions = fused ? [{ name: 'both', instance: product }] : [];
  const composition = {
    participants: seats.map(({ part }) => part),
    grants: [],
    fusions,
    training: trainingSchema.parse({}),
    hash: '',
    description: null,
  } as unknown as Composition;
  const rngs = new Map<string, SeededRng>();
  const rng = (name: string): SeededRng => rngs.get(name) ?? rngs.set(name, new SeededRng(1, name)).get(name)!;
  const table: Table = { composition, seats, strategy: undefined, fusions, rng };
  const trainer = new CoTrainer(table, () => 0);
  await trainer.begin();
  const items = ['a', 'b', 'c', 'd', 'e'].map((id): CatalogueItem => ({
    id,
    text: id === 'd' ? {} : { title: `Title ${id}` },
    categories: [],
  }));
  await trainer.addItems(items);
  const records = ['a', 'c', 'x'].map((item, offset) => ({
    partition: 0,
    offset,
    value: JSON.stringify({ user: 'ann', item, at: Date.UTC(2024, 0, 1) }),
  }));
  await trainer.process(records, NOW_MS, new Set());
  return (user: string, count = 10, by?: string) =>
    recommend(trainer, table, { user, count, ...(by !== undefined && { by }) }, NOW_MS);
}

describe('recommend', () => {
  it('lists what the user has not met, best first, with texts, and says who wanted what', async () => {
    const ask = await running();
    expect(await ask('ann')).toEqual({
      user: 'ann',
      known: true,
      by: 'both',
      // Newest first.
      history: [
        { item: 'x', text: '' },
        { item: 'c', text: 'Title c' },
        { item: 'a', text: 'Title a' },
      ],
      items: [
        { item: 'b', text: 'Title b', score: -9, places: { up: 3, down: 1 } },
        { item: 'd', text: '', score: -27, places: { up: 2, down: 2 } },
        { item: 'e', text: 'Title e', score: -36, places: { up: 1, down: 3 } },
      ],
    });
  });

  it('asks one side alone, or the first where nothing fuses', async () => {
    const names = async (answer: ReturnType<Awaited<ReturnType<typeof running>>>): Promise<string> =>
      (await answer).items.map(({ item }) => item).join('');
    const ask = await running();
    expect(await names(ask('ann', 10, 'up'))).toBe('edb');
    expect(await names(ask('ann', 2, 'down'))).toBe('bd');
    const alone = await running({ fused: false });
    expect(await alone('ann')).toMatchObject({ by: 'up' });
  });

  it('answers for somebody it never met', async () => {
    const ask = await running();
    const answer = await ask('nobody', 2);
    expect(answer).toMatchObject({ known: false, history: [] });
    expect(answer.items.map(({ item }) => item)).toEqual(['c', 'x']);
  });

  it('refuses a name that nobody has, naming those there are', async () => {
    const ask = await running();
    await expect(ask('ann', 3, 'sideways')).rejects.toMatchObject({
      code: 'TANDEM_CLI_USAGE',
      message: 'Nobody here is called sideways; there are: both, up, down.',
    });
  });
});
