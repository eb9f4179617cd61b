import type { Composition, TandemConfig } from '@tandem-rec/contract';
import { compose, loadConfig } from '@tandem-rec/kernel';
import { none } from '@tandem-rec/sharing-none';
import { asStream } from './as-stream.ts';
import { permuteTexts } from './permute-texts.ts';

/** How to read a configuration: everything here can be posted to a worker, which composes for itself. */
export interface CompositionRequest {
  /** A configuration file. */
  readonly config: string;
  /** Settings such as `training.replay=1`, laid over the file. */
  readonly overrides: readonly string[];
  /** `control`: the same training without the exchange. `domain` / `language`: one side without the other. Default: as written. */
  readonly variant?: Variant;
  /** The exchange: a place in `comparison.strategies`, or a plugin's name. Default: `sharing`. */
  readonly strategy?: number | string;
  /** Every item of the dataset gets another's text, drawn with this seed. */
  readonly permuted?: number;
  /** The dataset, or else the source, read as a stream by a run with this folder. */
  readonly streamFolder?: string;
}

export const VARIANTS = ['together', 'control', 'domain', 'language'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Loads and validates a configuration as one of its variants. */
export async function composeVariant({
  config,
  overrides,
  variant = 'together',
  strategy,
  permuted,
  streamFolder,
}: CompositionRequest): Promise<Composition> {
  const loaded = await loadConfig(config, { overrides });
  const shared = variantOf(exchanging(loaded.value as TandemConfig, strategy), variant);
  const value = streamFolder === undefined ? shared : asStream(shared, streamFolder);
  const composition = await compose({ ...loaded, value });
  return permuted === undefined ? composition : permuteTexts(composition, permuted);
}

function exchanging(config: TandemConfig, strategy: number | string | undefined): unknown {
  if (strategy === undefined) return config;
  return { ...config, sharing: typeof strategy === 'number' ? config.comparison?.strategies?.[strategy] : strategy };
}

function variantOf(value: unknown, variant: Variant): unknown {
  if (variant === 'together') return value;
  const { sharing: _, ...rest } = value as TandemConfig;
  const { domain, language, fusion: __, ...others } = rest;
  return variant === 'control'
    ? { ...rest, sharing: none() }
    : variant === 'domain'
      ? { ...others, domain }
      : { ...others, domain: [], language };
}
