import {
  z,
  type BridgeParticipant,
  type Catalogue,
  type Matrix,
  type Rows,
  type Side,
  type State,
} from '@tandem-rec/contract';
import { represented } from './represented.ts';
import { TextPrior } from './text-prior.ts';

/** How the map between two spaces is learned: options of strategies that use it. */
export const translationOptions = z.strictObject({
  on: z.boolean().default(true).describe('Off: domain models get vectors as they are; widths must be the same.'),
  everyBatches: z.int().min(1).default(5).describe('Batches between two fits of the map.'),
  minRows: z.int().min(2).default(100).describe('The map is learned once so many rows have been met.'),
  ridge: z.number().positive().default(1).describe('λ of the ridge regression.'),
});

/** Validated options of the map. */
export type TranslationOptions = z.output<typeof translationOptions>;

/** The most rows that a fit looks at. */
const MOST_ROWS = 4096;

/** What a fit is about. */
export interface Spoken {
  readonly teacher: BridgeParticipant;
  readonly student: BridgeParticipant;
  readonly side: Side;
  /** Rows that both sides know something of, any number. */
  readonly known: Rows;
  readonly catalogue: Catalogue;
}

/**
 * RLMRec's map σ between the two spaces, as a ridge regression from the teacher's vectors to the student's own: learned
 * again every few batches, since both move.
 */
export class Translation {
  readonly #options: TranslationOptions;
  readonly #map: TextPrior;
  #batches = 0;

  constructor(options: TranslationOptions) {
    this.#options = options;
    this.#map = new TextPrior(options.ridge);
  }

  /** Once a batch. */
  async update({ teacher, student, side, known, catalogue }: Spoken): Promise<void> {
    const { everyBatches, minRows } = this.#options;
    if (this.#batches++ % everyBatches !== 0 || known.length < minRows) return;
    const stride = Math.ceil(known.length / MOST_ROWS);
    const rows = known.filter((_, k) => k % stride === 0);
    const from = await represented(teacher, side, rows, catalogue);
    // Both may answer from the same memory.
    const vectors = { ...from, data: from.data.slice(0, from.rows * from.cols) };
    const to = await represented(student, side, rows, catalogue);
    const all = rows.map((_, k) => k);
    this.#map.fit(vectors, all, to.data, to.cols, new Float32Array(rows.length).fill(1));
  }

  /** Vectors of the teacher in the student's space; undefined while nothing is known of it. */
  of(vectors: Matrix): Matrix | undefined {
    if (!this.#map.fitted) return undefined;
    const data = this.#map.project(vectors);
    return { rows: vectors.rows, cols: data.length / vectors.rows, data };
  }

  save(): State {
    const { version, arrays, values } = this.#map.save();
    return { version, arrays, values: { ...values, batches: this.#batches } };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#map.load(state);
    this.#batches = state.values['batches'] as number;
  }
}
