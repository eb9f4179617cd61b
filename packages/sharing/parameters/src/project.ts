import { defineSharingStrategy, z, type SharingStrategy } from '@tandem-rec/contract';
import { Curtain, learnersOf, Schedule, scheduleOptions } from '@tandem-rec/exchange';

const options = z.strictObject({
  tables: z
    .array(z.enum(['item', 'user']))
    .min(1)
    .default(['item'])
    .describe('Which of the domain model’s tables the language side sees.'),
  gradients: z
    .enum(['stopped', 'flowing'])
    .default('stopped')
    .describe(
      '`stopped`: rows are constants for the language side (CoLLM). `flowing`: its gradients train them too; in our measurements that harmed the domain side.',
    ),
  schedule: scheduleOptions.prefault({}),
});

/**
 * What the community knows of an item, as a soft token of the language side: CoLLM (Zhang et al., "CoLLM: Integrating
 * Collaborative Embeddings into Large Language Models for Recommendation", TKDE 2025, arXiv 2310.19488, eq. 3 to 5),
 *
 *     e_i = p(s_i),      s_i the domain model's row of user or item i,
 *
 * with a projection p into the space of the language side's tokens that the language side owns and learns. CoLLM freezes
 * the domain model's rows while it learns p: `gradients: 'stopped'`.
 *
 * Differs: both sides learn at once, unless the schedule says otherwise (CoLLM's two steps are
 * `schedule: { phases: [{}, { learners: 'language' }] }`: both alone until nobody gets better, then only the language
 * side). How p looks is the language side's choice: `transformer` adds `Pᵀ s_i / rms(s)` to its item vectors, P = 0 at the
 * start, where CoLLM has an MLP of random weights. BinLLM's binary codes are not here: they are a text of their own.
 *
 * Tables are hidden until the schedule's first turn for the language side and open from then on. `learners` say who learns,
 * one side or both; how large a weight is means nothing here.
 *
 * @example
 * defineConfig({ domain: sasrec(), language: transformer(), sharing: project({ tables: ['item'] }) })
 */
export const project = defineSharingStrategy({
  id: '@tandem-rec/sharing-parameters#project',
  summary: 'Opens the domain model’s item rows to the language side as soft tokens (CoLLM).',
  options,
  needs: { domain: { gives: ['parameters'], takes: [] }, language: { gives: [], takes: ['parameters'] } },
  grants: ({ tables, gradients }) =>
    tables.map((table) => ({ of: 'domain', table, access: gradients === 'stopped' ? 'read' : 'train' })),
  create: ({ tables, schedule: scheduled }): SharingStrategy => {
    const schedule = new Schedule(scheduled);
    const curtain = new Curtain('domain', tables);
    return {
      begin: (bridge) => curtain.begin(bridge),
      observe: (outcome) => schedule.observe(outcome),
      async exchange(batch, bridge) {
        const turn = schedule.turn(batch);
        curtain.turn(turn, bridge);
        const learners = learnersOf(turn, bridge, ({ gives, takes, role }) =>
          (role === 'domain' ? gives : takes).includes('parameters'),
        );
        return learners ? { lessons: [], learners } : { lessons: [] };
      },
      save: () => ({ version: 1, arrays: [], values: { schedule: schedule.save(), curtain: curtain.save() } }),
      load({ values }) {
        schedule.load(values['schedule']);
        curtain.load(values['curtain']);
      },
    };
  },
});
