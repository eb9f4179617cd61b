import { setImmediate } from 'node:timers/promises';
import { tf } from '@tandem-rec/compute';
import { KeyValueCache } from '../transformer/key-value-cache.ts';
import type { TransformerModel } from '../transformer/transformer-model.ts';
import type { Weights } from '../transformer/weights.ts';

/** What generation begins with: tokens, or rows of embeddings (`rows × width`), soft tokens among them. */
export type Prompt = { readonly ids: ArrayLike<number> } | { readonly embeddings: Float32Array };

/** Computes with the weights, everything tidied. */
export type WithWeights = (compute: (weights: Weights) => void) => void;

/** One text being decoded: keys and values of what it has seen, and the scores of what comes next. */
export class Decoder {
  readonly #model: TransformerModel;
  readonly #withWeights: WithWeights;
  readonly #cache = new KeyValueCache();

  /** @param withWeights default: the model's own weights */
  constructor(model: TransformerModel, withWeights?: WithWeights) {
    this.#model = model;
    this.#withWeights = withWeights ?? ((compute) => tf.tidy(() => compute(model.weights)));
  }

  /** Positions that are left. */
  get room(): number {
    return this.#model.architecture.positions - this.#cache.length;
  }

  /**
   * Sees further tokens or embeddings, and answers the logits of the token after them. Before, it lets others run.
   * Throws RangeError where there is no room; the signal's reason.
   */
  async see(prompt: Prompt, signal?: AbortSignal): Promise<Float32Array> {
    await setImmediate();
    signal?.throwIfAborted();
    const model = this.#model;
    const { width } = model;
    const length = 'ids' in prompt ? prompt.ids.length : prompt.embeddings.length / width;
    if (length === 0) throw new RangeError('There is nothing to see: a prompt has at least one token.');
    let logits = new Float32Array(0);
    this.#withWeights((weights) => {
      const input =
        'ids' in prompt
          ? { ids: Int32Array.from(prompt.ids), size: 1, length }
          : { embeddings: tf.tensor2d(prompt.embeddings, [length, width]), size: 1, length };
      const states = model.states(input, { weights, cache: this.#cache });
      const last = tf.slice(states, [length - 1, 0], [1, width]);
      logits = model.logits(last, weights).dataSync<'float32'>().slice();
    });
    return logits;
  }

  close(): void {
    this.#cache.dispose();
  }
}
