import { grown } from '@tandem-rec/compute';
import {
  TandemError,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type JsonValue,
  type Matrix,
  type Rows,
  type Side,
} from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';
import type { SentenceEncoder } from '@tandem-rec/language';
import type { ProfileOptions } from './profile-options.ts';

/** What was written about somebody, and how many interactions they had then. */
type Written = readonly [interactions: number, text: string];

/** What profiles of users and items say, as vectors of a sentence encoder. */
export class Profiles {
  readonly #options: ProfileOptions;
  readonly #encoder: SentenceEncoder;
  /** By item id. */
  readonly #files: ReadonlyMap<string, string>;
  readonly #signal: AbortSignal;
  #bridge!: Bridge;
  #batch: Batch | undefined;
  /** Of items, `#rows × dim` and room for more. */
  #vectors: Float32Array = new Float32Array(0);
  #rows = 0;
  #revision = 0;
  /** What the language side wrote, by `side row`: asking again would cost. */
  #written = new Map<string, Written>();

  constructor(
    options: ProfileOptions,
    encoder: SentenceEncoder,
    files: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#encoder = encoder;
    this.#files = files;
    this.#signal = signal;
  }

  /** The bridge, with profiles in place of what the language models represent. */
  over(bridge: Bridge): Bridge {
    this.#bridge = bridge;
    const represent = (side: Side, rows: Rows): Promise<Matrix> =>
      side === 'item' ? this.#items(rows) : this.#users(rows);
    return {
      ...bridge,
      language: bridge.language.map((participant) =>
        participant.gives.includes('representations') ? { ...participant, represent } : participant,
      ),
    };
  }

  /** Users are who they were at this batch's moments. */
  at(batch: Batch): void {
    this.#batch = batch;
  }

  save(): JsonValue {
    return [...this.#written].map(([key, written]) => [key, ...written]);
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(saved: JsonValue | undefined): void {
    if (!Array.isArray(saved))
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved state of profile does not say what was written.');
    this.#written = new Map(
      (saved as [string, number, string][]).map(([key, interactions, text]) => [key, [interactions, text]]),
    );
    this.#rows = 0;
    this.#revision = 0;
  }

  async #items(rows: Rows): Promise<Matrix> {
    await this.#refresh();
    const { dim } = this.#encoder;
    const data = new Float32Array(rows.length * dim);
    rows.forEach((row, k) => data.set(this.#vectors.subarray(row * dim, (row + 1) * dim), k * dim));
    return { rows: rows.length, cols: dim, data };
  }

  /** Reads what is new or changed in the catalogue. */
  async #refresh(): Promise<void> {
    const { catalogue } = this.#bridge;
    const { revision, size } = catalogue;
    if (revision === this.#revision && size === this.#rows) return;
    const rows = new Set(catalogue.changedSince(this.#revision));
    for (let row = this.#rows; row < size; row++) rows.add(row);
    const texts: string[] = [];
    for (const row of rows) texts.push(await this.#profileOf(row));
    const vectors = await this.#encoder.encode(texts, this.#signal);
    const { dim } = this.#encoder;
    this.#vectors = grown(this.#vectors, size * dim);
    [...rows].forEach((row, k) =>
      // An empty text says nothing, whatever an encoder makes of it.
      this.#vectors.set(texts[k] === '' ? new Float32Array(dim) : vectors.subarray(k * dim, (k + 1) * dim), row * dim),
    );
    this.#rows = size;
    this.#revision = revision;
  }

  async #profileOf(row: number): Promise<string> {
    const { items } = this.#options;
    const item = this.#bridge.catalogue.item(row);
    const own = itemText(item);
    if (items.from === 'file') return this.#files.get(item.id) ?? own;
    return own === '' ? own : this.#write('item', row);
  }

  /** Zeros for users who have no past in this batch. */
  async #users(rows: Rows): Promise<Matrix> {
    const { dim } = this.#encoder;
    const data = new Float32Array(rows.length * dim);
    const batch = this.#batch;
    if (!batch) return { rows: rows.length, cols: dim, data };
    const { offsets, items } = batch.history;
    for (const [k, user] of rows.entries()) {
      const at = batch.users.indexOf(user);
      if (at < 0 || offsets[at] === offsets[at + 1]) continue;
      const end = Math.min(offsets[at + 1], offsets[at] + this.#options.window);
      data.set(await this.#userVector(user, items.slice(offsets[at], end), batch.positions[at]), k * dim);
    }
    return { rows: rows.length, cols: dim, data };
  }

  async #userVector(user: number, history: Rows, interactions: number): Promise<Float32Array> {
    if (this.#options.users === 'describe')
      return this.#encoder.encode([await this.#write('user', user, interactions, history)], this.#signal);
    const { cols, data } = await this.#items(history);
    const mean = new Float32Array(cols);
    for (let i = 0; i < history.length * cols; i++) mean[i % cols] += data[i] / history.length;
    return mean;
  }

  /** What the language side writes: about an item once, about a user again when their interactions have doubled. */
  async #write(side: Side, row: number, interactions = 0, history?: Rows): Promise<string> {
    const key = `${side} ${row}`;
    const before = this.#written.get(key);
    if (before && (side === 'item' || interactions < 2 * before[0])) return before[1];
    const text = await this.#writer().describe({ side, row, ...(history && { history }) });
    this.#written.set(key, [interactions, text]);
    return text;
  }

  #writer(): BridgeParticipant {
    const { items } = this.#options;
    const named = items.from === 'describe' ? items.participant : undefined;
    const writers = this.#bridge.language.filter(({ gives }) => gives.includes('text'));
    const writer = named === undefined ? writers[0] : writers.find(({ name }) => name === named);
    if (!writer)
      throw new TandemError(
        'TANDEM_COMPOSE_MISSING_CAPABILITY',
        `No language model ${named === undefined ? '' : `named ${named} `}gives text; those that do: ${writers.map(({ name }) => name).join(', ') || 'none'}.`,
      );
    return writer;
  }
}
