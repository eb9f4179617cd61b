import { sgemm } from '@tandem-rec/compute';
import { erf } from './erf.ts';
import type { BertConfig } from './bert-config.ts';
import type { BertLayer, BertWeights, Linear, Norm } from './bert-weights.ts';

/**
 * Last hidden states of the BERT encoder (Devlin et al., "BERT", 2019; the encoder of Vaswani et al., "Attention is all
 * you need", 2017, with normalisation after each residual) for several texts at once, below each other and without
 * padding: text t owns rows `offsets[t] … offsets[t + 1]` of `ids` and of the result (`ids.length × width`).
 * Every row's bits depend on its own text only.
 */
export function bertForward(
  { words, positions, norm, layers }: BertWeights,
  config: BertConfig,
  ids: Int32Array,
  offsets: Int32Array,
): Float32Array {
  const width = config.hidden_size;
  const tokens = ids.length;
  const states = new Float32Array(tokens * width);
  for (let t = 0; t + 1 < offsets.length; t++)
    for (let i = offsets[t]; i < offsets[t + 1]; i++)
      for (let d = 0, w = ids[i] * width, p = (i - offsets[t]) * width; d < width; d++)
        states[i * width + d] = words[w + d] + positions[p + d];
  normalise(states, width, norm, config.layer_norm_eps);
  const scratch: Scratch = {
    queryKeyValue: new Float32Array(tokens * 3 * width),
    context: new Float32Array(tokens * width),
    inner: new Float32Array(tokens * config.intermediate_size),
    sum: new Float32Array(tokens * width),
  };
  for (const layer of layers) encoderLayer(layer, config, offsets, states, scratch);
  return states;
}

interface Scratch {
  readonly queryKeyValue: Float32Array;
  readonly context: Float32Array;
  readonly inner: Float32Array;
  readonly sum: Float32Array;
}

/** One layer in place: x ← norm(x + attention(x)); x ← norm(x + W₂ gelu(W₁ x)). */
function encoderLayer(
  layer: BertLayer,
  config: BertConfig,
  offsets: Int32Array,
  states: Float32Array,
  scratch: Scratch,
): void {
  const { hidden_size: width, intermediate_size: innerWidth, layer_norm_eps: epsilon } = config;
  const tokens = offsets[offsets.length - 1];
  const { queryKeyValue, context, inner, sum } = scratch;
  linear(layer.queryKeyValue, tokens, width, 3 * width, states, queryKeyValue);
  for (let t = 0; t + 1 < offsets.length; t++)
    attend(queryKeyValue, context, offsets[t], offsets[t + 1], width, config.num_attention_heads);
  linear(layer.attention, tokens, width, width, context, sum);
  for (let i = 0; i < states.length; i++) states[i] += sum[i];
  normalise(states, width, layer.attentionNorm, epsilon);
  linear(layer.up, tokens, width, innerWidth, states, inner);
  for (let i = 0; i < inner.length; i++) inner[i] = 0.5 * inner[i] * (1 + erf(inner[i] * Math.SQRT1_2));
  linear(layer.down, tokens, innerWidth, width, inner, sum);
  for (let i = 0; i < states.length; i++) states[i] += sum[i];
  normalise(states, width, layer.outputNorm, epsilon);
}

/** `into = x Wᵀ + b`, x `rows × inputs`. */
function linear(
  { weight, bias }: Linear,
  rows: number,
  inputs: number,
  outputs: number,
  x: Float32Array,
  into: Float32Array,
): void {
  for (let i = 0; i < rows; i++) into.set(bias, i * outputs);
  sgemm({ transB: true }, rows, outputs, inputs, 1, x, weight, 1, into);
}

/** Multi-head attention within one text, rows `from … to`: softmax(Q Kᵀ / √depth) V, head by head. */
function attend(
  queryKeyValue: Float32Array,
  context: Float32Array,
  from: number,
  to: number,
  width: number,
  heads: number,
): void {
  const length = to - from;
  const depth = width / heads;
  const stride = 3 * width;
  const scale = 1 / Math.sqrt(depth);
  const weights = new Float64Array(length);
  for (let head = 0; head < heads; head++) {
    const query = head * depth;
    const key = width + query;
    const value = 2 * width + query;
    for (let i = from; i < to; i++) {
      let max = -Infinity;
      for (let j = 0; j < length; j++) {
        const at = i * stride + query;
        const other = (from + j) * stride + key;
        let dot = 0;
        for (let d = 0; d < depth; d++) dot += queryKeyValue[at + d] * queryKeyValue[other + d];
        weights[j] = dot * scale;
        if (weights[j] > max) max = weights[j];
      }
      let total = 0;
      for (let j = 0; j < length; j++) total += weights[j] = Math.exp(weights[j] - max);
      const out = i * width + query;
      context.fill(0, out, out + depth);
      for (let j = 0; j < length; j++) {
        const weight = weights[j] / total;
        const other = (from + j) * stride + value;
        for (let d = 0; d < depth; d++) context[out + d] += weight * queryKeyValue[other + d];
      }
    }
  }
}

/** Layer normalisation of each row in place (Ba et al., 2016). */
function normalise(x: Float32Array, width: number, { scale, shift }: Norm, epsilon: number): void {
  for (let at = 0; at < x.length; at += width) {
    let mean = 0;
    for (let d = 0; d < width; d++) mean += x[at + d];
    mean /= width;
    let variance = 0;
    for (let d = 0; d < width; d++) variance += (x[at + d] - mean) ** 2;
    const factor = 1 / Math.sqrt(variance / width + epsilon);
    for (let d = 0; d < width; d++) x[at + d] = (x[at + d] - mean) * factor * scale[d] + shift[d];
  }
}
