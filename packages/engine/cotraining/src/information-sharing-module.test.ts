import { SeededRng, SharedEmbeddings } from '@tandem-rec/compute';
import { EMPTY_STATE, type Attachment, type Grant, type Participant, type TableRequest } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { seatOf } from '../test/cheap-participant.ts';
import { GrowingCatalogue } from './growing-catalogue.ts';
import { GrowingStatistics } from './growing-statistics.ts';
import { InformationSharingModule, type Seat } from './information-sharing-module.ts';

const ROWS: TableRequest = {
  name: 'item',
  side: 'item',
  dim: 2,
  initialStd: 0,
  optimiser: { kind: 'sgd', learningRate: 1 },
};

/** Says what it was attached to. */
class Listener implements Participant {
  attachment!: Attachment;
  attach(attachment: Attachment): void {
    this.attachment = attachment;
  }
  predict = async (): Promise<Float32Array> => Float32Array.of(1, 2);
  save = () => EMPTY_STATE;
  load(): void {}
}

async function moduleOf(seats: readonly Seat[], grants: readonly Grant[] = [], items = 4) {
  const embeddings = new SharedEmbeddings();
  const catalogue = new GrowingCatalogue(embeddings.index('item'));
  const module = new InformationSharingModule(seats, grants, {
    embeddings,
    catalogue,
    statistics: new GrowingStatistics(),
    rng: (name) => new SeededRng(1, name),
  });
  await module.attach();
  for (let item = 0; item < items; item++) catalogue.add(`i${item}`);
  embeddings.ensureRows('item');
  return { module, embeddings };
}

async function pair(grants: readonly Grant[], takes: Parameters<typeof seatOf>[3] = {}) {
  const [domain, other, language] = [new Listener(), new Listener(), new Listener()];
  const seats = [
    seatOf('one', 'domain', domain, { tables: [ROWS, { ...ROWS, name: 'hidden' }] }),
    seatOf('two', 'domain', other, { tables: [ROWS] }),
    seatOf('words', 'language', language, takes),
  ];
  return { ...(await moduleOf(seats, grants)), domain, other, language };
}

const rowsOf = (embeddings: SharedEmbeddings, table: string): number[] => {
  const into = new Float32Array(8);
  embeddings.table(table).copy(4, into);
  return [...into];
};
const step = (table: string, rows: readonly number[], values: readonly number[]) => ({
  losses: {},
  rowGradients: [{ table, rows: Int32Array.from(rows), values: Float32Array.from(values) }],
});

describe('InformationSharingModule', () => {
  it('hands everybody its own tables, and opens granted ones to the other role only', async () => {
    const { domain, other, language } = await pair([{ of: 'domain', table: 'item', access: 'read' }]);
    expect(Object.values(domain.attachment.own).map(({ name, access }) => [name, access])).toEqual([
      ['one/item', 'assign'],
      ['one/hidden', 'assign'],
    ]);
    expect([domain.attachment.shared, other.attachment.shared]).toEqual([[], []]);
    expect(language.attachment.shared.map(({ name, access, dim, side }) => [name, access, dim, side])).toEqual([
      ['one/item', 'read', 2, 'item'],
      ['two/item', 'read', 2, 'item'],
    ]);
  });

  it('tells whom it granted a table by its revision that somebody changed it', async () => {
    const { module, domain, language } = await pair([{ of: 'domain', table: 'item', access: 'read' }]);
    const [own, shared] = [domain.attachment.own['item'], language.attachment.shared[0]];
    const { revision } = shared;
    module.apply([{ name: 'one', step: step('one/item', [0], [1, 1]) }]);
    expect(shared.revision).toBeGreaterThan(revision);
    expect(own.revision).toBe(shared.revision);
    expect(domain.attachment.own['hidden'].revision).toBe(revision);
  });

  it('hides a table from those it was granted to, and shows it again', async () => {
    const { module, embeddings, domain, language } = await pair([{ of: 'domain', table: 'item', access: 'train' }]);
    const [shared] = language.attachment.shared;
    const table = module.bridge.domain[0].tables['item'];
    const seenBy = (one: { gather: typeof shared.gather; copy: typeof shared.copy }): number[] => {
      const [some, all] = [new Float32Array(2).fill(9), new Float32Array(4).fill(9)];
      one.gather(Int32Array.of(1), some);
      one.copy(2, all);
      return [...some, ...all];
    };
    module.apply([{ name: 'one', step: step('one/item', [1], [-1, -2]) }]);
    expect(seenBy(shared)).toEqual([1, 2, 0, 0, 1, 2]);
    const { revision } = shared;
    table.show(false);
    expect(seenBy(shared)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(seenBy(domain.attachment.own['item'])).toEqual([1, 2, 0, 0, 1, 2]);
    expect(shared.revision).toBeGreaterThan(revision);
    module.apply([
      { name: 'one', step: step('one/item', [0], [-1, -1]) },
      { name: 'words', step: step('one/item', [0], [-5, -5]) },
    ]);
    expect(rowsOf(embeddings, 'one/item').slice(0, 2), 'gradients of who does not see it are dropped').toEqual([1, 1]);
    const hidden = shared.revision;
    table.show(true);
    expect(shared.revision).toBeGreaterThan(hidden);
    expect(seenBy(shared)).toEqual([1, 2, 1, 1, 1, 2]);
    module.apply([{ name: 'words', step: step('one/item', [0], [-5, -5]) }]);
    expect(rowsOf(embeddings, 'one/item').slice(0, 2)).toEqual([6, 6]);
  });

  it('opens nothing to a participant that takes no parameters', async () => {
    const { language } = await pair([{ of: 'domain', table: 'item', access: 'train' }], { takes: ['predictions'] });
    expect(language.attachment.shared).toEqual([]);
  });

  it('lets a table that is read be neither assigned nor trained', async () => {
    const { module, embeddings, language } = await pair([{ of: 'domain', table: 'item', access: 'read' }]);
    const [table] = language.attachment.shared;
    expect(() => table.assign(Int32Array.of(0), Float32Array.of(1, 1))).toThrow(
      expect.objectContaining({
        code: 'TANDEM_TABLE_ACCESS',
        message: expect.stringMatching(/words may read one\/item/),
      }),
    );
    expect(() => module.apply([{ name: 'words', step: step('one/item', [0], [1, 1]) }])).toThrow(
      expect.objectContaining({ code: 'TANDEM_TABLE_ACCESS', message: expect.stringMatching(/words .* one\/item/) }),
    );
    for (const foreign of ['one/hidden', 'two/item', 'nobody/item'])
      expect(() =>
        module.apply([{ name: foreign === 'two/item' ? 'one' : 'words', step: step(foreign, [0], [1, 1]) }]),
      ).toThrow(expect.objectContaining({ code: 'TANDEM_TABLE_ACCESS' }));
    expect(rowsOf(embeddings, 'one/item')).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('lets a table that is trained not be assigned', async () => {
    const { language } = await pair([{ of: 'domain', table: 'item', access: 'train' }]);
    expect(() => language.attachment.shared[0].assign(Int32Array.of(0), Float32Array.of(1, 1))).toThrow(
      /may train one\/item, not assign/,
    );
  });

  it('adds up the gradients of two participants, and of rows that occur twice, into one step of the optimiser', async () => {
    const adagrad: TableRequest = { ...ROWS, optimiser: { kind: 'adagrad', learningRate: 0.5 } };
    const seats = [
      seatOf('rows', 'domain', new Listener(), { tables: [adagrad] }),
      seatOf('words', 'language', new Listener()),
    ];
    const { module, embeddings } = await moduleOf(seats, [{ of: 'domain', table: 'item', access: 'train' }]);
    module.apply([
      { name: 'rows', step: step('rows/item', [1, 3, 1], [1, 2, 5, 5, 1, 0]) },
      { name: 'words', step: step('rows/item', [3, 1], [-4, -5, 1, 2]) },
    ]);
    // Adagrad's first step is the sign of the summed gradient, however large: 1 + 1 + 1, 2 + 0 + 2; 5 − 4, 5 − 5.
    expect(rowsOf(embeddings, 'rows/item').map((value) => Math.round(value * 1e5) / 1e5 + 0)).toEqual([
      0, 0, -0.5, -0.5, 0, 0, -0.5, 0,
    ]);
  });

  it('pulls the rows that a step touched, and no others, toward the prior', async () => {
    const { module, embeddings } = await pair([]);
    const { item } = module.bridge.domain[0].tables;
    item.assign(Int32Array.of(0, 1, 2, 3), new Float32Array(8).fill(1));
    const asked: number[][] = [];
    item.pull((rows, targets, weights) => {
      asked.push([...rows]);
      expect([targets.length, weights.length, [...weights]]).toEqual([
        rows.length * 2,
        rows.length,
        rows.length === 2 ? [0, 0] : [0],
      ]);
      targets.fill(3);
      weights.set([0.5, 0.25].slice(0, rows.length));
    });
    module.apply([
      { name: 'one', step: step('one/item', [2, 0, 2], [0, 0, 0, 0, 0, 0]) },
      { name: 'two', step: step('two/item', [1], [1, 1]) },
    ]);
    expect(rowsOf(embeddings, 'one/item')).toEqual([1.5, 1.5, 1, 1, 2, 2, 1, 1]);
    expect(rowsOf(embeddings, 'two/item')).toEqual([0, 0, -1, -1, 0, 0, 0, 0]);
    module.apply([{ name: 'one', step: step('one/item', [3], [0, 0]) }]);
    expect(asked).toEqual([[2, 0], [3]]);
  });

  it('moves and pulls rows at the rate of the step', async () => {
    const { module, embeddings } = await pair([]);
    const { item } = module.bridge.domain[0].tables;
    item.pull((_rows, targets, weights) => {
      targets.fill(8);
      weights.fill(0.5);
    });
    // By −0.5 · 2 to −1, and from there a quarter of the way to 8.
    module.apply([{ name: 'one', step: step('one/item', [0], [2, 2]) }], 0.5);
    expect(rowsOf(embeddings, 'one/item').slice(0, 2)).toEqual([1.25, 1.25]);
  });

  it('lets a strategy bear rows', async () => {
    const seats = [seatOf('rows', 'domain', new Listener(), { tables: [ROWS] })];
    const { module, embeddings } = await moduleOf(seats, [], 1);
    module.bridge.domain[0].tables['item'].initialise((rows, into) => {
      if (rows[0] === 3) return false;
      into.fill(7);
      return true;
    });
    for (const id of ['i1', 'i2']) embeddings.index('item').add(id);
    embeddings.ensureRows('item');
    embeddings.index('item').add('i3');
    embeddings.ensureRows('item');
    expect(rowsOf(embeddings, 'rows/item')).toEqual([0, 0, 7, 7, 7, 7, 0, 0]);
  });

  it('shows the strategy who gives what, and refuses what nobody gives', async () => {
    const { module } = await pair([]);
    const { domain, language } = module.bridge;
    expect([domain.map(({ name }) => name), language.map(({ name }) => name)]).toEqual([['one', 'two'], ['words']]);
    expect(Object.keys(domain[0].tables)).toEqual(['item', 'hidden']);
    expect(await language[0].predict({} as never, {} as never)).toEqual(Float32Array.of(1, 2));
    await expect(language[0].represent('item', Int32Array.of(0))).rejects.toMatchObject({
      code: 'TANDEM_COMPOSE_MISSING_CAPABILITY',
      message: 'words (test#words) does not give representations.',
    });
    await expect(language[0].describe({ side: 'item', row: 0 })).rejects.toMatchObject({
      code: 'TANDEM_COMPOSE_MISSING_CAPABILITY',
    });
  });
});
