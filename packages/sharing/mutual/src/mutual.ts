import {
  defineSharingStrategy,
  z,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Knowledge,
  type Lesson,
  type Outcome,
  type Rng,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import {
  beliefsOf,
  Curtain,
  Guard,
  learnersOf,
  lessonCandidates,
  optionalGuard,
  Schedule,
  scheduleOptions,
  VectorLessons,
  vectorOptions,
  type Turn,
} from '@tandem-rec/exchange';

const options = z.strictObject({
  weight: z.number().min(0).default(1).describe('Weight of the distillation loss beside each side’s own.'),
  temperature: z.number().positive().default(1).describe('Softens the predictions of both sides.'),
  candidates: z
    .int()
    .min(2)
    .default(4096)
    .describe('Most items that a lesson ranks; of a larger catalogue it is a sample.'),
  users: z.boolean().default(true).describe('Open the domain model’s user table too.'),
  states: z
    .strictObject({
      ...vectorOptions,
      weight: z.number().min(0).default(0.1).describe('Weight of the loss that brings rows near the states; 0: none.'),
    })
    .prefault({})
    .describe('The language side’s top-layer states of users and items, taught to the domain side’s rows.'),
  schedule: scheduleOptions
    .prefault({})
    .describe('`alternating`: the rows are updated by the two sides in turn, and who has no turn rests.'),
  guard: optionalGuard.describe('For the predictions. As published, there is none.'),
});

type Options = z.output<typeof options>;

/**
 * Mutual training as BDLM (Zhang et al., "Bridging the Information Gap Between Domain-Specific Model and General LLM for
 * Personalized Recommendation", 2023, arXiv 2311.03778) describes it:
 *
 * - **parameters**: the domain model's rows of users and items are an information storage that both sides read and train;
 *   with `schedule: { learners: 'alternating' }` in turn, the other side resting;
 * - **representations**: the top-layer states that the language side has of users and items come into the storage, as a
 *   contrastive loss of the domain side's rows;
 * - **predictions**: each side's predictions teach the other (Zhang et al., "Deep Mutual Learning", CVPR 2018),
 *   `T² · KL( p_other ‖ p_own )`.
 *
 * Differs: the paper published no code, and of its losses we know what its abstract and surveys say. Candidates are the
 * catalogue (or a sample of it), so that whole rankings are compared; rows enter the language side in whatever way it reads
 * them; both sides learn in every step unless the schedule says otherwise.
 *
 * It is not the default: it costs twice the time of `bridge`, in turns everybody loses on a stream, and a table with both
 * gradients cost the domain side 1.5 % in a prototype (here, as a token that is zero at the start, both sides gained).
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: mutual({ schedule: { learners: 'alternating' } }) })
 */
export const mutual = defineSharingStrategy({
  id: '@tandem-rec/sharing-mutual#mutual',
  summary: 'BDLM as published: rows trained by both sides, the language side’s states in them, mutual distillation.',
  options,
  needs: ({ states }) => {
    const vectors: readonly Knowledge[] = states.weight > 0 ? ['representations'] : [];
    return {
      domain: { gives: ['parameters', 'predictions', ...vectors], takes: ['predictions', ...vectors] },
      language: { gives: ['predictions', ...vectors], takes: ['parameters', 'predictions'] },
    };
  },
  grants: ({ users }) => [
    { of: 'domain', table: 'item', access: 'train' },
    ...(users ? [{ of: 'domain', table: 'user', access: 'train' } as const] : []),
  ],
  create: (settings, { rng }) => new Mutual(settings, rng),
});

class Mutual implements SharingStrategy {
  readonly #options: Options;
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #states: VectorLessons;
  readonly #curtain: Curtain;
  readonly #guard: Guard;

  constructor(settings: Options, rng: Rng) {
    this.#options = settings;
    this.#rng = rng;
    this.#schedule = new Schedule(settings.schedule);
    this.#states = new VectorLessons(settings.states, rng);
    this.#curtain = new Curtain('domain', ['item', 'user']);
    this.#guard = new Guard(settings.guard);
  }

  begin(bridge: Bridge): void {
    this.#curtain.begin(bridge);
  }

  observe(outcome: Outcome): void {
    this.#schedule.observe(outcome);
    this.#guard.observe(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge) {
    const turn = this.#schedule.turn(batch);
    this.#curtain.turn(turn, bridge);
    const { weight, taught } = turn;
    const toDomain = { weight: weight * this.#options.states.weight, taught: { ...taught, language: false } };
    await this.#guard.examine(batch, async (heldOut) => void (await this.#predictions(heldOut, bridge, turn)));
    const lessons = [
      ...(await this.#predictions(batch, bridge, turn)),
      ...(await this.#states.of(batch, bridge, toDomain)),
    ];
    const learners = learnersOf(turn, bridge, teachesAndLearns);
    return { lessons, ...(learners && { learners }) };
  }

  /** Each side's predictions for the other, made before either learns. */
  async #predictions(batch: Batch, bridge: Bridge, { weight, taught }: Turn): Promise<Lesson[]> {
    const { temperature, candidates } = this.#options;
    const loud = weight * this.#options.weight;
    if (loud === 0) return [];
    const items = lessonCandidates(batch, bridge.catalogue.size, candidates, this.#rng);
    const weights = new Float32Array(batch.size).fill(loud);
    const askAll = (side: readonly BridgeParticipant[]) =>
      Promise.all(
        side.filter(teachesAndLearns).map((participant) => beliefsOf(participant, batch, items, temperature)),
      );
    const domain = await askAll(bridge.domain);
    const language = await askAll(bridge.language);
    const pairs = domain.flatMap((d) =>
      language.flatMap((l) => [
        ...(taught.language ? [[d, l] as const] : []),
        ...(taught.domain ? [[l, d] as const] : []),
      ]),
    );
    const { itemCounts } = bridge.statistics;
    return pairs.flatMap(([teacher, student]) => {
      this.#guard.measure(teacher, student, batch, itemCounts);
      return this.#guard.lesson(teacher, student, weights, itemCounts);
    });
  }

  /** Weights of the predictions, where the guard is on. */
  explain(): Readonly<Record<string, unknown>> {
    return { guard: this.#guard.report() };
  }

  save(): State {
    const { version, arrays, values } = this.#states.save();
    return {
      version,
      arrays,
      values: {
        states: values,
        schedule: this.#schedule.save(),
        curtain: this.#curtain.save(),
        guard: this.#guard.save().values,
      },
    };
  }

  load({ arrays, values }: State): void {
    this.#states.load({ arrays, values: values['states'] as State['values'] });
    this.#schedule.load(values['schedule']);
    this.#curtain.load(values['curtain']);
    this.#guard.load({ values: values['guard'] as State['values'] });
  }
}

const teachesAndLearns = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
