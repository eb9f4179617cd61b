import type { PluginUse } from '@tandem-rec/contract';
import { bpr, ials } from '@tandem-rec/model-factorisation';
import { lightgcn } from '@tandem-rec/model-graph';

/** The models whose growth is plotted, as they are by default, d = 64. */
export const GROWTH_MODELS: Readonly<Record<string, PluginUse<'domain-model'>>> = {
  bpr: bpr(),
  ials: ials(),
  lightgcn: lightgcn(),
};
