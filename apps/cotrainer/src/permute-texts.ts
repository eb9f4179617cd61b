import {
  isPluginUse,
  TandemError,
  type Composition,
  type DefinitionOf,
  type Part,
  type PluginUse,
} from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { withPermutedTexts } from '@tandem-rec/data';

/**
 * A composition in which every item has another's text, wherever a dataset tells of items: dataset, catalogue, and a source
 * that plays one. Throws `TANDEM_CONFIG_INVALID` where items come with the stream itself: their texts cannot be told before.
 */
export function permuteTexts(composition: Composition, seed: number): Composition {
  const { dataset, catalogue, source } = composition;
  const played = (source?.options as { readonly dataset?: unknown } | undefined)?.dataset;
  const plays = isPluginUse(played) && played.kind === 'dataset-reader';
  if (!dataset && !plays)
    throw new TandemError('TANDEM_CONFIG_INVALID', 'Texts can be permuted where they come from a dataset.', {
      remedy: 'Configure a `dataset`, or a source that plays one, such as replay({ dataset: movielens100k() }).',
    });
  const permuted = <P extends Part<'dataset-reader'>>(part: P): P => ({
    ...part,
    definition: giving(part.definition, seed),
  });
  return Object.freeze({
    ...composition,
    ...(dataset && { dataset: permuted(dataset) }),
    ...(catalogue && { catalogue: permuted(catalogue) }),
    ...(source &&
      plays && {
        source: {
          ...source,
          options: {
            ...(source.options as object),
            dataset: { ...played, definition: giving((played as PluginUse<'dataset-reader'>).definition, seed) },
          },
        },
      }),
  });
}

const giving = (definition: DefinitionOf<'dataset-reader'>, seed: number): DefinitionOf<'dataset-reader'> => ({
  ...definition,
  create: async (options, environment) =>
    withPermutedTexts(await definition.create(options, environment), new SeededRng(seed, 'permuted texts')),
});
