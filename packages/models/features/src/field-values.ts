import { grown } from '@tandem-rec/compute';

/**
 * The features of some examples that are not 0, field by field: field f of example e has the features
 * `offsets[e · fields + f] … offsets[e · fields + f + 1]`. Filled in that order; the arrays are used again.
 */
export class FieldValues {
  /** Fields of an example. */
  fields = 0;
  offsets: Int32Array<ArrayBufferLike> = new Int32Array(1);
  /** The row of each feature in its field's bank. */
  rows: Int32Array<ArrayBufferLike> = new Int32Array(0);
  /** The value of each feature: x in the papers. */
  x: Float32Array<ArrayBufferLike> = new Float32Array(0);
  #ended = 0;
  #used = 0;

  begin(fields: number): void {
    this.fields = fields;
    this.#ended = 0;
    this.#used = 0;
  }

  /** Another feature of the field that is not ended. */
  add(row: number, x: number): void {
    const at = this.#used++;
    this.rows = grown(this.rows, this.#used);
    this.x = grown(this.x, this.#used);
    this.rows[at] = row;
    this.x[at] = x;
  }

  endField(): void {
    this.#ended++;
    this.offsets = grown(this.offsets, this.#ended + 1);
    this.offsets[this.#ended] = this.#used;
  }

  /** Examples that are complete. */
  get size(): number {
    return Math.floor(this.#ended / this.fields);
  }
}
