import { grown } from '@tandem-rec/compute';

/** Questions and items to be scored together, by their place in their halves, with logits and the loss's slope in each. */
export class Pairs {
  contexts: Int32Array<ArrayBufferLike> = new Int32Array(0);
  items: Int32Array<ArrayBufferLike> = new Int32Array(0);
  logits: Float32Array<ArrayBufferLike> = new Float32Array(0);
  slopes: Float32Array<ArrayBufferLike> = new Float32Array(0);
  size = 0;

  begin(): void {
    this.size = 0;
  }

  add(context: number, item: number): void {
    const at = this.size++;
    this.contexts = grown(this.contexts, this.size);
    this.items = grown(this.items, this.size);
    this.contexts[at] = context;
    this.items[at] = item;
  }

  /** Room for a logit and a slope each, all slopes zero. */
  end(): void {
    this.logits = grown(this.logits, this.size);
    this.slopes = grown(this.slopes, this.size);
    this.slopes.fill(0, 0, this.size);
  }
}
