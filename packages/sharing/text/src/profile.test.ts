import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_STATE, type Knowledge, type ParticipantPart, type Role, type Subject } from '@tandem-rec/contract';
import { openTensorBackend } from '@tandem-rec/compute';
import { TensorEncoder } from '@tandem-rec/language';
import { testEnvironment, TinyWorld } from '@tandem-rec/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { handedOn, handOn } from '../test/hand-on.ts';
import { tinyBert } from '../test/tiny-bert.ts';
import { profile } from './profile.ts';

type Given = Partial<Parameters<typeof profile>[0]>;

function seat(name: string, role: Role, gives: readonly Knowledge[], takes: readonly Knowledge[], asked: Subject[]) {
  return {
    part: {
      kind: `${role}-model`,
      role,
      name,
      id: `test#${name}`,
      gives,
      takes,
      tables: [],
    } as unknown as ParticipantPart,
    instance: {
      attach() {},
      predict: async () => new Float32Array(0),
      describe: async (subject: Subject) => {
        asked.push({ ...subject, ...(subject.history && { history: subject.history.slice() }) });
        return `a ${subject.side} like ${subject.row}`;
      },
      represent: async () => {
        throw new Error('profiles are asked instead');
      },
      save: () => EMPTY_STATE,
      load() {},
    },
  };
}

async function staged(given: Given, lines = '') {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-profiles-'));
  writeFileSync(join(folder, 'p.jsonl'), lines);
  const asked: Subject[] = [];
  const world = new TinyWorld([
    seat('rows', 'domain', [], ['representations'], asked),
    seat('words', 'language', ['representations', 'text'], [], asked),
  ]);
  for (const id of ['a', 'b', 'c']) world.addItems([{ id, text: { title: `title of ${id}` }, categories: [] }]);
  const env = testEnvironment({ folder });
  const options = { items: { from: 'file', file: 'p.jsonl' }, encoder: tinyBert, use: handOn(), ...given } as const;
  const open = async () => {
    const strategy = await profile.definition.create(profile.definition.options.parse(options), env);
    await strategy.begin?.(world.module.bridge);
    return strategy;
  };
  return { world, env, asked, open, strategy: await open() };
}
const encoded = async (text: string): Promise<readonly number[]> => {
  const encoder = await TensorEncoder.open(tinyBert, await openTensorBackend({ threads: 1 }));
  return [...(await encoder.encode([text]))];
};
const vectorOf = (side: 'user' | 'item', row: number): readonly number[] => {
  const { rows, vectors } = handedOn.findLast((one) => one.side === side && one.rows.includes(row))!;
  const at = rows.indexOf(row);
  return [...vectors.data.subarray(at * vectors.cols, (at + 1) * vectors.cols)];
};
const expectVector = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, d) => expect(value).toBeCloseTo(expected[d], 5));
};

beforeEach(() => void handedOn.splice(0));

describe('profiles from a file', () => {
  const LINES = '{"id":"a","text":"stars and ships"}\nnonsense\n{"id":"b","text":["love","war",3]}\n{"id":"x"}\n';

  it('are handed on as vectors; an item without one speaks for itself', async () => {
    const { world, env, strategy } = await staged({}, LINES);
    const batch = world.meet([
      ['u', 'a'],
      ['v', 'b'],
      ['w', 'c'],
    ]);
    const { lessons } = await strategy.exchange(batch, world.module.bridge);
    expect(lessons.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['representations', 'words', 'rows'],
      ['representations', 'words', 'rows'],
    ]);
    expectVector(vectorOf('item', 0), await encoded('stars and ships'));
    expectVector(vectorOf('item', 1), await encoded('love, war'));
    expectVector(vectorOf('item', 2), await encoded('title of c'));
    expect(env.log.lines).toContainEqual(
      expect.objectContaining({ facts: expect.objectContaining({ count: 2, lines: [2, 4] }) }),
    );
  });

  it('can be permuted: nobody keeps their own', async () => {
    const lines = ['a', 'b', 'c'].map((id) => JSON.stringify({ id, text: `about ${id}` })).join('\n');
    const { world, strategy } = await staged({ items: { from: 'file', file: 'p.jsonl', permute: true } }, lines);
    await strategy.exchange(world.meet(['a', 'b', 'c'].map((item) => ['u', item] as const)), world.module.bridge);
    const own = await Promise.all(['a', 'b', 'c'].map((id) => encoded(`about ${id}`)));
    const got = [0, 1, 2].map((row) => vectorOf('item', row));
    const whose = got.map((vector) => own.findIndex((one) => one.every((v, d) => Math.abs(v - vector[d]) < 1e-5)));
    expect(whose.toSorted()).toEqual([0, 1, 2]);
    whose.forEach((other, row) => expect(other).not.toBe(row));
  });

  it('stand for users by what they met before the moment, the newest of it', async () => {
    const lines = ['a', 'b', 'c'].map((id) => JSON.stringify({ id, text: `about ${id}` })).join('\n');
    const { world, strategy } = await staged({ window: 2 }, lines);
    for (const item of ['a', 'b', 'c', 'a']) {
      const batch = world.meet([['u', item]]);
      await strategy.exchange(batch, world.module.bridge);
    }
    const [b, c] = [await encoded('about b'), await encoded('about c')];
    expectVector(
      vectorOf('user', 0),
      b.map((value, d) => (value + c[d]) / 2),
    );
    expect(handedOn.find(({ side }) => side === 'user')!.vectors.data.every((value) => value === 0)).toBe(true);
  });

  it.each([
    ['is not there', { items: { from: 'file', file: 'nowhere.jsonl' } }, 'TANDEM_DATASET_MISSING'],
    ['has other fields', { items: { from: 'file', file: 'p.jsonl', id: 'isbn' } }, 'TANDEM_DATASET_UNREADABLE'],
  ] as const)('are refused where the file %s', async (_, given, code) => {
    await expect(staged(given, LINES)).rejects.toMatchObject({ code });
  });
});

describe('profiles that are written', () => {
  it('are asked for once an item, and again for a user whose past has doubled, as it was then', async () => {
    const { world, asked, open, strategy } = await staged({ items: { from: 'describe' }, users: 'describe' });
    for (const item of ['a', 'b', 'c', 'a', 'b'])
      await strategy.exchange(world.meet([['u', item]]), world.module.bridge);
    expect(asked.filter(({ side }) => side === 'item').map(({ row }) => row)).toEqual([0, 1, 2]);
    expect(asked.filter(({ side }) => side === 'user').map(({ history }) => [...history!])).toEqual([
      [0],
      [1, 0],
      [0, 2, 1, 0],
    ]);
    expectVector(vectorOf('item', 1), await encoded('a item like 1'));

    const restarted = await open();
    await restarted.load(structuredClone(await strategy.save()));
    const before = asked.length;
    await restarted.exchange(world.meet([['u', 'c']]), world.module.bridge);
    expect(asked.slice(before), 'a checkpoint spares the asking').toEqual([]);
  });

  it('need somebody who writes', () => {
    const needs = profile.definition.needs as (options: unknown) => unknown;
    const parse = (given: Given) =>
      profile.definition.options.parse({ items: { from: 'file', file: 'p' }, use: handOn(), ...given });
    expect(needs(parse({}))).toEqual({
      domain: { gives: [], takes: ['representations'] },
      language: { gives: ['representations'], takes: [] },
    });
    expect(needs(parse({ users: 'describe' }))).toMatchObject({ language: { gives: ['representations', 'text'] } });
    expect(needs(parse({ items: { from: 'describe' } }))).toMatchObject({
      language: { gives: ['representations', 'text'] },
    });
  });
});
