import type { Composition, TandemConfig } from '@tandem-rec/contract';
import { compose, loadConfig } from '@tandem-rec/kernel';
import { none } from '@tandem-rec/sharing-none';

/** How to read a configuration: everything here can be posted to a worker, which composes for itself. */
export interface CompositionRequest {
  /** A configuration file. */
  readonly config: string;
  /** Settings such as `training.replay=1`, laid over the file. */
  readonly overrides: readonly string[];
  /** `control`: the same training without the exchange. `domain` / `language`: one side without the other. Default: as written. */
  readonly variant?: Variant;
}

export const VARIANTS = ['together', 'control', 'domain', 'language'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Loads and validates a configuration as one of its variants. */
export async function composeVariant({
  config,
  overrides,
  variant = 'together',
}: CompositionRequest): Promise<Composition> {
  const loaded = await loadConfig(config, { overrides });
  if (variant === 'together') return compose(loaded);
  const { sharing: _, ...rest } = loaded.value as TandemConfig;
  const { domain, language, fusion: __, ...others } = rest;
  const value =
    variant === 'control'
      ? { ...rest, sharing: none() }
      : variant === 'domain'
        ? { ...others, domain }
        : { ...others, domain: [], language };
  return compose({ ...loaded, value });
}
