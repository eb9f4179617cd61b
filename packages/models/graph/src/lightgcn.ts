import { defineDomainModel } from '@tandem-rec/contract';
import { GraphModel } from './graph-model.ts';
import { GRAPH_KNOWLEDGE, graphOptions, graphTables, type GraphOptions } from './graph-options.ts';
import { LightConvolution } from './light-convolution.ts';

/** Validated options of `lightgcn`. */
export type LightGcnOptions = GraphOptions;

/**
 * LightGCN (He, Deng, Wang, Li, Zhang and Wang, SIGIR 2020): rows of users and items are spread over the graph of who met
 * what, and the mean of all layers is what is compared. Learns by a sampled softmax in few large steps, or by BPR as
 * published.
 *
 * @example
 * defineConfig({ domain: lightgcn({ loss: { kind: 'sampled-softmax', similarity: 'cosine', temperature: 0.1 } }) });
 */
export const lightgcn = defineDomainModel({
  id: '@tandem-rec/model-graph#lightgcn',
  summary: 'Light graph convolution over users and items.',
  options: graphOptions,
  gives: GRAPH_KNOWLEDGE,
  takes: ['parameters', 'representations'],
  tables: graphTables,
  create: (settings, environment) => new GraphModel(settings, environment, new LightConvolution(settings)),
});
