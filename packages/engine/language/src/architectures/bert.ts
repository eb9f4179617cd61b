import { tf } from '@tandem-rec/compute';
import { z } from '@tandem-rec/contract';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../transformer/activations.ts';
import { attend, split } from '../transformer/attention.ts';
import { linear } from '../transformer/linear.ts';
import { layerNorm } from '../transformer/norms.ts';
import { throughLayers } from '../transformer/through-layers.ts';
import { withPositions } from '../transformer/with-positions.ts';
import { linearLayer, tensorsOfLinear, tensorsOfNorm, type Architecture } from './architecture.ts';

/** The fields of `config.json` that the forward pass of BERT depends on. */
export const bertConfigSchema = z
  .object({
    model_type: z.literal('bert'),
    hidden_act: z.enum(ACTIVATION_NAMES),
    position_embedding_type: z.literal('absolute').default('absolute'),
    hidden_size: z.int().positive(),
    intermediate_size: z.int().positive(),
    layer_norm_eps: z.number().positive(),
    max_position_embeddings: z.int().positive(),
    num_attention_heads: z.int().positive(),
    num_hidden_layers: z.int().positive(),
    type_vocab_size: z.int().positive(),
    vocab_size: z.int().positive(),
  })
  .refine(
    (config) => config.hidden_size % config.num_attention_heads === 0,
    'hidden_size is not a multiple of num_attention_heads',
  );

/** Shape of a BERT encoder. */
export type BertConfig = z.output<typeof bertConfigSchema>;

/**
 * The encoder of BERT (Devlin et al., "BERT", 2019), as in MiniLM (Wang et al., 2020): learned positions, normalisation
 * after each residual, `x ← norm(x + attention(x)); x ← norm(x + W₂ gelu(W₁ x))`. Token types are all 0.
 */
export function bert(config: BertConfig): Architecture {
  const {
    hidden_size: width,
    intermediate_size: inner,
    layer_norm_eps: epsilon,
    num_attention_heads: queries,
  } = config;
  const heads = { queries, keys: queries, depth: width / queries };
  const activate = ACTIVATIONS[config.hidden_act];
  const words = 'embeddings.word_embeddings.weight';
  const positions = 'embeddings.position_embeddings.weight';
  const types = 'embeddings.token_type_embeddings.weight';
  const layers = Array.from({ length: config.num_hidden_layers }, (_, l) => {
    const at = `encoder.layer.${l}`;
    return {
      query: linearLayer(`${at}.attention.self.query`, width, width, true),
      key: linearLayer(`${at}.attention.self.key`, width, width, true),
      value: linearLayer(`${at}.attention.self.value`, width, width, true),
      output: linearLayer(`${at}.attention.output.dense`, width, width, true),
      attentionNorm: `${at}.attention.output.LayerNorm`,
      up: linearLayer(`${at}.intermediate.dense`, width, inner, true),
      down: linearLayer(`${at}.output.dense`, inner, width, true),
      outputNorm: `${at}.output.LayerNorm`,
    };
  });
  const linears = layers.flatMap(({ query, key, value, output, up, down }) => [query, key, value, output, up, down]);
  return {
    width,
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    causal: false,
    // Saved from a model with a head, every name starts so.
    prefix: 'bert.',
    tensors: [
      { name: words, shape: [config.vocab_size, width] },
      { name: positions, shape: [config.max_position_embeddings, width] },
      { name: types, shape: [config.type_vocab_size, width] },
      ...tensorsOfNorm('embeddings.LayerNorm', width),
      ...linears.flatMap(tensorsOfLinear),
      ...layers.flatMap((layer) =>
        [layer.attentionNorm, layer.outputNorm].flatMap((name) => tensorsOfNorm(name, width)),
      ),
    ],
    linears,
    bosId: undefined,
    embeddings: words,
    states(weights, embeddings, pass) {
      const norm = (name: string, x: tf.Tensor2D): tf.Tensor2D => layerNorm(weights, name, x, epsilon);
      const places = tf.add(weights.tensor(positions), tf.slice(weights.tensor(types), [0, 0], [1, width]));
      const placed = withPositions(embeddings, places, pass);
      return throughLayers(layers, pass, norm('embeddings.LayerNorm', placed), (x, layer, l) => {
        const [q, k, v] = [layer.query, layer.key, layer.value].map((part) =>
          split(linear(weights, part, x), pass, queries, heads.depth),
        );
        const y: tf.Tensor2D = norm(
          layer.attentionNorm,
          tf.add(x, linear(weights, layer.output, attend(q, k, v, l, pass, heads))),
        );
        const fed = linear(weights, layer.down, activate(linear(weights, layer.up, y)));
        return norm(layer.outputNorm, tf.add(y, fed));
      });
    },
  };
}
