import type { Attachment, RowGradients, Rows, UserContexts } from '@tandem-rec/contract';
import { TableBank, type BankRows } from './bank.ts';
import { DeepPart } from './deep-part.ts';
import type { DenseWeights } from './dense-weights.ts';
import { BANK_SIDES, CONTEXT_FIELDS, ITEM_FIELDS, type Bank, type FeatureSpace } from './feature-space.ts';
import { FieldValues } from './field-values.ts';
import { Half } from './half.ts';
import { Pairs } from './pairs.ts';

type TableName = keyof typeof BANK_SIDES;
const TABLES = Object.keys(BANK_SIDES) as TableName[];

/**
 * The function that is learned, ŷ = y_FM (+ y_DNN), over pairs of questions and items:
 *
 *     y_FM = w_0 + Σ_i w_i x_i + Σ_{i<j} ⟨v_i, v_j⟩ x_i x_j            (Rendle 2010, equations 1 and 5)
 *
 * `read` the questions and items, list the `pairs`, `forward`; then set the pairs' slopes and go `backward`.
 */
export class Machine {
  readonly pairs = new Pairs();
  readonly #space: FeatureSpace;
  readonly #weights: DenseWeights;
  readonly #gradient: DenseWeights;
  readonly #dim: number;
  readonly #tables: Readonly<Record<TableName, TableBank>>;
  readonly #contextBanks: readonly BankRows[];
  readonly #itemBanks: readonly BankRows[];
  readonly #contextValues = new FieldValues();
  readonly #itemValues = new FieldValues();
  readonly #contexts: Half;
  readonly #items: Half;
  readonly #deep: DeepPart | undefined;
  #contextUses = new Float32Array(0);
  #itemUses = new Float32Array(0);

  constructor(space: FeatureSpace, weights: DenseWeights, gradient: DenseWeights, dim: number, own: Attachment['own']) {
    this.#space = space;
    this.#weights = weights;
    this.#gradient = gradient;
    this.#dim = dim;
    const bankOf = (name: TableName) => new TableBank(own[`${name}-weight`], own[name]);
    this.#tables = { user: bankOf('user'), item: bankOf('item'), past: bankOf('past') };
    const common: BankRows = { w: weights.w, v: weights.v, dw: gradient.w, dv: gradient.v };
    const rowsOf = ({ bank }: { readonly bank: Bank }): BankRows => (bank === 'common' ? common : this.#tables[bank]);
    this.#contextBanks = CONTEXT_FIELDS.map(rowsOf);
    this.#itemBanks = ITEM_FIELDS.map(rowsOf);
    this.#contexts = new Half(dim);
    this.#items = new Half(dim);
    if (weights.layers.length > 0)
      this.#deep = new DeepPart(weights, gradient, CONTEXT_FIELDS.length * dim, ITEM_FIELDS.length * dim);
  }

  /** Works out the questions and the items that pairs will be made of. */
  read(users: UserContexts, items: Rows): void {
    for (const name of TABLES) this.#tables[name].begin();
    this.#space.contexts(users, this.#contextValues);
    this.#space.items(items, this.#itemValues);
    this.#place(this.#contextValues, CONTEXT_FIELDS);
    this.#place(this.#itemValues, ITEM_FIELDS);
    for (const name of TABLES) this.#tables[name].gather();
    this.#contexts.forward(this.#contextValues, this.#contextBanks);
    this.#items.forward(this.#itemValues, this.#itemBanks);
    this.#deep?.begin(this.#contexts, this.#contextValues.size, this.#items, this.#itemValues.size);
  }

  /** Logits of all pairs, worked out `block` pairs at a time: `backward` needs all at once. */
  forward(block = this.pairs.size): void {
    const { pairs } = this;
    const { contexts, items, logits, size } = pairs;
    const dim = this.#dim;
    const [w0] = this.#weights.w0;
    const [C, I] = [this.#contexts, this.#items];
    for (let p = 0; p < size; p++) {
      let y = w0 + C.score[contexts[p]] + I.score[items[p]];
      for (let d = 0, c = contexts[p] * dim, i = items[p] * dim; d < dim; d++) y += C.sums[c + d] * I.sums[i + d];
      logits[p] = y;
    }
    if (this.#deep && size > 0)
      for (let from = 0; from < size; from += block) this.#deep.forward(pairs, from, Math.min(size, from + block));
  }

  /** Adds the gradients of everything, from the pairs' slopes; the first `regularised` pairs each add λ times their features. */
  backward(lambda: number, regularised: number): void {
    const { contexts, items, slopes, size } = this.pairs;
    const dim = this.#dim;
    const [C, I] = [this.#contexts, this.#items];
    const uses = [zeros(this.#contextUses, this.#contextValues.size), zeros(this.#itemUses, this.#itemValues.size)];
    [this.#contextUses, this.#itemUses] = uses;
    for (let p = 0; p < size; p++) {
      const slope = slopes[p];
      this.#gradient.w0[0] += slope;
      C.dScore[contexts[p]] += slope;
      I.dScore[items[p]] += slope;
      for (let d = 0, c = contexts[p] * dim, i = items[p] * dim; d < dim; d++) {
        C.dSums[c + d] += slope * I.sums[i + d];
        I.dSums[i + d] += slope * C.sums[c + d];
      }
      if (p >= regularised) continue;
      uses[0][contexts[p]]++;
      uses[1][items[p]]++;
    }
    if (size > 0) this.#deep?.backward(this.pairs, C, this.#contextValues.size, I, this.#itemValues.size);
    C.backward(this.#contextValues, this.#contextBanks, lambda, uses[0]);
    I.backward(this.#itemValues, this.#itemBanks, lambda, uses[1]);
  }

  /** Gradients of the shared tables' rows; views that the next step reuses. */
  rowGradients(): RowGradients[] {
    return TABLES.flatMap((name) => this.#tables[name].gradients());
  }

  /** Rows of tables become places in their banks. */
  #place({ size, offsets, rows }: FieldValues, fields: typeof CONTEXT_FIELDS): void {
    for (let e = 0, at = 0; e < size; e++)
      for (const { bank } of fields) {
        const end = offsets[at + 1];
        if (bank !== 'common') for (let i = offsets[at]; i < end; i++) rows[i] = this.#tables[bank].slot(rows[i]);
        at++;
      }
  }
}

function zeros(array: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  return array.length < length ? new Float32Array(length) : array.fill(0, 0, length);
}
