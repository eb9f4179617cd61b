import { tf } from '@tandem-rec/compute';

/**
 * Keys and values of the positions that a decoder has seen, so that each further token costs one position. It keeps tensors
 * until `dispose`.
 */
export class KeyValueCache {
  readonly #layers: [tf.Tensor4D, tf.Tensor4D][] = [];

  /** Positions in it. */
  get length(): number {
    return this.#layers[0]?.[0].shape[2] ?? 0;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return 8 * this.#layers.reduce((sum, [keys]) => sum + keys.size, 0);
  }

  /** Adds the keys and values of further positions, `size × heads × length × depth`; answers those of all. */
  extend(layer: number, key: tf.Tensor4D, value: tf.Tensor4D): readonly [tf.Tensor4D, tf.Tensor4D] {
    const before = this.#layers[layer];
    const after: [tf.Tensor4D, tf.Tensor4D] = before
      ? [tf.keep(tf.concat([before[0], key], 2)), tf.keep(tf.concat([before[1], value], 2))]
      : [tf.keep(tf.clone(key)), tf.keep(tf.clone(value))];
    tf.dispose(before ?? []);
    this.#layers[layer] = after;
    return after;
  }

  dispose(): void {
    tf.dispose(this.#layers);
    this.#layers.length = 0;
  }
}
