import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DenseParameters, kernelName, openTensorBackend, SeededRng, tf } from '@tandem-rec/compute';
import {
  defaultTargets,
  Lora,
  MiniLmEncoder,
  OnnxEncoder,
  readTextModel,
  TensorEncoder,
  TransformerModel,
  type OnnxRuntime,
} from '@tandem-rec/language';
import { BODY_LAYERS, RANKS, type EngineName, type Sizes, type WorkName } from './cases.ts';
import { cpuTimes, type CpuTimes } from './cpu-times.ts';

/** What a process is asked for. */
export interface WorkRequest {
  readonly work: WorkName;
  readonly engine: EngineName | 'onnxruntime';
  /** Folder of the model. */
  readonly model: string;
  readonly sizes: Sizes;
  readonly texts: readonly string[];
  /** Folder that onnxruntime is installed in. */
  readonly onnxruntime?: string;
}

/** What it took, and the engine's own name. */
export interface WorkDone extends CpuTimes {
  readonly identity: string;
}

type VersionedRuntime = OnnxRuntime & { readonly env: { readonly versions: Readonly<Record<string, string>> } };

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Does a work in this process, on one thread. */
export async function doWork(request: WorkRequest): Promise<WorkDone> {
  const { work, engine, model, sizes } = request;
  if (work === 'texts') return textVectors(request);
  if (engine === 'plain' || engine === 'onnxruntime') throw new RangeError(`${engine} learns nothing.`);
  const { identity } = await openTensorBackend({ prefer: engine, threads: 1 });
  const opened = await TransformerModel.open(model);
  const step = work === 'lora' ? loraStep(opened, sizes.lora) : bodyStep(opened, sizes.body);
  return { identity, ...(await cpuTimes(sizes.runs, step)) };
}

async function textVectors({ engine, model, sizes, texts, onnxruntime }: WorkRequest): Promise<WorkDone> {
  const run = async (encode: (texts: readonly string[]) => Promise<unknown>): Promise<CpuTimes> =>
    cpuTimes(Math.ceil(sizes.runs / 3), async () => void (await encode(texts)));
  if (engine === 'plain') {
    const encoder = await MiniLmEncoder.open(model);
    return { identity: `forward pass without tensors, ${kernelName}`, ...(await run((some) => encoder.encode(some))) };
  }
  if (engine === 'onnxruntime') {
    const runtime = createRequire(join(onnxruntime!, 'package.json'))('onnxruntime-node') as VersionedRuntime;
    const encoder = await OnnxEncoder.open(await readTextModel(model), runtime, 1);
    return {
      identity: `onnxruntime-node ${runtime.env.versions['node']}`,
      ...(await run((some) => encoder.encode(some))),
    };
  }
  const backend = await openTensorBackend({ prefer: engine, threads: 1 });
  const encoder = await TensorEncoder.open(model, backend);
  return { identity: backend.identity, ...(await run((some) => encoder.encode(some))) };
}

/** Adapters on all layers of the model, which reads whole texts; the loss is the states' mean square. */
function loraStep(model: TransformerModel, [size, length]: Sizes['lora']): () => void {
  const { architecture } = model;
  const rng = new SeededRng(1, 'lora');
  const lora = new Lora(architecture, { rank: RANKS.lora, alpha: 16, targets: defaultTargets(architecture) });
  const dense = new DenseParameters({ learningRate: 1e-3 });
  lora.declare(dense, rng);
  const ids = Int32Array.from({ length: size * length }, () => rng.int(architecture.vocabulary));
  return () =>
    void dense.step((parameters: Tensors) =>
      meanSquare(model.states({ ids, size, length }, { weights: lora.on(model.weights, parameters) })),
    );
}

/** The first layers of the model read soft tokens, down to which gradients go. */
function bodyStep(model: TransformerModel, [size, length]: Sizes['body']): () => void {
  const { architecture, width } = model;
  const rng = new SeededRng(1, 'body');
  const lora = new Lora(architecture, { rank: RANKS.body, alpha: 32, targets: defaultTargets(architecture) });
  const dense = new DenseParameters({ learningRate: 1e-3 });
  lora.declare(dense, rng);
  const x = {
    data: Float32Array.from({ length: size * length * width }, () => rng.normal()),
    shape: [size * length, width],
  };
  const options = { causal: true, layers: Math.min(BODY_LAYERS, architecture.layers) };
  return () =>
    void dense.step(
      (parameters: Tensors, inputs: Tensors) => {
        const embeddings = inputs['x'] as tf.Tensor2D;
        const weights = lora.on(model.weights, parameters);
        return meanSquare(model.states({ embeddings, size, length }, { ...options, weights }));
      },
      { x },
    );
}

const meanSquare = (states: tf.Tensor2D): tf.Scalar => tf.mean(tf.square(states)) as tf.Scalar;
