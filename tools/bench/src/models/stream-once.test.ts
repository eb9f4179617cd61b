import type { Split } from '@tandem-rec/data';
import { popularity } from '@tandem-rec/model-neighbourhood';
import { expect, it } from 'vitest';
import { trainModel } from './run-model.ts';

/** Item 2 is met by everybody, item 1 by two, item 0 by one; nobody knows when. */
const items = Int32Array.of(0, 2, 1, 2, 2, 1);
const split: Split = {
  name: 'given',
  users: 3,
  items: 4,
  table: {
    name: 'toys',
    chronology: 'none',
    size: items.length,
    userIds: ['a', 'b', 'c'],
    itemIds: ['w', 'x', 'y', 'z'],
    users: Int32Array.of(0, 0, 1, 1, 2, 2),
    items,
    atMs: new Float64Array(items.length),
    values: new Float32Array(items.length).fill(1),
    kinds: new Int32Array(items.length),
    kindNames: ['interaction'],
    parts: undefined,
  },
  train: items.map((_, event) => event),
  valid: new Int32Array(0),
  test: Int32Array.of(0),
};

it('a stream of data without times teaches every event', async () => {
  const use = popularity({ halfLife: 1e12 });
  const setting = {
    split: 'S4',
    model: 'popularity',
    use,
    epochs: 1,
    tuned: '',
    stream: { batch: 2, replay: 0 },
  } as const;
  const trained = await trainModel(setting, split, { signal: new AbortController().signal });
  const none = { offsets: new Int32Array(2), items: new Int32Array(0) };
  const somebody = {
    size: 1,
    users: Int32Array.of(0),
    positions: new Int32Array(1),
    atMs: Float64Array.of(0),
    history: none,
  };
  const scores = await trained.instance.predict(somebody, { kind: 'shared', items: Int32Array.of(0, 1, 2, 3) });
  await trained.stop();
  expect(scores[2]).toBeGreaterThan(scores[1]);
  expect(scores[1]).toBeGreaterThan(scores[0]);
  expect(scores[0]).toBeGreaterThan(scores[3]);
  expect(trained.epochs).toBe(1);
});
