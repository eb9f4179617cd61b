import { tf, type DenseParameters, type Tensors } from '@tandem-rec/compute';
import type { Rng } from '@tandem-rec/contract';
import type { Architecture } from '../architectures/architecture.ts';
import type { LinearLayer } from '../transformer/linear.ts';
import type { Weights } from '../transformer/weights.ts';

export interface LoraOptions {
  /** r: columns of A and B. */
  readonly rank: number;
  /** α: the update is scaled by α / r. */
  readonly alpha: number;
  /**
   * Linear layers that are adapted, as in peft: names that a layer's name ends with, such as `query`; or one regular
   * expression for whole names.
   */
  readonly targets: readonly string[] | string;
  /** Share of a layer's inputs that its adapter does not see while it learns. Default 0. */
  readonly dropout?: number;
  /** Whether the update is scaled by α / √r instead (Kalajdzievski, 2023). Default false. */
  readonly rankStabilised?: boolean;
}

/** Names of the pair of matrices of a layer, among the parameters. */
export const namesOf = ({ name }: LinearLayer): { readonly a: string; readonly b: string } => ({
  a: `lora/${name}.lora_A.weight`,
  b: `lora/${name}.lora_B.weight`,
});

/**
 * Low-rank adaptation (Hu et al., "LoRA: Low-rank adaptation of large language models", 2021, eq. 3): a linear layer
 * becomes `h = W₀ x + (α / r) B A x` with W₀ frozen, A `r × inputs` and B `outputs × r`. A starts as Gaussian noise, B at
 * zero, so that training begins with the pretrained model. The pairs are parameters of a `DenseParameters`.
 *
 * @example
 * const lora = new Lora(model.architecture, { rank: 8, alpha: 16, targets: ['query', 'value'] });
 * lora.declare(dense, rng);
 * dense.step((parameters) => loss(model.states(input, { weights: lora.on(model.weights, parameters) })));
 */
export class Lora {
  readonly options: LoraOptions;
  /** The layers that are adapted. */
  readonly layers: readonly LinearLayer[];
  readonly #scale: number;
  readonly #adapted: ReadonlyMap<string, LinearLayer>;

  /** Throws RangeError where the targets name no layer of this architecture. */
  constructor({ linears }: Pick<Architecture, 'linears'>, options: LoraOptions) {
    const { rank, alpha, targets, rankStabilised = false } = options;
    this.options = options;
    this.layers = linears.filter(({ name }) => isTarget(name, targets));
    if (this.layers.length === 0) {
      const kinds = [...new Set(linears.map(({ name }) => name.replace(/^.*\.\d+\./, '')))];
      throw new RangeError(`No linear layer is named ${JSON.stringify(targets)}; a layer has: ${kinds.join(', ')}.`);
    }
    this.#adapted = new Map(this.layers.map((layer) => [layer.name, layer]));
    this.#scale = alpha / (rankStabilised ? Math.sqrt(rank) : rank);
  }

  /** Numbers that are trained. */
  get size(): number {
    return this.layers.reduce((sum, { inputs, outputs }) => sum + this.options.rank * (inputs + outputs), 0);
  }

  /** Adds the pairs to the parameters: A ~ N(0, 1 / inputs), B = 0. */
  declare(dense: DenseParameters, rng: Rng): void {
    const { rank } = this.options;
    for (const layer of this.layers) {
      const { a, b } = namesOf(layer);
      dense.declare(a, [rank, layer.inputs], (into) => {
        for (let i = 0; i < into.length; i++) into[i] = rng.normal() / Math.sqrt(layer.inputs);
      });
      dense.declare(b, [layer.outputs, rank]);
    }
  }

  /** `weights` with the pairs among `parameters` added. `rng`: draws dropout, for a step of learning; without it there is none. */
  on(weights: Weights, parameters: Tensors, rng?: Rng): Weights {
    const { dropout = 0 } = this.options;
    return {
      tensor: (name) => weights.tensor(name),
      trains: (name) => weights.trains(name),
      delta: (name, x) => {
        const below = weights.delta?.(name, x);
        const layer = this.#adapted.get(name);
        if (!layer) return below;
        const { a, b } = namesOf(layer);
        const seen = rng && dropout > 0 ? dropped(x, dropout, rng) : x;
        const inner = tf.matMul(seen, parameters[a] as tf.Tensor2D, false, true);
        const own = tf.matMul(tf.mul(inner, this.#scale), parameters[b] as tf.Tensor2D, false, true) as tf.Tensor2D;
        return below ? tf.add(below, own) : own;
      },
    };
  }
}

function isTarget(name: string, targets: LoraOptions['targets']): boolean {
  if (typeof targets === 'string') return new RegExp(`^(?:${targets})$`).test(name);
  return targets.some((target) => name === target || name.endsWith(`.${target}`));
}

/** Dropout (Srivastava et al., 2014), scaled so that the mean stays. */
function dropped(x: tf.Tensor2D, share: number, rng: Rng): tf.Tensor2D {
  const kept = 1 / (1 - share);
  const mask = Float32Array.from({ length: x.size }, () => (rng.next() < share ? 0 : kept));
  return tf.mul(x, tf.tensor2d(mask, x.shape));
}
