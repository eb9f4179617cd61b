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
import { beliefsOf, lessonCandidates, lessonOf, Schedule, type Beliefs } from '@tandem-rec/exchange';
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
    const heard = schedule.phases.map(({ learners = schedule.learners }) => learners);
    const takes = (role: Role): readonly Knowledge[] =>
      heard.some((learners) => learners !== otherRole(role)) ? ['predictions'] : [];
    return {
      domain: { gives: ['predictions'], takes: takes('domain') },
      language: { gives: ['predictions'], takes: takes('language') },
    };
  },
  create: (options, { rng }) => new Distillation(options, rng),
});

class Distillation implements SharingStrategy {
  readonly #options: DistilOptions;
  readonly #rng: Rng;
  readonly #schedule: Schedule;
  readonly #ensemble = new GatedEnsemble();

  constructor(options: DistilOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
    this.#schedule = new Schedule(options.schedule);
  }

  observe(outcome: Outcome): void {
    this.#schedule.observe(outcome);
    this.#ensemble.observe(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    const { weight, taught } = this.#schedule.turn(batch);
    const loud = weight * this.#options.weight;
    if (loud === 0) return { lessons: [] };
    const believe = this.#asking(batch, bridge);
    const lessons: Lesson[] = [];
    for (const role of ['domain', 'language'] as const) {
      const teacher = bridge[otherRole(role)].find(({ gives }) => gives.includes('predictions'));
      if (!taught[role] || !teacher) continue;
      for (const student of bridge[role].filter(isTaught)) {
        const [t, s] = [await believe(teacher), await believe(student)];
        const believed = await this.#teaching(t, s, batch, bridge, believe);
        const weights = rowWeights(this.#options.rows, believed, s, loud);
        lessons.push(lessonOf(this.#targetOf(believed, s), student.name, weights));
      }
    }
    return { lessons };
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

  save(): State {
    return {
      version: 1,
      arrays: [],
      values: { schedule: this.#schedule.save(), gates: this.#ensemble.save() },
    };
  }

  load({ values }: State): void {
    this.#schedule.load(values['schedule']);
    this.#ensemble.load(values['gates']);
  }
}

const otherRole = (role: Role): Role => (role === 'domain' ? 'language' : 'domain');

const isTaught = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
