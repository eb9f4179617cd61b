import {
  defineSharingStrategy,
  z,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Knowledge,
  type Lesson,
  type Matrix,
  type Outcome,
  type Plan,
  type Rng,
  type Role,
  type Rows,
  type SharingStrategy,
  type Side,
  type State,
} from '@tandem-rec/contract';
import { allRows, everTaught, PerParticipant, represented, Schedule, scheduleOptions } from '@tandem-rec/exchange';
import { Translation, translationOptions } from './translation.ts';

const options = z.strictObject({
  variant: z
    .enum(['contrastive', 'generative'])
    .default('contrastive')
    .describe(
      'A vector must be found by the other side’s vector of the same user or item among those of others (RLMRec-Con), or a random share of vectors is reconstructed from the other side’s (RLMRec-Gen).',
    ),
  sides: z
    .array(z.enum(['item', 'user']))
    .min(1)
    .default(['item', 'user'])
    .describe('Whose vectors come near each other.'),
  weight: z.number().min(0).default(0.1).describe('λ of the alignment loss, for each side.'),
  temperature: z.number().positive().default(0.2).describe('τ of the contrastive loss.'),
  candidates: z
    .int()
    .min(2)
    .default(256)
    .describe(
      'Items in one lesson: those of the batch, and others drawn uniformly. Users: at most so many of the batch.',
    ),
  masked: z.number().gt(0).max(1).default(0.2).describe('`generative`: share of a lesson’s rows to reconstruct.'),
  minCount: z
    .int()
    .min(1)
    .default(5)
    .describe('A domain model’s vector counts for something once its user or item was met so often.'),
  translation: translationOptions
    .prefault({})
    .describe('Domain models get the other side’s vectors in their own space, by a ridge regression.'),
  schedule: scheduleOptions.prefault({}),
});

type Options = z.output<typeof options>;

/**
 * Vectors of both sides come near each other: RLMRec (Ren et al., "Representation Learning with Large Language Models for
 * Recommendation", WWW 2024, arXiv 2310.15950). With e the student's vectors and s the teacher's, over the rows N of a step,
 *
 *     contrastive (eq. 8, 9)     L = −1/N Σ_i log( exp(cos(e_i, σ(s_i)) / τ) / Σ_j exp(cos(e_i, σ(s_j)) / τ) )
 *     generative (eq. 10, 11)    L = 1/|M| Σ_{i ∈ M} 1 − cos(e_i, σ(s_i)),      M a random share of the rows
 *
 * Differs: σ is a ridge regression, learned again every few batches, instead of an MLP in the loss (language models that
 * learn bring their own projection); the domain side teaches, too, unless the schedule says otherwise; the generative
 * variant leaves the student's input unmasked, since a strategy does not reach into a model, so that it is a regression on
 * a random share of rows rather than a reconstruction from neighbours.
 *
 * @example
 * defineConfig({
 *   domain: lightgcn(),
 *   language: encoder(),
 *   sharing: align({ sides: ['item'], schedule: { learners: 'domain' } }),
 * })
 */
export const align = defineSharingStrategy({
  id: '@tandem-rec/sharing-representations#align',
  summary: 'Vectors of users and items of both sides come near each other (RLMRec).',
  options,
  needs: ({ schedule, translation }) => {
    const taught = everTaught(schedule);
    const need = (given: boolean): readonly Knowledge[] => (given ? ['representations'] : []);
    return {
      domain: { gives: need(taught.language || translation.on), takes: need(taught.domain) },
      language: { gives: need(taught.domain), takes: need(taught.language) },
    };
  },
  create: (settings, { rng }) => new Alignment(settings, rng),
});

class Alignment implements SharingStrategy {
  readonly #options: Options;
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  /** σ into a domain model's space, by `<its name>:<side>`. */
  readonly #translations: PerParticipant<Translation>;

  constructor(settings: Options, rng: Rng) {
    this.#options = settings;
    this.#rng = rng;
    this.#schedule = new Schedule(settings.schedule);
    this.#translations = new PerParticipant(() => new Translation(settings.translation));
  }

  observe(outcome: Outcome): void {
    this.#schedule.observe(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    const { weight, taught } = this.#schedule.turn(batch);
    const loud = weight * this.#options.weight;
    if (loud === 0) return { lessons: [] };
    const lessons: Lesson[] = [];
    for (const side of this.#options.sides) {
      const rows = this.#rowsOf(side, batch, bridge);
      for (const role of ['domain', 'language'] as const) {
        const teacher = bridge[role === 'domain' ? 'language' : 'domain'].find(gives);
        if (!taught[role] || !teacher) continue;
        for (const student of bridge[role].filter(takes))
          lessons.push(...(await this.#lesson(teacher, student, side, rows[role], loud, bridge)));
      }
    }
    return { lessons };
  }

  /** Rows to teach each role about: of what a domain model teaches, only those that it has met. */
  #rowsOf(side: Side, batch: Batch, { catalogue, statistics }: Bridge): Readonly<Record<Role, Rows>> {
    const { candidates, minCount } = this.#options;
    const chosen = new Set(side === 'item' ? batch.items : batch.users);
    if (side === 'item') {
      const size = Math.min(candidates, catalogue.size);
      while (chosen.size < size) chosen.add(this.#rng.int(catalogue.size));
    }
    const rows = Int32Array.from(chosen).slice(0, candidates);
    return { domain: rows, language: rows.filter((row) => countsOf(side, statistics)[row] >= minCount) };
  }

  async #lesson(
    teacher: BridgeParticipant,
    student: BridgeParticipant,
    side: Side,
    wanted: Rows,
    weight: number,
    bridge: Bridge,
  ): Promise<Lesson[]> {
    const { variant, temperature, masked } = this.#options;
    const rows = variant === 'contrastive' ? wanted : wanted.filter(() => this.#rng.next() < masked);
    const target = await this.#target(teacher, student, side, rows, bridge);
    if (rows.length < 2 || !target) return [];
    const loss = variant === 'contrastive' ? 'info-nce' : 'cosine';
    return [
      { kind: 'representations', from: teacher.name, to: student.name, side, rows, target, loss, temperature, weight },
    ];
  }

  /** σ(s); undefined while σ is not known. */
  async #target(
    teacher: BridgeParticipant,
    student: BridgeParticipant,
    side: Side,
    rows: Rows,
    { catalogue, statistics }: Bridge,
  ): Promise<Matrix | undefined> {
    if (student.role === 'language' || !this.#options.translation.on || !gives(student)) {
      const vectors = await represented(teacher, side, rows, catalogue);
      // The lesson outlives the teacher's next answer.
      return { ...vectors, data: vectors.data.slice(0, rows.length * vectors.cols) };
    }
    const translation = this.#translations.of(`${student.name}:${side}`);
    const counts = countsOf(side, statistics);
    const known = allRows(side === 'item' ? catalogue.size : statistics.users).filter(
      (row) => counts[row] >= this.#options.minCount,
    );
    await translation.update({ teacher, student, side, known, catalogue });
    return translation.of(await represented(teacher, side, rows, catalogue));
  }

  save(): State {
    const { version, arrays, values } = this.#translations.save();
    return { version, arrays, values: { translations: values, schedule: this.#schedule.save() } };
  }

  load({ arrays, values }: State): void {
    this.#translations.load({ arrays, values: values['translations'] as State['values'] });
    this.#schedule.load(values['schedule']);
  }
}

const gives = (participant: BridgeParticipant): boolean => participant.gives.includes('representations');
const takes = (participant: BridgeParticipant): boolean => participant.takes.includes('representations');
const countsOf = (side: Side, { itemCounts, userCounts }: Bridge['statistics']): Float32Array =>
  side === 'item' ? itemCounts : userCounts;
