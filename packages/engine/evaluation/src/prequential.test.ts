import { describe, expect, it } from 'vitest';
import { Prequential } from './prequential.ts';

const added = (events: number, place: (event: number) => number): Prequential => {
  const prequential = new Prequential({ cutoff: 10 });
  for (let from = 0; from < events; from += 100) {
    const numbers = Int32Array.from({ length: 100 }, (_, k) => from + k);
    prequential.add({
      ranks: { model: numbers.map(place) },
      items: numbers.map((event) => event % 3),
      itemCounts: Float32Array.of(0, 4, 20),
      userPositions: numbers.map((event) => event % 7),
    });
  }
  return prequential;
};

describe('Prequential', () => {
  it('averages what the ranks are worth', () => {
    const { model } = added(1000, (event) => (event % 2 === 0 ? 2 : 10)).summary().experts;
    expect(model.events).toBe(1000);
    expect(model.ndcg).toBeCloseTo(0.25, 12);
    expect(model.recall).toBeCloseTo(0.5, 12);
    expect(model.mrr).toBeCloseTo((1 / 3 + 1 / 11) / 2, 12);
  });

  it('skips the beginning of the stream', () => {
    const prequential = added(5000, (event) => (event < 1000 ? 50 : 0));
    expect(prequential.summary().experts.model.ndcg).toBeCloseTo(0.8, 12);
    expect(prequential.summary({ skip: 0.2 }).experts.model.ndcg).toBe(1);
    expect(prequential.blocks('model', { skip: 0.2 }).sums).toHaveLength(8);
  });

  it('tells blocks whose sums are the summary', () => {
    // The last block is half full: a mean of blocks would be another number.
    const prequential = added(1200, (event) => (event < 1000 ? 50 : 0));
    const total = ({ sums, counts }: ReturnType<Prequential['blocks']>): number =>
      sums.reduce((a, b) => a + b, 0) / counts.reduce((a, b) => a + b, 0);
    const { ndcg, byItemAge } = prequential.summary().experts.model;
    expect(total(prequential.blocks('model'))).toBe(ndcg);
    expect(total(prequential.blocks('model', { ages: [1] }))).toBe(byItemAge[1].ndcg);
    expect(prequential.blocks('model', { ages: [2] }).counts).toHaveLength(0);
  });

  it('tells items apart by age, and leaves out what was not ranked', () => {
    const { model } = added(3000, (event) => (event % 3 === 0 ? -1 : event % 3 === 1 ? 0 : 20)).summary().experts;
    expect(model.byItemAge.map(({ events, ndcg }) => [events, ndcg])).toEqual([
      [0, 0],
      [1000, 1],
      [0, 0],
      [1000, 0],
    ]);
    expect(model.byUserAge.reduce((sum, { events }) => sum + events, 0)).toBe(2000);
  });

  it('continues from its saved state', () => {
    const whole = added(2000, (event) => event % 13);
    const resumed = new Prequential({ cutoff: 10 });
    resumed.load(whole.save());
    expect(resumed.summary()).toEqual(whole.summary());
    expect(() => new Prequential({ cutoff: 5 }).load(whole.save())).toThrow(/cutoff/);
  });
});
