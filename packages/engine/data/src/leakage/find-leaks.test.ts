import type { CatalogueItem } from '@tandem-rec/contract';
import { describe, expect, it } from 'vitest';

import { tableOf } from '../event-table.ts';
import { numpyRandom } from '../numpy-random.ts';
import { given, leaveOneOut, randomPerUser, type Split } from '../split.ts';
import { checkVectors } from './check-vectors.ts';
import { findLeaks } from './find-leaks.ts';

const USERS = 60;
const ITEMS = 200;

interface Row {
  readonly user: string;
  readonly item: string;
  readonly atMs: number;
  readonly part?: 'train' | 'valid' | 'test';
}

/** Everybody meets eight different items, one after the other. */
const rows: readonly Row[] = Array.from({ length: USERS }, (_, user) => {
  const draw = numpyRandom(user);
  const items = Array.from({ length: ITEMS }, (_, k) => k);
  return Array.from({ length: 8 }, (_, at) => ({
    user: `reader${user}`,
    item: `book${items.splice(draw.int(items.length), 1)[0]}`,
    atMs: 1000 * user + at,
  }));
}).flat();

const items = (change: (item: CatalogueItem) => Partial<CatalogueItem> = () => ({})): readonly CatalogueItem[] =>
  Array.from({ length: ITEMS }, (_, k) => {
    const item = {
      id: `book${k}`,
      text: { title: `A story of ${WORDS[k % 8]} and chance, part ${k}` },
      categories: [],
    };
    return { ...item, ...change(item) };
  });
const WORDS = 'harbour detective wedding planet kitchen empire sprint guitar'.split(' ');

const states = (split: Split, catalogue = items()): Record<string, string> =>
  Object.fromEntries(findLeaks(split, catalogue).map(({ check, state }) => [check, state]));
const split = leaveOneOut(tableOf(rows));
const targetOf = (user: number): string => split.table.itemIds[split.table.items[split.test[user]]];

describe('findLeaks', () => {
  it('finds none where there are none', () => {
    expect(states(split)).toEqual({
      'test apart from training': 'ok',
      'validation apart from test': 'ok',
      'validation apart from training': 'ok',
      'histories before the question': 'ok',
      'others’ future in training': 'noted',
      'texts without answers': 'ok',
      'targets told from their twins': 'ok',
      'texts from before the question': 'ok',
      'items told apart by texts': 'ok',
    });
  });

  it('finds test interactions that are learned, and a validation that is the test', () => {
    const parted = rows.map((row, k): Row => ({
      ...row,
      part: k % 8 === 7 ? 'test' : k % 8 === 6 ? 'valid' : 'train',
    }));
    expect(states(given(tableOf(parted)))['test apart from training']).toBe('ok');
    const again = [
      ...parted,
      ...parted.filter(({ part }) => part === 'test').map((row): Row => ({ ...row, part: 'train' })),
    ];
    expect(states(given(tableOf(again)))['test apart from training']).toBe('leak');
    const chosen = parted.flatMap((row): Row[] =>
      row.part === 'test' ? [row, { ...row, part: 'valid' }] : row.part === 'valid' ? [] : [row],
    );
    expect(states(given(tableOf(chosen)))['validation apart from test']).toBe('leak');
  });

  it('finds histories from after the question', () => {
    const backwards = rows.map((row, k): Row => ({
      ...row,
      part: k % 8 === 0 ? 'test' : k % 8 === 1 ? 'valid' : 'train',
    }));
    expect(states(given(tableOf(backwards)))['histories before the question']).toBe('leak');
    // By its own protocol: to be said, not refused.
    expect(states(randomPerUser(tableOf(rows), 0.1, 0.2, numpyRandom(1)))['histories before the question']).toBe(
      'noted',
    );
  });

  it('finds texts that say what was met next, by id and by title, and texts that name the user', () => {
    const last = new Map(split.table.userIds.map((id, user) => [id, targetOf(user)]));
    const next = new Map<string, string[]>();
    const buyers = new Map<string, string[]>();
    for (const [k, { user, item }] of rows.entries()) {
      if (k % 8 === 6) next.set(item, [...(next.get(item) ?? []), last.get(user)!]);
      buyers.set(item, [...(buyers.get(item) ?? []), user]);
    }
    const told = (more: (id: string) => string) =>
      states(
        split,
        items(({ id, text }) => ({ text: { ...text, more: more(id) } })),
      )['texts without answers'];
    expect(told((id) => `Also bought: ${(next.get(id) ?? []).join(', ')}`)).toBe('leak');
    const title = new Map(items().map((item) => [item.id, item.text['title']]));
    expect(told((id) => `Also read: ${(next.get(id) ?? []).map((other) => title.get(other)).join('; ')}`)).toBe('leak');
    expect(told((id) => `Reviewed by ${(buyers.get(id) ?? []).join(', ')}`)).toBe('leak');
    // As many names, but nobody's answers.
    expect(
      told((id) => `Not for ${(buyers.get(`book${(Number(id.slice(4)) + 7) % ITEMS}`) ?? []).join(', ')}`),
    ).not.toBe('leak');
  });

  it('finds targets that are told from a twin in the past, and items that share their texts', () => {
    const twins = states(
      split,
      items(({ id }) => ({ text: { title: `The same book, edition ${Number(id.slice(4)) % 4}` } })),
    );
    expect(twins['targets told from their twins']).toBe('leak');
    expect(twins['items told apart by texts']).toBe('noted');
  });

  it('finds texts that came after the moment', () => {
    expect(
      states(
        split,
        items(() => ({ availableAtMs: 500 })),
      )['texts from before the question'],
    ).toBe('leak');
    expect(
      states(
        split,
        items(() => ({ availableAtMs: 0 })),
      )['texts from before the question'],
    ).toBe('ok');
  });
});

describe('checkVectors', () => {
  const matrix = (of: (item: number) => readonly number[]) => {
    const data = Float32Array.from(split.table.itemIds.flatMap((_, item) => [...of(item)]));
    return { rows: split.items, cols: data.length / split.items, data };
  };
  const random = numpyRandom(3);
  const noise = (): number[] => Array.from({ length: 8 }, () => random.next() - 0.5);

  it('finds vectors that lead from the last item to the answer', () => {
    const vectors = Array.from({ length: ITEMS }, noise);
    expect(
      checkVectors(
        split,
        matrix((item) => vectors[item]),
        'l',
      ).state,
    ).toBe('ok');
    const near = vectors.map((vector) => [...vector]);
    const timelineEnd = new Map<number, number>();
    for (const event of split.train) timelineEnd.set(split.table.users[event], split.table.items[event]);
    for (const event of split.test) {
      const last = timelineEnd.get(split.table.users[event])!;
      near[split.table.items[event]] = near[last].map((value) => value * (1 + 1e-3 * random.next()));
    }
    const { state, facts } = checkVectors(
      split,
      matrix((item) => near[item]),
      'l',
    );
    expect(state).toBe('leak');
    expect(facts['test']).toBeGreaterThan(facts['training']);
  });
});
