import { DenseParameters } from '@tandem-rec/compute';
import { TandemError, type Environment } from '@tandem-rec/contract';
import {
  defaultTargets,
  findModel,
  Lora,
  modelId,
  openAdapter,
  TransformerModel,
  WeightFiles,
  type LinearLayer,
} from '@tandem-rec/language';
import { Body } from './body.ts';
import type { BodyOptions } from './body-options.ts';

const LEARNING_RATES = { frozen: 0, lora: 1e-3, full: 2e-4 } as const;

/**
 * Opens the body that the options ask for, all of it or nothing; a tensor backend must be open. Throws
 * `TANDEM_MODEL_WEIGHTS_MISSING` or `_INVALID`, `TANDEM_MODEL_DOWNLOAD`, `TANDEM_MEMORY_TOO_SMALL`; and
 * `TANDEM_CONFIG_WRONG_VALUE` where the model has not what an option speaks of.
 */
export async function openBody(options: BodyOptions, env: Environment): Promise<Body> {
  const folder = await findModel(options.model, env);
  const model = await TransformerModel.open(folder, env.signal);
  try {
    const body = await bodyOf(model, folder, options, env);
    env.log.info('Opened a pretrained body', {
      model: options.model,
      layers: `${options.layers ?? model.architecture.layers} of ${model.architecture.layers}`,
      trains: options.train,
      weightsMb: Math.ceil(model.bytes / 2 ** 20),
    });
    return body;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function bodyOf(
  model: TransformerModel,
  folder: string,
  options: BodyOptions,
  env: Pick<Environment, 'name' | 'rng' | 'resolvePath'>,
): Promise<Body> {
  const { architecture } = model;
  const { layers = architecture.layers, train, text, adapter, saveAdapter, clipNorm } = options;
  const wrong = (what: string): TandemError =>
    new TandemError('TANDEM_CONFIG_WRONG_VALUE', `${env.name}: ${what}.`, { details: { model: options.model } });
  if (layers > architecture.layers)
    throw wrong(`\`body.layers\` is ${layers}, and ${options.model} has ${architecture.layers}`);
  if (text && !architecture.logits)
    throw wrong(`\`body.text\` needs a model that writes, and ${options.model} is an encoder`);

  const learningRate = options.learningRate ?? LEARNING_RATES[train];
  const dense = new DenseParameters({
    learningRate: options.projectionLearningRate,
    beta2: 0.98,
    clipNorm,
    groups: { 'lora/': { learningRate: train === 'lora' ? learningRate : 0 }, 'base/': { learningRate } },
  });
  const runs = ({ name }: Pick<LinearLayer, 'name'>): boolean => (layerOf(name) ?? -1) < layers;
  let lora: Lora | undefined;
  if (adapter !== undefined) {
    const opened = await openAdapter(env.resolvePath(adapter), architecture);
    lora = opened.lora;
    opened.load(dense);
  } else if (train === 'lora') {
    lora = adapted(architecture.linears.filter(runs), options.lora, wrong);
    lora.declare(dense, env.rng.fork('lora'));
  }
  // Word embeddings and what they are compared with are most of a small model, and of no use to soft tokens: they stay.
  const ofWords = new Set(
    architecture.tensors.filter(({ shape }) => shape[0] === architecture.vocabulary).map(({ name }) => name),
  );
  if (train === 'full') model.train(dense, (name) => !ofWords.has(name) && runs({ name }));
  return new Body({
    model,
    base: await baseOf(folder),
    dense,
    layers,
    lora,
    adapterWrites: train === 'frozen',
    saveTo: saveAdapter === undefined ? undefined : { folder: env.resolvePath(saveAdapter), base: options.model },
  });
}

/** Names the weights in a folder by their content. */
async function baseOf(folder: string): Promise<string> {
  const files = await WeightFiles.open(folder);
  await files.close();
  return modelId('weights', folder, null, files.paths);
}

/** The layers that adapters go to, by their whole names where only the first layers are run: peft reads both. */
function adapted(
  linears: readonly LinearLayer[],
  { rank, alpha, dropout, targets }: BodyOptions['lora'],
  wrong: (what: string) => TandemError,
): Lora {
  try {
    const { layers } = new Lora({ linears }, { rank, alpha, dropout, targets: targets ?? defaultTargets({ linears }) });
    return new Lora({ linears }, { rank, alpha, dropout, targets: layers.map(({ name }) => name) });
  } catch (cause) {
    throw wrong(`\`body.lora.targets\`: ${(cause as Error).message.replace(/\.$/, '')}`);
  }
}

/** Which layer a tensor belongs to, counted from 0; undefined: to none. */
function layerOf(name: string): number | undefined {
  const [, layer] = /(?:^|\.)(\d+)\./.exec(name) ?? [];
  return layer === undefined ? undefined : Number(layer);
}
