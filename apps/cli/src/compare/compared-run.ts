import type { Variant } from '@tandem-rec/cotrainer';

/** What a run is, in a comparison. `exchange`: with one of the strategies; `permuted …`: the same with the texts permuted. */
export type RunKind =
  'domain alone' | 'language alone' | 'control' | 'exchange' | 'permuted control' | 'permuted exchange';

/** One training of a comparison: a variant under a seed. */
export interface ComparedRun {
  readonly kind: RunKind;
  readonly variant: Variant;
  readonly seed: number;
  /** For an exchange: what it is called here, and how `composeVariant` finds it. */
  readonly strategy?: StrategyChoice;
}

/** An exchange to compare. */
export interface StrategyChoice {
  readonly name: string;
  /** A place in `comparison.strategies`, a plugin's name; undefined: `sharing`. */
  readonly use: number | string | undefined;
}

/** Texts are permuted alike in every run: seeds then differ by training alone. */
export const PERMUTATION_SEED = 1;

/**
 * Every training that a comparison needs, controls first: a few strategies can be read before all have run. Nothing is
 * trained twice: all strategies share the controls.
 */
export function planOf(
  strategies: readonly StrategyChoice[],
  seeds: readonly number[],
  { permuted }: { readonly permuted: boolean },
): readonly ComparedRun[] {
  return seeds.flatMap((seed): ComparedRun[] => [
    { kind: 'control', variant: 'control', seed },
    { kind: 'domain alone', variant: 'domain', seed },
    { kind: 'language alone', variant: 'language', seed },
    ...strategies.map((strategy): ComparedRun => ({ kind: 'exchange', variant: 'together', seed, strategy })),
    ...(permuted
      ? [
          { kind: 'permuted control', variant: 'control', seed } as const,
          ...strategies.map((strategy): ComparedRun => ({
            kind: 'permuted exchange',
            variant: 'together',
            seed,
            strategy,
          })),
        ]
      : []),
  ]);
}

export const isPermuted = (kind: RunKind): boolean => kind.startsWith('permuted ');

/** A variant for people, without its seed. */
export const titleOf = ({ kind, strategy }: Pick<ComparedRun, 'kind' | 'strategy'>): string =>
  kind === 'exchange' ? strategy!.name : isPermuted(kind) ? `${strategy?.name ?? 'control'}, texts permuted` : kind;
