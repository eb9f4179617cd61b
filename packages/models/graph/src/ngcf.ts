import { defineDomainModel, z } from '@tandem-rec/contract';
import { GraphModel } from './graph-model.ts';
import { GRAPH_KNOWLEDGE, graphOptions, graphTables } from './graph-options.ts';
import { NgcfConvolution } from './ngcf-convolution.ts';

const { online } = graphOptions.shape;

const options = graphOptions.extend({
  normalise: z
    .boolean()
    .default(true)
    .describe("Whether layers 1 … K of a vector have length one, as in the authors' code."),
  messageDropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.1)
    .describe('Share of the elements of layers 1 … K that a step of `fit` drops.'),
  nodeDropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0)
    .describe('Share of users and items that tell their neighbours nothing in a step of `fit`.'),
  birth: z
    .enum(['glorot', 'identity'])
    .default('glorot')
    .describe(
      'Weights of layers at birth: random (Glorot and Bengio), or a tenth of that beside W₁ = I, so that a layer begins as the sum of a node and its neighbours.',
    ),
  weightLearningRate: z
    .number()
    .positive()
    .optional()
    .describe('Of Adam on the weights of layers in `fit`; by default `learningRate`.'),
  online: online
    .unwrap()
    .extend({
      weightLearningRate: z.number().positive().default(0.001).describe('Of Adam on the weights of layers.'),
    })
    .prefault({})
    .describe('Learning from events as they arrive.'),
});

/** Validated options of `ngcf`. */
export type NgcfOptions = z.output<typeof options>;

/**
 * Neural graph collaborative filtering (Wang, He, Wang, Feng and Chua, SIGIR 2019): layers with weights, in which users and
 * items tell each other what they are and how they agree, over the graph of who met what; all layers, one behind another,
 * are what is compared. Learns by a sampled softmax in few large steps, or by BPR as published.
 *
 * @example
 * defineConfig({ domain: ngcf({ layers: 2, loss: { kind: 'bpr' }, messageDropout: 0.1 }) });
 */
export const ngcf = defineDomainModel({
  id: '@tandem-rec/model-graph#ngcf',
  summary: 'Neural graph collaborative filtering: graph convolution with weights and products of neighbours.',
  options,
  gives: GRAPH_KNOWLEDGE,
  takes: ['parameters', 'representations'],
  tables: graphTables,
  create: (settings, environment) =>
    new GraphModel(settings, environment, new NgcfConvolution(settings, environment.rng)),
});
