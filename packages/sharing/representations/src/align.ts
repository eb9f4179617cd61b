import { defineSharingStrategy, z, type Knowledge, type SharingStrategy, type State } from '@tandem-rec/contract';
import { everTaught, Schedule, scheduleOptions, VectorLessons, vectorOptions } from '@tandem-rec/exchange';

const options = z.strictObject({
  ...vectorOptions,
  weight: z.number().min(0).default(0.1).describe('λ of the alignment loss, for each side.'),
  schedule: scheduleOptions.prefault({}),
});

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
  create: ({ weight, schedule: scheduled, ...settings }, { rng }): SharingStrategy => {
    const schedule = new Schedule(scheduled);
    const vectors = new VectorLessons(settings, rng);
    return {
      observe: (outcome) => schedule.observe(outcome),
      async exchange(batch, bridge) {
        const turn = schedule.turn(batch);
        return { lessons: await vectors.of(batch, bridge, { ...turn, weight: weight * turn.weight }) };
      },
      save: (): State => {
        const { version, arrays, values } = vectors.save();
        return { version, arrays, values: { translations: values, schedule: schedule.save() } };
      },
      load({ arrays, values }) {
        vectors.load({ arrays, values: values['translations'] as State['values'] });
        schedule.load(values['schedule']);
      },
    };
  },
});
