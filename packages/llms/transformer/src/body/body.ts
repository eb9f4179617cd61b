import type { DenseParameters, Tensors } from '@tandem-rec/compute';
import { tf } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import { saveAdapter, withTrained, type Lora, type TransformerModel, type Weights } from '@tandem-rec/language';

/** What a body is made of. */
export interface BodyParts {
  readonly model: TransformerModel;
  /** Names the weights by their content. */
  readonly base: string;
  readonly dense: DenseParameters;
  /** Layers that are run. */
  readonly layers: number;
  readonly lora: Lora | undefined;
  /** Whether texts are written with the adapter, too: one that was trained for words and is not trained here. */
  readonly adapterWrites: boolean;
  /** Where the adapter is written to, and how the model is called there. */
  readonly saveTo: { readonly folder: string; readonly base: string } | undefined;
}

/**
 * A pretrained transformer as part of a recommender: its first layers with what is trained of it. Everything that learns is
 * in `dense`, so that a state holds the trained parameters only.
 */
export class Body {
  readonly #parts: BodyParts;
  /** Root of the mean square of the word embeddings: the scale of what enters. */
  readonly scale: number;

  constructor(parts: BodyParts) {
    this.#parts = parts;
    const { model } = parts;
    this.scale = tf.tidy(() => Math.sqrt(tf.mean(tf.square(this.#words())).dataSync()[0]));
    if (!(this.scale > 0))
      throw new RangeError(`The word embeddings of ${model.architecture.embeddings} are all zero.`);
  }

  get model(): TransformerModel {
    return this.#parts.model;
  }

  get dense(): DenseParameters {
    return this.#parts.dense;
  }

  get base(): string {
    return this.#parts.base;
  }

  /** The weights as trained so far. `rng` draws the adapters' dropout, for a step of learning. */
  weights(parameters: Tensors, rng?: Rng): Weights {
    const { model, lora } = this.#parts;
    const weights = withTrained(model.weights, parameters);
    return lora ? lora.on(weights, parameters, rng) : weights;
  }

  /** Last hidden states of the layers that are run, `lines · width × width of the body`, of texts that stand side by side in lines. */
  states(
    embeddings: tf.Tensor2D,
    { lines, width, starts }: { readonly lines: number; readonly width: number; readonly starts: Int32Array },
    weights: Weights,
    causal: boolean,
  ): tf.Tensor2D {
    const { model, layers } = this.#parts;
    return model.states({ embeddings, size: lines, length: width }, { starts, causal, layers, weights });
  }

  /**
   * Computes with the weights that texts are written with: the pretrained ones. An adapter that learns to read item tokens
   * forgets how to speak, so that it is left out; fully trained weights are all there are.
   */
  speak(compute: (weights: Weights) => void): void {
    const { model, dense, lora, adapterWrites } = this.#parts;
    dense.run((parameters) => {
      const weights = withTrained(model.weights, parameters);
      compute(lora && adapterWrites ? lora.on(weights, parameters) : weights);
    });
  }

  /** Writes the adapter alone, in peft's layout, where the options say so. */
  async saveAdapter(): Promise<void> {
    const { model, dense, lora, saveTo } = this.#parts;
    if (lora && saveTo)
      await saveAdapter(saveTo.folder, lora, dense, { base: saveTo.base, causal: model.architecture.causal });
  }

  close(): void {
    this.#parts.model.dispose();
  }

  #words(): tf.Tensor {
    const { model } = this.#parts;
    return model.weights.tensor(model.architecture.embeddings);
  }
}
