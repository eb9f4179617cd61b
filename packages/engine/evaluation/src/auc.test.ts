import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { auc, uauc } from './auc.ts';

const examples = fc.array(
  fc.record({
    user: fc.nat(4),
    score: fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ noNaN: true })),
    positive: fc.constantFrom(0, 1),
  }),
  { maxLength: 60 },
);

function naive(rows: readonly { score: number; positive: number }[]): number {
  let won = 0;
  let pairs = 0;
  for (const a of rows)
    for (const b of rows) {
      if (a.positive !== 1 || b.positive !== 0) continue;
      pairs++;
      won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
    }
  return won / pairs;
}

describe('auc', () => {
  it('is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(examples, (rows) => {
        expectNear(
          auc(
            rows.map(({ score }) => score),
            rows.map(({ positive }) => positive),
          ),
          naive(rows),
        );
      }),
    );
  });

  it('is not defined by one class, nor by scores that are not numbers', () => {
    expect(auc([1, 2], [1, 1])).toBeNaN();
    expect(auc([], [])).toBeNaN();
    expect(auc([1, NaN, 3], [1, 0, 0])).toBeNaN();
  });
});

describe('uauc', () => {
  it('averages users that have both classes, and counts the others', () => {
    fc.assert(
      fc.property(examples, (rows) => {
        const users = [...new Set(rows.map(({ user }) => user))].map((user) =>
          naive(rows.filter((row) => row.user === user)),
        );
        const defined = users.filter((value) => !Number.isNaN(value));
        const result = uauc(
          rows.map(({ user }) => user),
          rows.map(({ score }) => score),
          rows.map(({ positive }) => positive),
        );
        expect(result).toMatchObject({ users: defined.length, leftOut: users.length - defined.length });
        expectNear(result.uauc, defined.reduce((sum, value) => sum + value, 0) / defined.length);
      }),
    );
  });
});

/** `toBeCloseTo` that knows NaN. */
function expectNear(received: number, expected: number): void {
  if (Number.isNaN(expected)) expect(received).toBeNaN();
  else expect(received).toBeCloseTo(expected, 10);
}
