import { TandemError, z, type Batch, type JsonValue, type Outcome, type Role } from '@tandem-rec/contract';
import { Plateau } from './plateau.ts';

const LEARNERS = ['both', 'domain', 'language', 'alternating'] as const;

/** When a strategy teaches, how loud, and whom: options that every strategy has under `schedule`. */
export const scheduleOptions = z.strictObject({
  fromEvents: z.int().min(0).default(0).describe('Nothing is taught before so many events were learned.'),
  untilEvents: z.int().min(1).optional().describe('Nothing is taught any more after so many events.'),
  everyBatches: z.int().min(1).default(1).describe('Of so many batches one is taught.'),
  warmUpEvents: z
    .int()
    .min(0)
    .default(0)
    .describe('Events over which the weight rises (falls) linearly to that of a phase that begins.'),
  learners: z
    .enum(LEARNERS)
    .default('both')
    .describe('Who is taught: both sides at once, one of them, or one after the other.'),
  turnBatches: z.int().min(1).default(1).describe('`alternating`: taught batches until it is the other side’s turn.'),
  phases: z
    .array(
      z.strictObject({
        weight: z.number().min(0).default(1).describe('Factor on every lesson’s weight while the phase lasts.'),
        learners: z.enum(LEARNERS).optional().describe('Who is taught in this phase, if others than usual.'),
      }),
    )
    .min(1)
    .prefault([{}])
    .describe('One after the other; each but the last ends when nobody becomes better any more.'),
  plateau: z
    .strictObject({
      events: z.int().min(1).default(2000).describe('Ranked events (offline: validation users) in one measurement.'),
      gain: z.number().min(0).default(0.01).describe('Relative gain over the best so far that counts as better.'),
      patience: z.int().min(1).default(2).describe('Measurements without one that end a phase.'),
    })
    .prefault({})
    .describe('When nobody becomes better any more: by NDCG@10 of rankings made before the learning.'),
});

/** Validated options of a schedule. */
export type ScheduleOptions = z.output<typeof scheduleOptions>;

/** Which sides a schedule may ever teach: what a strategy has to need of them. */
export function everTaught({ learners, phases }: ScheduleOptions): Readonly<Record<Role, boolean>> {
  const all = phases.map((phase) => phase.learners ?? learners);
  return { domain: all.some((one) => one !== 'language'), language: all.some((one) => one !== 'domain') };
}

/** What the schedule says about one batch. */
export interface Turn {
  /** Factor on the weight of every lesson; 0: no lessons now. */
  readonly weight: number;
  /** Which side may be taught now. */
  readonly taught: Readonly<Record<Role, boolean>>;
}

const SILENCE: Turn = { weight: 0, taught: { domain: false, language: false } };

/**
 * Schedules are data: from which event, how often, how loud, whom. A strategy asks `turn(batch)` once in each `exchange`
 * and hands on what it is told in `observe`; both only where the schedule has phases that end.
 *
 * @example
 * const schedule = new Schedule(options.schedule);
 * // observe: (outcome) => schedule.observe(outcome)
 * const { weight, taught } = schedule.turn(batch);
 * if (weight > 0 && taught.domain) lessons.push(...);
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #plateau: Plateau;
  #batches = 0;
  #phase = 0;
  /** Events learned when the phase began. */
  #since: number;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#plateau = new Plateau(options.plateau);
    this.#since = options.fromEvents;
  }

  /** The phase it is in, from 0. */
  get phase(): number {
    return this.#phase;
  }

  /** What a batch showed before it was learned. */
  observe(outcome: Outcome): void {
    const { fromEvents, phases } = this.#options;
    if (outcome.batch.sequence >= fromEvents && this.#phase < phases.length - 1) this.#plateau.add(outcome);
  }

  /** What holds for this batch. Once a batch: it counts them. */
  turn({ sequence }: Pick<Batch, 'sequence'>): Turn {
    const { fromEvents, untilEvents = Infinity, everyBatches, turnBatches, phases } = this.#options;
    if (sequence < fromEvents || sequence >= untilEvents) return SILENCE;
    if (this.#phase < phases.length - 1 && this.#plateau.reached()) {
      this.#phase++;
      this.#since = sequence;
      this.#plateau.restart();
    }
    const batch = this.#batches++;
    if (batch % everyBatches !== 0) return SILENCE;
    const { learners = this.#options.learners } = phases[this.#phase];
    const domainsTurn = Math.floor(batch / everyBatches / turnBatches) % 2 === 0;
    return {
      weight: this.#weight(sequence),
      taught: {
        domain: learners === 'both' || learners === 'domain' || (learners === 'alternating' && domainsTurn),
        language: learners === 'both' || learners === 'language' || (learners === 'alternating' && !domainsTurn),
      },
    };
  }

  /** Its memory, to be kept in the `values` of the strategy's state. */
  save(): JsonValue {
    return { batches: this.#batches, phase: this.#phase, since: this.#since, plateau: this.#plateau.save() };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(saved: JsonValue | undefined): void {
    const { batches, phase, since, plateau } = (saved ?? {}) as Readonly<Record<string, JsonValue | undefined>>;
    if (typeof batches !== 'number' || typeof phase !== 'number' || typeof since !== 'number')
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved state of the strategy has no schedule.');
    this.#batches = batches;
    this.#phase = phase;
    this.#since = since;
    this.#plateau.load(plateau);
  }

  /** From the weight of the phase before (at first 0) to that of this one. */
  #weight(sequence: number): number {
    const { phases, warmUpEvents } = this.#options;
    const before = this.#phase === 0 ? 0 : phases[this.#phase - 1].weight;
    const risen = warmUpEvents === 0 ? 1 : Math.min(1, (sequence - this.#since) / warmUpEvents);
    return before + risen * (phases[this.#phase].weight - before);
  }
}
