import { tf } from '@tandem-rec/compute';
import { z } from '@tandem-rec/contract';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../transformer/activations.ts';
import { attend, split } from '../transformer/attention.ts';
import { linear } from '../transformer/linear.ts';
import { layerNorm } from '../transformer/norms.ts';
import { throughLayers } from '../transformer/through-layers.ts';
import { Rotary, ropeScalingSchema } from '../transformer/rotary.ts';
import { linearLayer, tensorsOfLinear, tensorsOfNorm, type Architecture } from './architecture.ts';

export const gptNeoxConfigSchema = z
  .object({
    model_type: z.literal('gpt_neox'),
    attention_bias: z.boolean().default(true),
    hidden_act: z.enum(ACTIVATION_NAMES).default('gelu'),
    hidden_size: z.int().positive(),
    intermediate_size: z.int().positive(),
    layer_norm_eps: z.number().positive().default(1e-5),
    max_position_embeddings: z.int().positive(),
    num_attention_heads: z.int().positive(),
    num_hidden_layers: z.int().positive(),
    rotary_pct: z.number().min(0).max(1).default(0.25),
    rotary_emb_base: z.number().positive().optional(),
    rope_theta: z.number().positive().default(10_000),
    rope_scaling: ropeScalingSchema,
    /** Since transformers 5 it holds what the fields above say. */
    rope_parameters: z
      .object({ rope_theta: z.number().positive(), partial_rotary_factor: z.number().min(0).max(1).optional() })
      .optional(),
    tie_word_embeddings: z.boolean().default(false),
    use_parallel_residual: z.boolean().default(true),
    vocab_size: z.int().positive(),
    bos_token_id: z.int().nullish(),
  })
  .refine(
    (config) => config.hidden_size % config.num_attention_heads === 0,
    'hidden_size is not a multiple of num_attention_heads',
  );

/**
 * GPT-NeoX (Black et al., "GPT-NeoX-20B", 2022), as in Pythia: rotary positions on a part of each head, and both blocks side
 * by side, `x ← x + attention(norm₁ x) + W₂ gelu(W₁ norm₂ x)`, unless `use_parallel_residual` is off.
 */
export function gptNeox(config: z.output<typeof gptNeoxConfigSchema>): Architecture {
  const {
    hidden_size: width,
    intermediate_size: inner,
    num_attention_heads: queries,
    layer_norm_eps: epsilon,
  } = config;
  const depth = width / queries;
  const heads = { queries, keys: queries, depth };
  const activate = ACTIVATIONS[config.hidden_act];
  const { rope_parameters: rope } = config;
  const rotary = new Rotary(
    Math.floor(depth * (rope?.partial_rotary_factor ?? config.rotary_pct)),
    rope?.rope_theta ?? config.rotary_emb_base ?? config.rope_theta,
    config.rope_scaling,
  );
  const [words, last] = ['gpt_neox.embed_in.weight', 'gpt_neox.final_layer_norm'];
  const layers = Array.from({ length: config.num_hidden_layers }, (_, l) => {
    const at = `gpt_neox.layers.${l}`;
    return {
      attentionNorm: `${at}.input_layernorm`,
      queryKeyValue: linearLayer(`${at}.attention.query_key_value`, width, 3 * width, config.attention_bias),
      output: linearLayer(`${at}.attention.dense`, width, width, config.attention_bias),
      feedNorm: `${at}.post_attention_layernorm`,
      up: linearLayer(`${at}.mlp.dense_h_to_4h`, width, inner, true),
      down: linearLayer(`${at}.mlp.dense_4h_to_h`, inner, width, true),
    };
  });
  const linears = layers.flatMap(({ queryKeyValue, output, up, down }) => [queryKeyValue, output, up, down]);
  const head = config.tie_word_embeddings ? words : 'embed_out.weight';
  return {
    width,
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    causal: true,
    prefix: 'gpt_neox.',
    tensors: [
      { name: words, shape: [config.vocab_size, width] },
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
      const tables = rotary.tables(pass.past, pass.length);
      const top = throughLayers(layers, pass, embeddings, (x, layer, l) => {
        // Head by head its query, key and value.
        const joined = split(
          linear(weights, layer.queryKeyValue, norm(layer.attentionNorm, x)),
          pass,
          queries,
          3 * depth,
        );
        const [q, k, v] = tf.split(joined, 3, 3) as tf.Tensor4D[];
        const context = attend(rotary.turn(q, tables), rotary.turn(k, tables), v, l, pass, heads);
        const attended: tf.Tensor2D = tf.add(x, linear(weights, layer.output, context));
        const fed = norm(layer.feedNorm, config.use_parallel_residual ? x : attended);
        return tf.add(attended, linear(weights, layer.down, activate(linear(weights, layer.up, fed))));
      });
      return norm(last, top);
    },
    logits: (weights, states) => tf.matMul(states, weights.tensor(head) as tf.Tensor2D, false, true),
  };
}
