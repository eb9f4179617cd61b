import { SeededRng } from '@tandem-rec/compute';
import { hierarchicalBootstrap, holm, type BlockSums } from '@tandem-rec/evaluation';
import { SLICES, Arms, type Arm, type FinishedRun, type TrainingCounts } from './arms.ts';
import { isPermuted, titleOf, type RunKind } from './compared-run.ts';
import type { Compared, ComparedRow, Effect, Gain, SliceGain, VariantCost } from './compared.ts';
import { SIDES, type Side, type SideNames } from './sides.ts';

/** What is known of a comparison before its runs are read. */
export type About = Pick<
  Compared,
  'name' | 'regime' | 'data' | 'cutoff' | 'seeds' | 'sides' | 'strategies' | 'leaks'
> & {
  readonly resamples: number;
  readonly counts: TrainingCounts;
};

/** What finished runs say: means, gains with intervals, slices, costs. The same runs give the same answer to the last digit. */
export function analyse(runs: readonly FinishedRun[], { resamples, counts, ...about }: About): Compared {
  const arms = new Arms(runs, about.cutoff, counts);
  const compare = (
    name: string,
    treatment: readonly Arm[],
    control: readonly Arm[],
    of: (arm: Arm) => BlockSums,
  ): Effect => {
    const options = { rng: new SeededRng(1, `gain/${name}`), resamples };
    return hierarchicalBootstrap(treatment.map(of), control.map(of), options);
  };
  const { sides, strategies } = about;
  const [first] = arms.of(sides.domain, 'control');
  return {
    ...about,
    asked: sum(first.all.counts),
    rows: rowsOf(runs, arms, sides),
    gains: corrected(gainsOf(arms, sides, strategies, compare)),
    slices: slicesOf(arms, sides, strategies, compare),
    costs: costsOf(runs),
    curves: firstSeed(runs, about.seeds).map(({ run, result }) => ({ run: titleOf(run), curve: result.curve })),
    lessons: firstSeed(runs, about.seeds).flatMap(({ run, result }) =>
      result.lessons.map((weights) => ({ run: titleOf(run), weights })),
    ),
  };
}

type Compare = (
  name: string,
  treatment: readonly Arm[],
  control: readonly Arm[],
  of: (arm: Arm) => BlockSums,
) => Effect;

function rowsOf(runs: readonly FinishedRun[], arms: Arms, sides: SideNames): readonly ComparedRow[] {
  const variants = distinct(runs);
  const sideOf = (name: string): Side | 'other' => SIDES.find((side) => sides[side] === name) ?? 'other';
  return variants.flatMap(({ run, result }) =>
    result.experts.map(({ name }): ComparedRow => {
      const seeds = arms.of(name, run.kind, run.strategy?.name);
      return {
        run: titleOf(run),
        kind: run.kind,
        ...(run.strategy && { strategy: run.strategy.name }),
        side: sideOf(name),
        name,
        ndcg: mean(seeds.map(({ ndcg }) => ndcg)),
        recall: mean(seeds.map(({ recall }) => recall)),
        ndcgBySeed: seeds.map(({ ndcg }) => ndcg),
      };
    }),
  );
}

function gainsOf(
  arms: Arms,
  sides: SideNames,
  strategies: readonly string[],
  compare: Compare,
): readonly Omit<Gain, 'pCorrected' | 'significant'>[] {
  const all = ({ all }: Arm): BlockSums => all;
  return strategies.flatMap((strategy) =>
    (['exchange', 'permuted exchange'] as const).flatMap((kind) => {
      if (arms.runs(kind, strategy).length === 0) return [];
      const gain = (side: Side, over: Gain['over']) => {
        const expert = over === 'ensemble' ? sides.fused : sides[side];
        const control = arms.of(expert, isPermuted(kind) ? 'permuted control' : 'control');
        const treatment = arms.of(sides[side], kind, strategy);
        return {
          run: titleOf({ kind, strategy: { name: strategy, use: undefined } }),
          strategy,
          side,
          permuted: isPermuted(kind),
          over,
          ...compare(`${side}/${over}`, treatment, control, all),
        };
      };
      const overControl = SIDES.map((side) => gain(side, 'control'));
      // The fusion's control is the ensemble.
      return isPermuted(kind)
        ? overControl
        : [...overControl, gain('domain', 'ensemble'), gain('language', 'ensemble')];
    }),
  );
}

function corrected(gains: readonly Omit<Gain, 'pCorrected' | 'significant'>[]): readonly Gain[] {
  const p = holm(gains.map((gain) => gain.p));
  return gains.map((gain, k) => ({ ...gain, pCorrected: p[k], significant: p[k] < 0.05 }));
}

function slicesOf(arms: Arms, sides: SideNames, strategies: readonly string[], compare: Compare): readonly SliceGain[] {
  return strategies.flatMap((strategy) =>
    SIDES.flatMap((side) =>
      (['item', 'user'] as const).flatMap((by) =>
        SLICES.flatMap((label, slice): SliceGain[] => {
          const of = (arm: Arm): BlockSums => (by === 'item' ? arm.byItem : arm.byUser)[slice];
          const [treatment, control] = [arms.of(sides[side], 'exchange', strategy), arms.of(sides[side], 'control')];
          const count = sum(of(control[0]).counts);
          if (count === 0) return [];
          const reached = (seeds: readonly Arm[]): number =>
            mean(seeds.map((arm) => sum(of(arm).sums) / sum(of(arm).counts)));
          return [
            {
              strategy,
              side,
              by,
              label,
              count,
              control: reached(control),
              exchange: reached(treatment),
              ...compare(`${side}/${by}/${label}`, treatment, control, of),
            },
          ];
        }),
      ),
    ),
  );
}

function costsOf(runs: readonly FinishedRun[]): readonly VariantCost[] {
  return distinct(runs).map(({ run }) => {
    const costs = runs.filter((one) => titleOf(one.run) === titleOf(run)).map(({ result }) => result.cost);
    const known = (of: 'tokens' | 'money'): number[] => costs.flatMap((cost) => cost[of] ?? []);
    return {
      run: titleOf(run),
      cpuSeconds: mean(costs.map(({ cpuSeconds }) => cpuSeconds)),
      seconds: mean(costs.map(({ seconds }) => seconds)),
      peakMb: Math.max(...costs.map(({ peakMb }) => peakMb)),
      ...(known('tokens').length > 0 && { tokens: mean(known('tokens')), money: mean(known('money')) }),
    };
  });
}

/** One run of each variant, in the order of the plan. */
const distinct = (runs: readonly FinishedRun[]): readonly FinishedRun[] =>
  ORDER.flatMap((kind) =>
    runs.filter(
      ({ run }, at) => run.kind === kind && runs.findIndex((other) => titleOf(other.run) === titleOf(run)) === at,
    ),
  );

const ORDER: readonly RunKind[] = [
  'domain alone',
  'language alone',
  'control',
  'exchange',
  'permuted control',
  'permuted exchange',
];

const firstSeed = (runs: readonly FinishedRun[], [seed]: readonly number[]): readonly FinishedRun[] =>
  runs.filter(({ run }) => run.seed === seed);

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
