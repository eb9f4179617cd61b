import {
  defineSharingStrategy,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Knowledge,
  type Lesson,
  type Outcome,
  type Plan,
  type Rng,
  type Role,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import {
  beliefsOf,
  everTaught,
  Guard,
  lessonCandidates,
  Schedule,
  type Beliefs,
  type Turn,
} from '@tandem-rec/exchange';
import { GatedEnsemble } from './gated-ensemble.ts';
import { distilOptions, type DistilOptions } from './options.ts';
import { rankingBeliefs } from './ranking-beliefs.ts';
import { residualBeliefs } from './residual-beliefs.ts';
import { rowWeights } from './row-weights.ts';

/**
 * Distillation of predictions between the sides: with teacher t, student s, row weights w_b and temperature T, each lesson
 * adds to the student's loss
 *
 *     L_KD = 1/B Σ_b w_b · T² · KL( q_b ‖ softmax(s_b / T) )
 *
 * - LLMD4Rec (Wu et al., 2025, arXiv 2505.18120): q = softmax(t / T), both sides in turn, rows weighted one by one:
 *   `distil({ rows: 'share', schedule: { learners: 'alternating' } })`. There the language model reads the other's predictions
 *   in its prompt and only the domain model is taught by KL; here both are, as both have distributions.
 * - DLLM2Rec (Cui et al., RecSys 2024): q is the teacher's ranking, weighted by place, confidence and consistency:
 *   `distil({ target: { by: 'ranking' }, rows: 'all', schedule: { learners: 'domain' } })`. Its second part, text vectors in
 *   the student, is `initialise`, `prior` and `align`.
 * - By default only rows are taught whose true item the teacher knows better. Without the gate, distillation harmed rare
 *   items and the ensemble in our measurements.
 *
 * Under the guard a lesson weighs what it was measured to bring; papers are repeated with `guard: { on: false }`.
 *
 * Every participant that gives and takes predictions is taught by the first one of the other side.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: distil({ schedule: { learners: 'language' } }) })
 */
export const distil = defineSharingStrategy({
  id: '@tandem-rec/sharing-predictions#distil',
  summary: 'Each side ranks as the other does, where the other knows better (LLMD4Rec, DLLM2Rec).',
  options: distilOptions,
  needs: ({ schedule }) => {
    const taught = everTaught(schedule);
    const takes = (role: Role): readonly Knowledge[] => (taught[role] ? ['predictions'] : []);
    return {
      domain: { gives: ['predictions'], takes: takes('domain') },
      language: { gives: ['predictions'], takes: takes('language') },
    };
  },
  create: (options, { rng }) => new Distillation(options, rng),
});

interface Pair {
  readonly believed: Beliefs;
  readonly student: Beliefs;
}

class Distillation implements SharingStrategy {
  readonly #options: DistilOptions;
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #guard: Guard;
  readonly #ensemble = new GatedEnsemble();

  constructor(options: DistilOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
    this.#schedule = new Schedule(options.schedule);
    this.#guard = new Guard(options.guard);
  }

  observe(outcome: Outcome): void {
    this.#schedule.observe(outcome);
    this.#ensemble.observe(outcome);
    this.#guard.observe(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    const { weight, taught } = this.#schedule.turn(batch);
    const loud = weight * this.#options.weight;
    if (loud === 0) return { lessons: [] };
    const { itemCounts } = bridge.statistics;
    await this.#guard.examine(batch, async (heldOut) => {
      for (const { believed, student } of await this.#pairs(heldOut, bridge, taught))
        this.#guard.measure(believed, student, heldOut, itemCounts);
    });
    const lessons: Lesson[] = [];
    for (const { believed, student } of await this.#pairs(batch, bridge, taught)) {
      this.#guard.measure(believed, student, batch, itemCounts);
      const weights = rowWeights(this.#options.rows, believed, student, loud);
      lessons.push(...this.#guard.lesson(this.#targetOf(believed, student), student, weights, itemCounts));
    }
    return { lessons };
  }

  /** What each student is to be taught, and what it believes itself. */
  async #pairs(batch: Batch, bridge: Bridge, taught: Turn['taught']): Promise<readonly Pair[]> {
    const believe = this.#asking(batch, bridge);
    const pairs: Pair[] = [];
    for (const role of ['domain', 'language'] as const) {
      const teacher = bridge[otherRole(role)].find(({ gives }) => gives.includes('predictions'));
      if (!taught[role] || !teacher) continue;
      for (const participant of bridge[role].filter(isTaught)) {
        const [t, student] = [await believe(teacher), await believe(participant)];
        pairs.push({ believed: await this.#teaching(t, student, batch, bridge, believe), student });
      }
    }
    return pairs;
  }

  /** Everybody is asked once, about the same candidates. */
  #asking(batch: Batch, { catalogue }: Bridge): (participant: BridgeParticipant) => Promise<Beliefs> {
    const { candidates, temperature } = this.#options;
    const items = lessonCandidates(batch, catalogue.size, candidates, this.#rng);
    const asked = new Map<string, Promise<Beliefs>>();
    return (participant) => {
      const before = asked.get(participant.name) ?? beliefsOf(participant, batch, items, temperature);
      asked.set(participant.name, before);
      return before;
    };
  }

  async #teaching(
    teacher: Beliefs,
    student: Beliefs,
    batch: Batch,
    { domain, language, statistics }: Bridge,
    believe: (participant: BridgeParticipant) => Promise<Beliefs>,
  ): Promise<Beliefs> {
    if (this.#options.teacher === 'other') return teacher;
    if (this.#options.teacher === 'residual') return residualBeliefs(teacher, student, batch, statistics);
    const experts: Beliefs[] = [];
    for (const expert of [...domain, ...language])
      if (expert.gives.includes('predictions')) experts.push(await believe(expert));
    return this.#ensemble.beliefs(experts, teacher, batch);
  }

  #targetOf(believed: Beliefs, student: Beliefs): Beliefs {
    const { target } = this.#options;
    return target.by === 'ranking' ? rankingBeliefs(believed, student, target) : believed;
  }

  explain(): Readonly<Record<string, unknown>> {
    return { phase: this.#schedule.phase, guard: this.#guard.report() };
  }

  save(): State {
    return {
      version: 1,
      arrays: [],
      values: { schedule: this.#schedule.save(), gates: this.#ensemble.save(), guard: this.#guard.save().values },
    };
  }

  load({ values }: State): void {
    this.#schedule.load(values['schedule']);
    this.#ensemble.load(values['gates']);
    this.#guard.load({ values: values['guard'] as State['values'] });
  }
}

const otherRole = (role: Role): Role => (role === 'domain' ? 'language' : 'domain');

const isTaught = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
