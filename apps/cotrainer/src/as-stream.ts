import type { TandemConfig } from '@tandem-rec/contract';
import { replay } from '@tandem-rec/source-dataset';
import { local } from '@tandem-rec/store-local';

/**
 * A configuration whose dataset, if it has one, is its source: in the order of time, with what counts as an interaction
 * there. State goes into a folder of its own.
 */
export function asStream(config: unknown, folder: string): unknown {
  const { dataset, training, evaluation, ...others } = config as TandemConfig;
  const store = local({ folder });
  if (dataset === undefined) return { ...(config as TandemConfig), store };
  const minValue = training?.positive?.minValue ?? evaluation?.minValue;
  return {
    ...others,
    ...(evaluation && { evaluation }),
    dataset,
    store,
    source: replay({ dataset }),
    training: { ...training, positive: { ...training?.positive, ...(minValue !== undefined && { minValue }) } },
  };
}
