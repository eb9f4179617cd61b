import { activate, activateBack, arenaSgemm, joinMessages, joinMessagesBack, type Arena } from '@tandem-rec/compute';

/** Of LeakyReLU below zero. */
const SLOPE = 0.2;

/** Far apart in the order of hashes: layers drop other elements. */
const SEED_STEP = 0x9e3779b9;

export interface LayerShape {
  readonly dim: number;
  readonly layers: number;
  /** Whether layers 1 … K have length one in F. */
  readonly normalise: boolean;
}

/** What nodes are told: rows of `dim` floats, `stride` apart, the first at element `at`. */
export interface Told {
  readonly P: Float32Array;
  readonly stride: number;
  readonly at: number;
}

/** Floats of all W. */
export const weightsOf = ({ dim, layers }: LayerShape): number => 2 * layers * dim * dim;

/**
 * The layers of NGCF (eqs. 3 to 8) for nodes of which it is known what their neighbours tell them, P^(k) = 𝓛 E^(k):
 *
 *     E^(k+1) = LeakyReLU((E^(k) + P^(k)) W₁^(k+1) + (E^(k) ⊙ P^(k)) W₂^(k+1)) = LeakyReLU(Z^(k) W^(k+1))
 *     Z^(k) = [E^(k) + P^(k) | E^(k) ⊙ P^(k)],   F = [E^(0) | … | E^(K)]
 *
 * W^(k) is W₁ above W₂ (2 dim × dim), one layer behind another in `W`. All arrays are in the arena.
 */
export class NgcfLayers {
  /** E^(0) … E^(K) after `forward` (nodes × dim each). */
  readonly E: Float32Array[];
  /** As `W`, after `backward`. */
  readonly dW: Float32Array;
  readonly #arena: Arena;
  readonly #nodes: number;
  readonly #shape: LayerShape;
  readonly #W: Float32Array;
  readonly #Z: Float32Array;
  readonly #told: Told[] = [];
  #dropout = 0;
  #seed = 0;
  #back: Record<'dZ' | 'dP' | 'G', Float32Array> | undefined;

  constructor(arena: Arena, nodes: number, shape: LayerShape, W: Float32Array) {
    const { dim, layers } = shape;
    this.#arena = arena;
    this.#nodes = nodes;
    this.#shape = shape;
    this.#W = W;
    this.E = Array.from({ length: layers + 1 }, (_, k) => arena.float32(k === 0 ? 0 : nodes * dim));
    this.dW = arena.float32(W.length);
    this.#Z = arena.float32(2 * nodes * dim);
  }

  /**
   * F (nodes × (K + 1) dim) of E^(0). `told` answers P^(k) once E^(k) is there; a share of the elements of layers 1 … K is
   * dropped.
   */
  forward(E0: Float32Array, F: Float32Array, told: (k: number) => Told, dropout = 0, seed = 0): void {
    const { dim, layers } = this.#shape;
    this.E[0] = E0;
    [this.#dropout, this.#seed] = [dropout, seed];
    activate(this.#arena, this.#nodes, this.#end(0), F);
    for (let k = 0; k < layers; k++) {
      this.#told[k] = told(k);
      joinMessages(this.#arena, this.#nodes, this.#messages(k), this.#Z);
      const Y = { data: this.E[k + 1], row: dim };
      arenaSgemm(this.#arena, {}, this.#nodes, dim, 2 * dim, 1, this.#joined(this.#Z), this.#weights(this.#W, k), 0, Y);
      activate(this.#arena, this.#nodes, this.#end(k + 1), F);
    }
  }

  /**
   * The gradient with respect to E^(0) (nodes × dim), from that with respect to F, and `dW`. `tell` adds to G, the gradient
   * of E^(k), what comes from dP^(k) through the neighbours.
   */
  backward(dF: Float32Array, tell?: (dP: Float32Array, G: Float32Array) => void): Float32Array {
    const { dim, layers } = this.#shape;
    const size = this.#nodes * dim;
    this.#back ??= { dZ: this.#arena.float32(2 * size), dP: this.#arena.float32(size), G: this.#arena.float32(size) };
    const { dZ, dP, G } = this.#back;
    G.fill(0);
    for (let k = layers - 1; k >= 0; k--) {
      activateBack(this.#arena, this.#nodes, this.#end(k + 1), dF, G);
      const dY = { data: G, row: dim };
      joinMessages(this.#arena, this.#nodes, this.#messages(k), this.#Z);
      const [Z, W, dW] = [this.#joined(this.#Z), this.#weights(this.#W, k), this.#weights(this.dW, k)];
      arenaSgemm(this.#arena, { transA: true }, 2 * dim, dim, this.#nodes, 1, Z, dY, 0, dW);
      arenaSgemm(this.#arena, { transB: true }, this.#nodes, 2 * dim, dim, 1, dY, W, 0, this.#joined(dZ));
      joinMessagesBack(this.#arena, this.#nodes, this.#messages(k), dZ, G, dP);
      tell?.(dP, G);
    }
    activateBack(this.#arena, this.#nodes, this.#end(0), dF, G);
    return G;
  }

  #messages(k: number) {
    return { E: this.E[k], ...this.#told[k], dim: this.#shape.dim };
  }

  /** How layer k ends; layer 0 is what it is. */
  #end(k: number) {
    const { dim, layers, normalise } = this.#shape;
    const inner = k > 0;
    return {
      ...{ Y: this.E[k], dim, slope: inner ? SLOPE : 1, unit: inner && normalise },
      ...{ dropout: inner ? this.#dropout : 0, seed: (this.#seed + k * SEED_STEP) >>> 0 },
      ...{ stride: (layers + 1) * dim, at: k * dim },
    };
  }

  #joined(data: Float32Array) {
    return { data, row: 2 * this.#shape.dim };
  }

  #weights(data: Float32Array, k: number) {
    const { dim } = this.#shape;
    return { data, row: dim, at: 2 * k * dim * dim };
  }
}
