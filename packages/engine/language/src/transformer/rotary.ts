import { tf } from '@tandem-rec/compute';
import { z } from '@tandem-rec/contract';

const scalingSchema = z.discriminatedUnion('rope_type', [
  z.object({ rope_type: z.literal('default') }),
  z.object({ rope_type: z.literal('linear'), factor: z.number().min(1) }),
  z.object({
    rope_type: z.literal('llama3'),
    factor: z.number().min(1),
    low_freq_factor: z.number().positive(),
    high_freq_factor: z.number().positive(),
    original_max_position_embeddings: z.int().positive(),
  }),
]);

/** How rotary frequencies are stretched for longer contexts, as `rope_scaling` of a configuration says it. */
export const ropeScalingSchema = z.preprocess(
  (value) => (value && typeof value === 'object' && 'type' in value ? { rope_type: value.type, ...value } : value),
  scalingSchema.nullish(),
);

export type RopeScaling = z.output<typeof scalingSchema>;

/**
 * Rotary position embedding (Su et al., "RoFormer", 2021): the numbers i and i + width/2 of a head are rotated by the angle
 * `position · base^(−2i/width)`. Of wider heads only the first `width` numbers turn.
 */
export class Rotary {
  readonly width: number;
  /** `width / 2` angles a position. */
  readonly #frequencies: Float64Array;

  constructor(width: number, base: number, scaling: RopeScaling | null | undefined) {
    this.width = width;
    this.#frequencies = Float64Array.from({ length: width / 2 }, (_, i) =>
      stretched(base ** ((-2 * i) / width), scaling),
    );
  }

  /** Cosines and sines for `length` positions from `from` on, each `1 × 1 × length × width`. */
  tables(from: number, length: number): { readonly cos: tf.Tensor4D; readonly sin: tf.Tensor4D } {
    const half = this.width / 2;
    const cos = new Float32Array(length * this.width);
    const sin = new Float32Array(length * this.width);
    for (let p = 0; p < length; p++)
      for (let i = 0; i < this.width; i++) {
        const angle = (from + p) * this.#frequencies[i % half];
        cos[p * this.width + i] = Math.cos(angle);
        // x_i turns toward −x_{i + half}, x_{i + half} toward x_i.
        sin[p * this.width + i] = i < half ? -Math.sin(angle) : Math.sin(angle);
      }
    const shape: [number, number, number, number] = [1, 1, length, this.width];
    return { cos: tf.tensor4d(cos, shape), sin: tf.tensor4d(sin, shape) };
  }

  /** Turns queries or keys, `size × heads × length × depth`. */
  turn(x: tf.Tensor4D, { cos, sin }: { readonly cos: tf.Tensor4D; readonly sin: tf.Tensor4D }): tf.Tensor4D {
    const depth = x.shape[3];
    const half = this.width / 2;
    const parts = tf.split(x, depth === this.width ? [half, half] : [half, half, depth - this.width], 3);
    const swapped = tf.concat([parts[1], parts[0]], 3);
    const whole = depth === this.width ? x : tf.concat([parts[0], parts[1]], 3);
    const turned = tf.add(tf.mul(whole, cos), tf.mul(swapped, sin)) as tf.Tensor4D;
    return depth === this.width ? turned : (tf.concat([turned, parts[2]], 3) as tf.Tensor4D);
  }
}

/** Llama 3.1's rule: long waves are slowed by `factor`, short ones stay, between them is a smooth passage. */
function stretched(frequency: number, scaling: RopeScaling | null | undefined): number {
  if (!scaling || scaling.rope_type === 'default') return frequency;
  if (scaling.rope_type === 'linear') return frequency / scaling.factor;
  const { factor, low_freq_factor: low, high_freq_factor: high } = scaling;
  const turns = (scaling.original_max_position_embeddings * frequency) / (2 * Math.PI);
  const smooth = Math.min(1, Math.max(0, (turns - low) / (high - low)));
  return (1 - smooth) * (frequency / factor) + smooth * frequency;
}
