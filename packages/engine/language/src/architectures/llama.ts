import { tf } from '@tandem-rec/compute';
import { z } from '@tandem-rec/contract';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../transformer/activations.ts';
import { attend, split } from '../transformer/attention.ts';
import { linear } from '../transformer/linear.ts';
import { rmsNorm } from '../transformer/norms.ts';
import { Rotary, ropeScalingSchema } from '../transformer/rotary.ts';
import { throughLayers } from '../transformer/through-layers.ts';
import { linearLayer, tensorsOfLinear, type Architecture } from './architecture.ts';

export const llamaConfigSchema = z
  .object({
    model_type: z.literal('llama'),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    head_dim: z.int().positive().nullish(),
    hidden_act: z.enum(ACTIVATION_NAMES).default('silu'),
    hidden_size: z.int().positive(),
    intermediate_size: z.int().positive(),
    max_position_embeddings: z.int().positive(),
    num_attention_heads: z.int().positive(),
    num_hidden_layers: z.int().positive(),
    num_key_value_heads: z.int().positive().nullish(),
    rms_norm_eps: z.number().positive().default(1e-6),
    rope_theta: z.number().positive().default(10_000),
    rope_scaling: ropeScalingSchema,
    /** Since transformers 5 it holds what the two fields above say. */
    rope_parameters: z.intersection(z.looseObject({ rope_theta: z.number().positive() }), ropeScalingSchema).optional(),
    tie_word_embeddings: z.boolean().default(false),
    vocab_size: z.int().positive(),
    bos_token_id: z.int().nullish(),
  })
  .refine(
    (config) => config.num_attention_heads % (config.num_key_value_heads ?? config.num_attention_heads) === 0,
    'num_attention_heads is not a multiple of num_key_value_heads',
  );

/**
 * Llama (Touvron et al., 2023): RMSNorm in front of each block, rotary positions, grouped-query attention, and SwiGLU
 * (Shazeer, "GLU variants improve transformer", 2020): `x ← x + attention(norm x); x ← x + W₃ (silu(W₁ n) ⊙ W₂ n), n = norm x`.
 */
export function llama(config: z.output<typeof llamaConfigSchema>): Architecture {
  const { hidden_size: width, intermediate_size: inner, num_attention_heads: queries, rms_norm_eps: epsilon } = config;
  const depth = config.head_dim ?? width / queries;
  const keys = config.num_key_value_heads ?? queries;
  const heads = { queries, keys, depth };
  const activate = ACTIVATIONS[config.hidden_act];
  const { rope_parameters: rope } = config;
  const rotary = new Rotary(depth, rope?.rope_theta ?? config.rope_theta, rope ?? config.rope_scaling);
  const [words, last] = ['model.embed_tokens.weight', 'model.norm.weight'];
  const layers = Array.from({ length: config.num_hidden_layers }, (_, l) => {
    const at = `model.layers.${l}`;
    return {
      attentionNorm: `${at}.input_layernorm.weight`,
      query: linearLayer(`${at}.self_attn.q_proj`, width, queries * depth, config.attention_bias),
      key: linearLayer(`${at}.self_attn.k_proj`, width, keys * depth, config.attention_bias),
      value: linearLayer(`${at}.self_attn.v_proj`, width, keys * depth, config.attention_bias),
      output: linearLayer(`${at}.self_attn.o_proj`, queries * depth, width, config.attention_bias),
      feedNorm: `${at}.post_attention_layernorm.weight`,
      gate: linearLayer(`${at}.mlp.gate_proj`, width, inner, config.mlp_bias),
      up: linearLayer(`${at}.mlp.up_proj`, width, inner, config.mlp_bias),
      down: linearLayer(`${at}.mlp.down_proj`, inner, width, config.mlp_bias),
    };
  });
  const linears = layers.flatMap((layer) => [
    layer.query,
    layer.key,
    layer.value,
    layer.output,
    layer.gate,
    layer.up,
    layer.down,
  ]);
  const head = config.tie_word_embeddings ? words : 'lm_head.weight';
  return {
    width,
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    causal: true,
    prefix: 'model.',
    tensors: [
      { name: words, shape: [config.vocab_size, width] },
      ...(head === words ? [] : [{ name: head, shape: [config.vocab_size, width] }]),
      { name: last, shape: [width] },
      ...linears.flatMap(tensorsOfLinear),
      ...layers.flatMap(({ attentionNorm, feedNorm }) =>
        [attentionNorm, feedNorm].map((name) => ({ name, shape: [width] })),
      ),
    ],
    linears,
    bosId: config.bos_token_id ?? undefined,
    embeddings: words,
    states(weights, embeddings, pass) {
      const norm = (name: string, x: tf.Tensor2D): tf.Tensor2D => rmsNorm(weights, name, x, epsilon);
      const tables = rotary.tables(pass.past, pass.length);
      const top = throughLayers(layers, pass, embeddings, (x, layer, l) => {
        const n = norm(layer.attentionNorm, x);
        const q = rotary.turn(split(linear(weights, layer.query, n), pass, queries, depth), tables);
        const k = rotary.turn(split(linear(weights, layer.key, n), pass, keys, depth), tables);
        const v = split(linear(weights, layer.value, n), pass, keys, depth);
        const y: tf.Tensor2D = tf.add(x, linear(weights, layer.output, attend(q, k, v, l, pass, heads)));
        const m = norm(layer.feedNorm, y);
        const gated: tf.Tensor2D = tf.mul(activate(linear(weights, layer.gate, m)), linear(weights, layer.up, m));
        return tf.add(y, linear(weights, layer.down, gated));
      });
      return norm(last, top);
    },
    logits: (weights, states) => tf.matMul(states, weights.tensor(head) as tf.Tensor2D, false, true),
  };
}
