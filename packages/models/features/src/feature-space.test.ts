import type { Catalogue } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';
import { FeatureSpace } from './feature-space.ts';
import { FieldValues } from './field-values.ts';

const CATEGORIES = [['drama', 'war'], ['comedy'], ['drama', 'thriller'], []];
const catalogue: Catalogue = {
  size: CATEGORIES.length,
  revision: 0,
  item: (row) => ({ id: `i${row}`, text: {}, categories: CATEGORIES[row] }),
  row: () => undefined,
  changedSince: () => new Int32Array(0),
};

function space(categories = 8): FeatureSpace {
  const made = new FeatureSpace({ past: 3, categories });
  made.attach(catalogue);
  return made;
}

/** Row and value of each feature, by example and field. */
function read(values: FieldValues): (readonly [number, number])[][] {
  return Array.from({ length: values.size * values.fields }, (_, at) =>
    Array.from({ length: values.offsets[at + 1] - values.offsets[at] }, (_, k) => {
      const i = values.offsets[at] + k;
      return [values.rows[i], values.x[i]] as const;
    }),
  );
}

describe('FeatureSpace', () => {
  it('tells who asks, the newest of the past, hour, day and activity', () => {
    const values = new FieldValues();
    space().contexts(
      {
        size: 2,
        users: Int32Array.of(7, -1),
        history: { offsets: Int32Array.of(0, 4, 4), items: Int32Array.of(5, 6, 7, 8) },
        positions: Int32Array.of(4, 0),
        // Wednesday the 15th of May 2024, 13:59 UTC, and an hour before 1970.
        atMs: Float64Array.of(Date.UTC(2024, 4, 15, 13, 59), -3_600_000),
      },
      values,
    );
    const third = expect.closeTo(1 / Math.sqrt(3), 6) as number;
    expect(read(values)).toEqual([
      [[7, 1]],
      [
        [5, third],
        [6, third],
        [7, third],
      ],
      [[13, 1]],
      [[24 + 3, 1]],
      [[24 + 7 + 3, 1]],
      // Nobody knows the second: no user, no past; it asks on a Wednesday at 23.
      [],
      [],
      [[23, 1]],
      [[24 + 3, 1]],
      [[24 + 7, 1]],
    ]);
  });

  it('has a row for each category in order of arrival, and one for all beyond its capacity', () => {
    const own = space(3);
    const first = own.commonRows - 3;
    own.admit(Int32Array.of(2, 0, 1));
    const values = new FieldValues();
    own.items(Int32Array.of(0, 2, 3), values);
    expect(read(values)).toEqual([
      [[0, 1]],
      [
        [first, 0.5],
        [first + 2, 0.5],
      ],
      [[2, 1]],
      [
        [first, 0.5],
        [first + 1, 0.5],
      ],
      [[3, 1]],
      [],
    ]);
    const again = space(3);
    again.load(own.save());
    expect(again.save()).toEqual(['drama', 'thriller']);
  });
});
