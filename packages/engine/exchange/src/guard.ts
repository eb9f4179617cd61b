import {
  TandemError,
  z,
  type Batch,
  type Outcome,
  type PredictionLesson,
  type Rows,
  type State,
} from '@tandem-rec/contract';
import { softmaxRows } from '@tandem-rec/compute';
import { lessonOf, type Beliefs } from './beliefs.ts';
import { BUCKETS, bucketOf } from './buckets.ts';
import { Evidence, type EvidencePoint, type SavedEvidence } from './evidence.ts';
import { gainByBucket } from './gain-by-bucket.ts';
import { rowGains, type RowLesson } from './row-gains.ts';

/** Options of the guard, for a strategy's own: `guard: guardOption`. */
export const guardOption = z
  .strictObject({
    on: z.boolean().default(true).describe('Weigh lessons by what they were measured to bring; off: all are heard.'),
    blend: z
      .number()
      .positive()
      .max(1)
      .default(0.2)
      .describe('How far the student is moved toward the teacher where the benefit is measured.'),
    memory: z.int().min(100).default(3000).describe('Events over which measurements are remembered.'),
  })
  .prefault({});

/** The same for strategies that are here as published: off unless it is switched on. */
export const optionalGuard = guardOption
  .unwrap()
  .extend({ on: z.boolean().default(false).describe('Weigh lessons by what they were measured to bring.') })
  .prefault({});

/** Validated options of the guard. */
export type GuardOptions = z.output<typeof guardOption>;

/** What the guard says of one lesson, for reports: the weight of each popularity bucket now, and over time. */
export interface GuardReport {
  readonly buckets: readonly string[];
  readonly weights: readonly number[];
  /** Mean gain by bucket, and how many standard errors it is away from zero. */
  readonly gains: readonly number[];
  readonly certainty: readonly number[];
  readonly series: readonly EvidencePoint[];
}

/**
 * **Do no harm.** A lesson's weight follows its measured benefit on events that nobody has learned yet, by popularity
 * bucket of the items it speaks of (0, 1–4, 5–19, 20+ interactions): down to zero for a harmful teacher, up again when it
 * becomes useful.
 *
 * **The measure** is a shadow of the student that has heard the lesson, on events with true items y. With both sides'
 * log-probabilities ℓₛ and ℓₜ over the candidates, the student that hears the teacher about bucket k only is
 *
 *     ℓₖ(i) = ℓₛ(i) + ε · 1[i ∈ k] · (ℓₜ(i) − ℓₛ(i)),        gₖ = log(10 + rankₛ(y)) − log(10 + rankₖ(y)).
 *
 * Every event judges every bucket, so that praising cold items is paid for by the events whose true items it pushed down.
 * (Judging a bucket only by events whose true item lies in it selects by the outcome: there a teacher that knows nothing but
 * likes cold items looks wise.) Ranks instead of likelihoods, because a teacher that merely makes a sure student less sure
 * raises the likelihood and teaches nothing; logarithms of ranks, because they tell a useful teacher from a useless one
 * with a tenth of the events that NDCG@10 needs.
 * For rows (priors, initialisations) the shadow is the model itself with the rows of a bucket moved: `rowGains`.
 *
 * **The weight.** Means and variances of gₖ decay with a memory of M events; with the mean m and its standard error s, and
 * m', s' over M/6,
 *
 *     wₖ = clamp(m / 2s, 0, 1) · clamp(1 + m' / 2s', 0, 1):
 *
 * nothing while no benefit is seen, all at two standard errors, and less at once where it harmed lately, so that a teacher
 * that goes wrong is not heard on its merits. What was never measured has no weight.
 *
 * **The lesson** heard is `target ∝ pₛ + wₖ₍ᵢ₎ (pₜ − pₛ)`: its gradient is the teacher's, times the weight of each item's
 * bucket. `docs/sharing/guard.md` says what was measured.
 *
 * @example In a strategy whose options have `guard: guardOption`:
 * ```ts
 * readonly #guard = new Guard(options.guard);
 * observe(outcome: Outcome) { this.#guard.observe(outcome); }           // which events are not learned yet
 * async exchange(batch, bridge) {
 *   await this.#guard.examine(batch, async (heldOut) => {                      // offline: validation events; nothing on a stream
 *     const items = lessonCandidates(heldOut, …);
 *     this.#guard.measure(await beliefsOf(t, heldOut, items, T), await beliefsOf(s, heldOut, items, T), heldOut, counts);
 *   });
 *   const [teacher, student] = [await beliefsOf(t, batch, items, T), await beliefsOf(s, batch, items, T)];
 *   this.#guard.measure(teacher, student, batch, statistics.itemCounts); // looks at rows of `batch` that are not learned
 *   return { lessons: this.#guard.lesson(teacher, student, weights, statistics.itemCounts) }; // none or one
 * }
 * explain() { return { guard: this.#guard.report() }; }
 * save() { … values: { guard: this.#guard.save().values } }             // no arrays: values only
 * load(state) { this.#guard.load({ values: state.values['guard'] }); }
 * ```
 * For pulls of rows `await guard.measureRows(…)` measures, and `guard.weight(lesson, itemCount)` is the factor of a row's pull.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #evidence = new Map<string, Evidence>();
  /** Events of the newest outcome: not learned when it was observed. */
  #heldOut: Batch[] = [];

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  get on(): boolean {
    return this.#options.on;
  }

  /** Call it from the strategy's `observe`: these events were ranked before anybody learned from them. */
  observe({ batch }: Outcome): void {
    if (!this.#options.on) return;
    if (this.#heldOut[0]?.sequence !== batch.sequence) this.#heldOut = [];
    if (this.#heldOut.length < MOST_BATCHES) this.#heldOut.push(copyOf(batch));
  }

  /**
   * The events of a batch that nobody has learned: the fresh rows of one that was observed, or a held-out batch from
   * `examine`. None of a batch that was not: offline, what is learned may have been learned before.
   */
  unlearned(batch: Batch): Batch | undefined {
    return this.#heldOut.find((held) => held === batch || sameEvents(held, batch));
  }

  /**
   * Before the beliefs for a batch are asked for: hands over held-out batches that are not part of it, to measure on.
   * On a stream there are none, since the fresh rows of the batch itself are what was observed.
   */
  async examine(batch: Batch, look: (heldOut: Batch) => Promise<void>): Promise<void> {
    const own = this.#heldOut.filter((held) => sameEvents(held, batch));
    for (const held of this.#heldOut) if (!own.includes(held)) await look(held);
    this.#heldOut = own;
  }

  /** Judges a teacher by the rows of `batch` that nobody has learned. Both must believe about the same candidates. */
  measure(teacher: Beliefs, student: Beliefs, batch: Batch, itemCounts: Float32Array): void {
    const events = this.unlearned(batch);
    if (!events) return;
    const gains = gainByBucket(teacher, student, events.items, itemCounts, this.#options.blend);
    this.record(keyOf(teacher, student), gains, batch.sequence);
  }

  /**
   * Judges a lesson that moves rows of a student's table, by the rows of `batch` that nobody has learned, among `items`. It
   * costs six predictions, and is done in every batch while little is known of the lesson, in every fifth then.
   * `weight(lesson, itemCount)` is the factor of a row's pull.
   */
  async measureRows(
    lesson: string,
    rows: RowLesson,
    batch: Batch,
    items: Rows,
    itemCounts: Float32Array,
  ): Promise<void> {
    const events = this.unlearned(batch);
    if (!events || !this.#evidenceOf(lesson).isDue()) return;
    this.record(lesson, await rowGains(rows, events, items, itemCounts, this.#options.blend), batch.sequence);
  }

  /** Takes measurements of one's own: a gain per event and bucket, `events × 4`; NaN: not judged. */
  record(lesson: string, gains: Float64Array, sequence: number): void {
    this.#evidenceOf(lesson).add(gains, sequence);
  }

  /** Weight of a lesson about items with so many interactions, 0 to 1. */
  weight(lesson: string, itemCount: number): number {
    if (!this.#options.on) return 1;
    return this.#evidence.get(lesson)?.weight(bucketOf(itemCount)) ?? 0;
  }

  /**
   * The lesson as it may be heard: `lessonOf(teacher, …, weight)` where the guard trusts it wholly or is off, less where it
   * trusts it less, none where it trusts nothing of it.
   */
  lesson(teacher: Beliefs, student: Beliefs, weight: Float32Array, itemCounts: Float32Array): PredictionLesson[] {
    const lesson = keyOf(teacher, student);
    const trust = BUCKETS.map(({ from }) => this.weight(lesson, from));
    if (trust.every((one) => one === 0) || weight.every((one) => one === 0)) return [];
    const whole = lessonOf(teacher, student.participant, weight);
    if (trust.every((one) => one === 1)) return [whole];
    return [tempered(whole, student, trust, itemCounts)];
  }

  #evidenceOf(lesson: string): Evidence {
    const evidence = this.#evidence.get(lesson) ?? new Evidence(this.#options.memory);
    this.#evidence.set(lesson, evidence);
    return evidence;
  }

  /** Weights of every lesson, now and over time, for `explain`. */
  report(): Readonly<Record<string, GuardReport>> {
    return Object.fromEntries(
      [...this.#evidence].map(([lesson, evidence]) => [
        lesson,
        {
          buckets: BUCKETS.map(({ name }) => name),
          weights: BUCKETS.map((_, k) => evidence.weight(k)),
          gains: BUCKETS.map((_, k) => evidence.mean(k)),
          certainty: BUCKETS.map((_, k) => evidence.certainty(k)),
          series: evidence.series,
        },
      ]),
    );
  }

  /** Values only, no arrays. */
  save(): State {
    const evidence = Object.fromEntries([...this.#evidence].map(([lesson, one]) => [lesson, one.save()]));
    return { version: 1, arrays: [], values: { evidence } };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load({ values }: Pick<State, 'values'>): void {
    const { evidence: all } = values as { readonly evidence?: Readonly<Record<string, SavedEvidence>> };
    if (all === undefined) throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved guard has no evidence.');
    this.#evidence.clear();
    for (const [lesson, saved] of Object.entries(all)) {
      const evidence = new Evidence(this.#options.memory);
      evidence.load(saved);
      this.#evidence.set(lesson, evidence);
    }
  }
}

/** Held-out batches kept for one measurement: of a whole validation part that many are enough. */
const MOST_BATCHES = 8;

const keyOf = (teacher: Beliefs, student: Beliefs): string =>
  `${teacher.participant} → ${student.participant}, predictions`;

/** `target ∝ pₛ + w (pₜ − pₛ)` in rows that are heard. */
function tempered(
  whole: PredictionLesson,
  { scores, temperature }: Beliefs,
  trust: readonly number[],
  itemCounts: Float32Array,
): PredictionLesson {
  const { items } = whole.candidates;
  const { target, weight } = whole;
  const width = items.length;
  const own = new Float32Array(target.length);
  softmaxRows(scores, weight.length, width, temperature, own, new Float64Array(weight.length));
  const share = Float32Array.from(items, (item) => trust[bucketOf(itemCounts[item])]);
  for (let row = 0; row < weight.length; row++) {
    if (weight[row] === 0) continue;
    let sum = 0;
    for (let i = 0, at = row * width; i < width; i++, at++)
      sum += target[at] = own[at] + share[i] * (target[at] - own[at]);
    for (let at = row * width; at < (row + 1) * width; at++) target[at] /= sum;
  }
  return whole;
}

function sameEvents(held: Batch, batch: Batch): boolean {
  const equal = (a: Rows, b: Rows): boolean => {
    for (let row = 0; row < held.fresh; row++) if (a[row] !== b[row]) return false;
    return true;
  };
  return (
    held.sequence === batch.sequence &&
    held.fresh === batch.fresh &&
    equal(held.users, batch.users) &&
    equal(held.items, batch.items)
  );
}

/** The fresh rows: batches reuse their arrays. */
function copyOf(batch: Batch): Batch {
  const { users, items, values, positions, atMs, history, fresh } = batch;
  const offsets = history.offsets.slice(0, fresh + 1);
  return {
    ...batch,
    size: fresh,
    users: users.slice(0, fresh),
    items: items.slice(0, fresh),
    values: values.slice(0, fresh),
    positions: positions.slice(0, fresh),
    atMs: atMs.slice(0, fresh),
    history: { ...history, offsets, items: history.items.slice(0, offsets[fresh]) },
  };
}
