import type { WeightFiles } from '../weights/weight-files.ts';
import type { BertConfig } from './bert-config.ts';

/** A linear layer as PyTorch keeps it: `y = x Wᵀ + b`, W `out × in`. */
export interface Linear {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Scale and shift of a layer normalisation, `width` each. */
export interface Norm {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

export interface BertLayer {
  /** Query, key and value below each other: `3 width × width`. */
  readonly queryKeyValue: Linear;
  readonly attention: Linear;
  readonly attentionNorm: Norm;
  readonly up: Linear;
  readonly down: Linear;
  readonly outputNorm: Norm;
}

export interface BertWeights {
  /** `vocabulary × width`. */
  readonly words: Float32Array;
  /** `positions × width`, with the embedding of token type 0 added. */
  readonly positions: Float32Array;
  readonly norm: Norm;
  readonly layers: readonly BertLayer[];
}

/** All weights of the encoder or none. Throws `TANDEM_MODEL_WEIGHTS_INVALID`, naming file and tensor. */
export async function readBertWeights(file: WeightFiles, config: BertConfig): Promise<BertWeights> {
  // Saved from a model with a head, every name starts with `bert.`.
  const prefix = file.has('bert.embeddings.word_embeddings.weight') ? 'bert.' : '';
  const { hidden_size: width, intermediate_size: inner } = config;
  const read = (name: string, ...shape: number[]): Promise<Float32Array> => file.read(prefix + name, shape);
  const linear = async (name: string, outputs: number, inputs: number): Promise<Linear> => ({
    weight: await read(`${name}.weight`, outputs, inputs),
    bias: await read(`${name}.bias`, outputs),
  });
  const norm = async (name: string): Promise<Norm> => ({
    scale: await read(`${name}.weight`, width),
    shift: await read(`${name}.bias`, width),
  });

  const words = await read('embeddings.word_embeddings.weight', config.vocab_size, width);
  const positions = await read('embeddings.position_embeddings.weight', config.max_position_embeddings, width);
  const types = await read('embeddings.token_type_embeddings.weight', config.type_vocab_size, width);
  for (let i = 0; i < positions.length; i++) positions[i] += types[i % width];
  const layers: BertLayer[] = [];
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const at = `encoder.layer.${i}`;
    const [query, key, value] = [
      await linear(`${at}.attention.self.query`, width, width),
      await linear(`${at}.attention.self.key`, width, width),
      await linear(`${at}.attention.self.value`, width, width),
    ];
    layers.push({
      queryKeyValue: {
        weight: concatenate(query.weight, key.weight, value.weight),
        bias: concatenate(query.bias, key.bias, value.bias),
      },
      attention: await linear(`${at}.attention.output.dense`, width, width),
      attentionNorm: await norm(`${at}.attention.output.LayerNorm`),
      up: await linear(`${at}.intermediate.dense`, inner, width),
      down: await linear(`${at}.output.dense`, width, inner),
      outputNorm: await norm(`${at}.output.LayerNorm`),
    });
  }
  return { words, positions, norm: await norm('embeddings.LayerNorm'), layers };
}

function concatenate(...parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
