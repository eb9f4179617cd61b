import { tf } from '@tandem-rec/compute';
import { z } from '@tandem-rec/contract';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../transformer/activations.ts';
import { attend, split } from '../transformer/attention.ts';
import { linear, type LinearLayer } from '../transformer/linear.ts';
import { layerNorm } from '../transformer/norms.ts';
import { throughLayers } from '../transformer/through-layers.ts';
import { withPositions } from '../transformer/with-positions.ts';
import { tensorsOfLinear, tensorsOfNorm, type Architecture } from './architecture.ts';

export const gpt2ConfigSchema = z
  .object({
    model_type: z.literal('gpt2'),
    activation_function: z.enum(ACTIVATION_NAMES).default('gelu_new'),
    layer_norm_epsilon: z.number().positive().default(1e-5),
    n_embd: z.int().positive(),
    n_head: z.int().positive(),
    n_inner: z.int().positive().nullish(),
    n_layer: z.int().positive(),
    n_positions: z.int().positive(),
    vocab_size: z.int().positive(),
    bos_token_id: z.int().nullish(),
    scale_attn_weights: z.literal(true).default(true),
    scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
    tie_word_embeddings: z.boolean().default(true),
  })
  .refine((config) => config.n_embd % config.n_head === 0, 'n_embd is not a multiple of n_head');

/**
 * GPT-2 (Radford et al., "Language models are unsupervised multitask learners", 2019): learned positions, normalisation in
 * front of each block, `x ← x + attention(norm x); x ← x + W₂ gelu(W₁ norm x)`, and once more at the end.
 */
export function gpt2(config: z.output<typeof gpt2ConfigSchema>): Architecture {
  const { n_embd: width, n_head: queries, layer_norm_epsilon: epsilon } = config;
  const inner = config.n_inner ?? 4 * width;
  const heads = { queries, keys: queries, depth: width / queries };
  const activate = ACTIVATIONS[config.activation_function];
  const [words, positions, last] = ['transformer.wte.weight', 'transformer.wpe.weight', 'transformer.ln_f'];
  // Its layers are convolutions of width 1, whose weights lie the other way round.
  const conv = (name: string, inputs: number, outputs: number): LinearLayer => ({
    name,
    inputs,
    outputs,
    bias: true,
    transposed: true,
  });
  const layers = Array.from({ length: config.n_layer }, (_, l) => {
    const at = `transformer.h.${l}`;
    return {
      attentionNorm: `${at}.ln_1`,
      queryKeyValue: conv(`${at}.attn.c_attn`, width, 3 * width),
      output: conv(`${at}.attn.c_proj`, width, width),
      feedNorm: `${at}.ln_2`,
      up: conv(`${at}.mlp.c_fc`, width, inner),
      down: conv(`${at}.mlp.c_proj`, inner, width),
    };
  });
  const linears = layers.flatMap(({ queryKeyValue, output, up, down }) => [queryKeyValue, output, up, down]);
  const head = config.tie_word_embeddings ? words : 'lm_head.weight';
  return {
    width,
    layers: config.n_layer,
    vocabulary: config.vocab_size,
    positions: config.n_positions,
    causal: true,
    prefix: 'transformer.',
    tensors: [
      { name: words, shape: [config.vocab_size, width] },
      { name: positions, shape: [config.n_positions, width] },
      ...(head === words ? [] : [{ name: head, shape: [config.vocab_size, width] }]),
      ...tensorsOfNorm(last, width),
      ...linears.flatMap(tensorsOfLinear),
      ...layers.flatMap((layer) => [layer.attentionNorm, layer.feedNorm].flatMap((name) => tensorsOfNorm(name, width))),
    ],
    linears,
    bosId: config.bos_token_id ?? undefined,
    embeddings: words,
    states(weights, embeddings, pass) {
      const norm = (name: string, x: tf.Tensor2D): tf.Tensor2D => layerNorm(weights, name, x, epsilon);
      const placed = withPositions(embeddings, weights.tensor(positions), pass);
      const top = throughLayers(layers, pass, placed, (x, layer, l) => {
        const joined = linear(weights, layer.queryKeyValue, norm(layer.attentionNorm, x));
        const [q, k, v] = (tf.split(joined, 3, 1) as tf.Tensor2D[]).map((part) =>
          split(part, pass, queries, heads.depth),
        );
        const y: tf.Tensor2D = tf.add(x, linear(weights, layer.output, attend(q, k, v, l, pass, heads)));
        return tf.add(y, linear(weights, layer.down, activate(linear(weights, layer.up, norm(layer.feedNorm, y)))));
      });
      return norm(last, top);
    },
    logits: (weights, states) => tf.matMul(states, weights.tensor(head) as tf.Tensor2D, false, true),
  };
}
