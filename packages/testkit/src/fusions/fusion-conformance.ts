import type { Fusion, Opinions, PluginUse, Scores, State } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { afterEach, describe, expect, it } from 'vitest';
import { bits, copied, expectRefusal, expectScores, expectSound, frozen } from '../assertions.ts';
import { testEnvironment, type TestEnvironmentChanges } from '../fixtures/test-environment.ts';
import { TinyStatistics } from '../fixtures/tiny-catalogue.ts';

export interface FusionConformance {
  /** The plugin with the options to test. */
  readonly use: PluginUse<'fusion'>;
  /** Changes to the environment it is created in. */
  readonly environment?: TestEnvironmentChanges;
  /** Batches after which a fusion that learns must have found the better expert. Default 200. */
  readonly steps?: number;
}

const EXPERTS = [
  { name: 'wise', role: 'domain' },
  { name: 'wild', role: 'language' },
  { name: 'flat', role: 'domain' },
] as const;
const USERS = 6;
const ITEMS = 15;

/** Opinions about one batch, and the true items: `wise` knows them, `wild` errs with confidence, `flat` says nothing. */
interface Round {
  readonly opinions: Opinions;
  readonly targets: Int32Array;
}

/**
 * The contract of a fusion, as tests. Call it in a vitest file.
 *
 * @example
 * ```ts
 * fusionConformance({ use: myFusion() });
 * ```
 */
export function fusionConformance({ use, environment = {}, steps = 200 }: FusionConformance): void {
  describe(`${use.id} conforms to Fusion`, () => {
    const opened: Fusion[] = [];
    afterEach(async () => {
      for (const fusion of opened.splice(0)) await fusion.close?.();
    });

    async function open(state?: State, experts: Parameters<Fusion['attach']>[0] = EXPERTS): Promise<Fusion> {
      const fusion = await use.definition.create(
        use.definition.options.parse(use.options),
        testEnvironment({ ...environment, name: 'under-test' }),
      );
      opened.push(fusion);
      const statistics = new TinyStatistics();
      statistics.reserve(USERS, ITEMS);
      for (let i = 0; i < 40; i++) statistics.count(i % USERS, (i * i) % (ITEMS - 2));
      fusion.attach(experts, statistics);
      if (state) await fusion.load(copied(state));
      return fusion;
    }

    it('gives a logit for every user and item, before and after learning', async () => {
      const fusion = await open();
      expectScores(fusion.fuse(round(0).opinions), USERS * ITEMS, 'before learning');
      live(fusion, 0, 10);
      expectScores(fusion.fuse(round(11).opinions), USERS * ITEMS, 'after learning');
    });

    it('leaves out what every expert leaves out', async () => {
      const fusion = await open();
      live(fusion, 0, 5);
      const { opinions } = round(7);
      const fused = fusion.fuse(opinions);
      const masked = [...opinions.experts[0].scores.keys()].filter((i) =>
        opinions.experts.every(({ scores }) => scores[i] === Number.NEGATIVE_INFINITY),
      );
      expect(masked.length).toBeGreaterThan(0);
      for (const i of masked)
        expect(fused[i], 'what is −∞ in every expert is −∞ when fused').toBe(Number.NEGATIVE_INFINITY);
      const possible = fused.filter((_, i) => opinions.experts.every(({ scores }) => Number.isFinite(scores[i])));
      expect(possible.every(Number.isFinite), 'what no expert rules out has a finite score').toBe(true);
    });

    it('is pure: it gives the same bits again, changes no state, and leaves the opinions as they are', async () => {
      const fusion = await open();
      live(fusion, 0, 5);
      const { opinions } = round(6);
      const [first, given, state] = [
        bits(fusion.fuse(opinions)),
        opinions.experts.map(({ scores }) => bits(scores)),
        frozen(await fusion.save()),
      ];
      fusion.fuse(round(9).opinions);
      expect(bits(fusion.fuse(opinions)), 'fuse must give the same bits when asked again').toEqual(first);
      expect(
        opinions.experts.map(({ scores }) => bits(scores)),
        'fuse must not write into the opinions it is given',
      ).toEqual(given);
      expect(frozen(await fusion.save()), 'fuse must not change the state').toEqual(state);
    });

    it('bears scores of any scale, one user, one item, and an expert that rules everything out', async () => {
      const fusion = await open();
      const { opinions } = round(0);
      for (const scale of [1e-30, 1e4, 1e30]) {
        const scaled = opinions.experts.map((expert) => ({
          ...expert,
          scores: expert.scores.map((score) => score * scale),
        }));
        expectScores(fusion.fuse({ ...opinions, experts: scaled }), USERS * ITEMS, `logits of scale ${scale}`);
      }
      const silent = opinions.experts.map((expert, e) =>
        e === 1 ? { ...expert, scores: new Float32Array(USERS * ITEMS).fill(Number.NEGATIVE_INFINITY) } : expert,
      );
      expectScores(fusion.fuse({ ...opinions, experts: silent }), USERS * ITEMS, 'one expert with nothing but −∞');
      const small = round(0, 1, 1);
      expectScores(fusion.fuse(small.opinions), 1, 'one user and one item');
      fusion.learn?.(small.opinions, small.targets);
      expectScores(fusion.fuse(opinions), USERS * ITEMS, 'after learning from one user and one item');
    });

    it('works with one expert', async () => {
      const fusion = await open(undefined, EXPERTS.slice(0, 1));
      const { opinions, targets } = round(0);
      const alone = { ...opinions, experts: opinions.experts.slice(0, 1) };
      fusion.learn?.(alone, targets);
      const fused = fusion.fuse(alone).slice();
      expectScores(fused, USERS * ITEMS, 'one expert');
      for (let user = 0; user < USERS; user++)
        expect(best(fused, user), 'with one expert, its favourite is the favourite').toBe(
          best(opinions.experts[0].scores, user),
        );
    });

    it('learns whom to believe', async ({ skip }) => {
      const fusion = await open();
      skip(!fusion.learn, 'it does not learn');
      const before = surprise(fusion, 10_000);
      live(fusion, 0, steps);
      expect(
        surprise(fusion, 10_000),
        `after ${steps} batches the true items must be more probable than before`,
      ).toBeLessThan(before);
    });

    it('learns the same from the same, and goes on bit for bit when loaded', async () => {
      const [one, two] = [await open(), await open()];
      for (const fusion of [one, two]) live(fusion, 0, 12);
      expect(frozen(await two.save()), 'the same opinions must give the same state').toEqual(frozen(await one.save()));
      const restarted = await open(await one.save());
      for (const fusion of [one, restarted]) live(fusion, 12, 12);
      expect(bits(restarted.fuse(round(30).opinions)), 'a loaded fusion must go on bit for bit').toEqual(
        bits(one.fuse(round(30).opinions)),
      );
      expect(frozen(await restarted.save())).toEqual(frozen(await one.save()));
    });

    it('has a state that a checkpoint can hold, and refuses one that lacks something', async () => {
      const fusion = await open();
      expectSound(await fusion.save());
      live(fusion, 0, 5);
      const state = copied(await fusion.save());
      expectSound(state);
      await expectRefusal(state, async (mutilated) => void (await open(mutilated)));
    });

    it('explains itself in plain data, if it does', async ({ skip }) => {
      const fusion = await open();
      skip(!fusion.explain, 'it does not explain itself');
      live(fusion, 0, 5);
      expect(JSON.parse(JSON.stringify(fusion.explain!())), 'an explanation survives JSON').toEqual(fusion.explain!());
    });

    it('closing twice does no harm', async () => {
      const fusion = await open();
      await fusion.close?.();
      await fusion.close?.();
    });
  });
}

function live(fusion: Fusion, from: number, batches: number): void {
  for (let i = from; i < from + batches; i++) {
    const { opinions, targets } = round(i);
    fusion.fuse(opinions);
    fusion.learn?.(opinions, targets);
  }
}

function round(number: number, users = USERS, items = ITEMS): Round {
  const rng = new SeededRng(number, 'opinions');
  const targets = Int32Array.from({ length: users }, () => rng.int(items));
  const opinion = (score: (user: number, item: number) => number): Scores =>
    Float32Array.from({ length: users * items }, (_, at) => score(Math.floor(at / items), at % items));
  // Everybody has met one item, which nobody ranks; the true item is never among these.
  const met = (user: number, item: number): boolean => items > 1 && item === (targets[user] + 3) % items;
  const masked = (score: (user: number, item: number) => number): Scores =>
    opinion((user, item) => (met(user, item) ? Number.NEGATIVE_INFINITY : score(user, item)));
  return {
    targets,
    opinions: {
      users: {
        size: users,
        users: Int32Array.from({ length: users }, (_, user) => user - 1),
        history: { offsets: Int32Array.from({ length: users + 1 }, (_, user) => user), items: new Int32Array(users) },
        positions: Int32Array.from({ length: users }, (_, user) => user * user * 7),
        atMs: Float64Array.from({ length: users }, (_, user) => 1_704_067_200_000 + user * 3_600_000),
      },
      items: Int32Array.from({ length: items }, (_, item) => item),
      experts: [
        { ...EXPERTS[0], scores: masked((user, item) => (item === targets[user] ? 2 : 0) + rng.normal()) },
        { ...EXPERTS[1], scores: masked(() => 3 * rng.normal()) },
        { ...EXPERTS[2], scores: masked(() => -1) },
      ],
    },
  };
}

/** Mean of −log p(true item) over some batches. */
function surprise(fusion: Fusion, from: number): number {
  let sum = 0;
  for (let i = from; i < from + 20; i++) {
    const { opinions, targets } = round(i);
    const fused = fusion.fuse(opinions);
    for (let user = 0; user < USERS; user++) {
      const row = fused.subarray(user * ITEMS, (user + 1) * ITEMS);
      const highest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      sum +=
        highest + Math.log(row.reduce((total, score) => total + Math.exp(score - highest), 0)) - row[targets[user]];
    }
  }
  return sum / (20 * USERS);
}

function best(scores: Scores, user: number): number {
  const row = scores.subarray(user * ITEMS, (user + 1) * ITEMS);
  return row.indexOf(row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
}
