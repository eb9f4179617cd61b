import { sgemm } from '@tandem-rec/compute';
import type { DenseWeights } from './dense-weights.ts';
import type { Half } from './half.ts';
import type { Pairs } from './pairs.ts';

/**
 * The deep component of DeepFM: a rectifier network over the concatenated vectors of all fields (Guo et al. 2017,
 * equations 3 and 4). The first layer's product is a sum over fields, so it is worked out once for each question and once
 * for each item; only from there on the network works on pairs.
 */
export class DeepPart {
  readonly #weights: DenseWeights;
  readonly #gradient: DenseWeights;
  readonly #contextWidth: number;
  readonly #itemWidth: number;
  /** The first layer's products, one row a question or item, and their gradients. */
  #contexts = new Float32Array(0);
  #items = new Float32Array(0);
  #dContexts = new Float32Array(0);
  #dItems = new Float32Array(0);
  /** Activations of the pairs by layer, and gradients. */
  readonly #a: Float32Array[] = [];
  readonly #da: Float32Array[] = [];

  constructor(weights: DenseWeights, gradient: DenseWeights, contextWidth: number, itemWidth: number) {
    this.#weights = weights;
    this.#gradient = gradient;
    this.#contextWidth = contextWidth;
    this.#itemWidth = itemWidth;
  }

  /** Reads what the halves worked out: once before any `forward`. */
  begin(contexts: Half, contextCount: number, items: Half, itemCount: number): void {
    const [{ to, W }] = this.#weights.layers;
    this.#contexts = room(this.#contexts, contextCount * to);
    this.#items = room(this.#items, itemCount * to);
    sgemm({}, contextCount, to, this.#contextWidth, 1, contexts.fields, W, 0, this.#contexts);
    const below = W.subarray(this.#contextWidth * to);
    sgemm({}, itemCount, to, this.#itemWidth, 1, items.fields, below, 0, this.#items);
  }

  /** Adds y_DNN of the pairs `from … to` to their logits. */
  forward(pairs: Pairs, from: number, to: number): void {
    const { layers, out } = this.#weights;
    const count = to - from;
    layers.forEach((layer, l) => {
      const a = (this.#a[l] = room(this.#a[l], count * layer.to));
      if (l === 0) this.#join(pairs, from, to, a);
      else {
        for (let p = 0; p < count; p++) a.set(layer.b, p * layer.to);
        sgemm({}, count, layer.to, layer.from, 1, this.#a[l - 1], layer.W, 1, a);
      }
      for (let i = 0; i < count * layer.to; i++) if (a[i] < 0) a[i] = 0;
    });
    const last = this.#a[layers.length - 1];
    const width = out.length;
    for (let p = 0; p < count; p++) {
      let y = 0;
      for (let h = 0; h < width; h++) y += last[p * width + h] * out[h];
      pairs.logits[from + p] += y;
    }
  }

  /** Adds the gradients of all weights and of the halves' fields, after `forward` over all pairs. */
  backward(pairs: Pairs, contexts: Half, contextCount: number, items: Half, itemCount: number): void {
    const { layers, out } = this.#weights;
    const { layers: dLayers, out: dOut } = this.#gradient;
    const count = pairs.size;
    const width = out.length;
    const last = this.#a[layers.length - 1];
    const top = (this.#da[layers.length - 1] = room(this.#da[layers.length - 1], count * width));
    for (let p = 0; p < count; p++) {
      const slope = pairs.slopes[p];
      for (let h = 0, at = p * width; h < width; h++, at++) {
        dOut[h] += slope * last[at];
        top[at] = last[at] > 0 ? slope * out[h] : 0;
      }
    }
    for (let l = layers.length - 1; l > 0; l--) {
      const { from, to, W } = layers[l];
      const below = this.#a[l - 1];
      const da = (this.#da[l - 1] = room(this.#da[l - 1], count * from));
      addRows(this.#da[l], count, to, dLayers[l].b);
      sgemm({ transA: true }, from, to, count, 1, below, this.#da[l], 1, dLayers[l].W);
      sgemm({ transB: true }, count, from, to, 1, this.#da[l], W, 0, da);
      for (let i = 0; i < count * from; i++) if (below[i] <= 0) da[i] = 0;
    }
    this.#part(pairs, contexts, contextCount, items, itemCount);
  }

  /** a_1 before the rectifier: the question's share, the item's and the bias. */
  #join({ contexts, items }: Pairs, from: number, to: number, a: Float32Array): void {
    const [{ b, to: width }] = this.#weights.layers;
    for (let p = from, at = 0; p < to; p++) {
      const c = contexts[p] * width;
      const i = items[p] * width;
      for (let h = 0; h < width; h++) a[at++] = this.#contexts[c + h] + this.#items[i + h] + b[h];
    }
  }

  /** The reverse of `#join` and `begin`. */
  #part(pairs: Pairs, contexts: Half, contextCount: number, items: Half, itemCount: number): void {
    const [{ to: width, W }] = this.#weights.layers;
    const [{ W: dW, b: db }] = this.#gradient.layers;
    const [da] = this.#da;
    const dc = (this.#dContexts = room(this.#dContexts, contextCount * width)).fill(0, 0, contextCount * width);
    const di = (this.#dItems = room(this.#dItems, itemCount * width)).fill(0, 0, itemCount * width);
    addRows(da, pairs.size, width, db);
    for (let p = 0, at = 0; p < pairs.size; p++) {
      const c = pairs.contexts[p] * width;
      const i = pairs.items[p] * width;
      for (let h = 0; h < width; h++, at++) {
        dc[c + h] += da[at];
        di[i + h] += da[at];
      }
    }
    const split = this.#contextWidth * width;
    sgemm({ transA: true }, this.#contextWidth, width, contextCount, 1, contexts.fields, dc, 1, dW.subarray(0, split));
    sgemm({ transA: true }, this.#itemWidth, width, itemCount, 1, items.fields, di, 1, dW.subarray(split));
    sgemm({ transB: true }, contextCount, this.#contextWidth, width, 1, dc, W, 1, contexts.dFields);
    sgemm({ transB: true }, itemCount, this.#itemWidth, width, 1, di, W.subarray(split), 1, items.dFields);
  }
}

function addRows(matrix: Float32Array, rows: number, cols: number, into: Float32Array): void {
  for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < cols; c++) into[c] += matrix[at++];
}

function room(array: Float32Array | undefined, length: number): Float32Array<ArrayBuffer> {
  return array !== undefined && array.length >= length
    ? (array as Float32Array<ArrayBuffer>)
    : new Float32Array(length);
}
