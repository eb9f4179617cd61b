import { defineSharingStrategy, z, type SharingStrategy, type State } from '@tandem-rec/contract';
import {
  fadingOptions,
  itemTables,
  PerParticipant,
  pullTowardWishes,
  RowWishes,
  Schedule,
  scheduleOptions,
  textWriter,
  wishOptions,
} from '@tandem-rec/exchange';

const options = z.strictObject({
  ...fadingOptions,
  ...wishOptions,
  from: z.string().min(1).optional().describe('Whose vectors say what texts mean. Default: the first that gives any.'),
  schedule: scheduleOptions.prefault({}),
});

/**
 * A prior from text: an item that few have met is what its text says, one that many have met is what they made of it.
 *
 * A ridge regression from text vectors v to item rows E, over rows that have matured, says where each row should be,
 * `g_i = (Vᵀ W V + λI)⁻¹ Vᵀ W E · v_i` with weights w_i = min(n_i / 50, 1); it is learned again every few batches. After
 * each step the rows that it touched move there, the less the more often their item was met:
 *
 *     E_i += ρ / (n_i + 1)^fade · (g_i − E_i)
 *
 * This is the mean of a Gaussian whose prior, centred on the text's prediction, weighs as much as ρ events do: the
 * regression prior of Agarwal and Chen ("Regression-based latent factor models", KDD 2009), learned on a stream. Differs:
 * point estimates and one step a batch instead of Monte Carlo EM.
 *
 * Items with a handful of interactions suffer where it fades too slowly: `fade` 2 or `untilCount` 5 spare them.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: prior({ strength: 0.05, fade: 1.5 }) })
 */
export const prior = defineSharingStrategy({
  id: '@tandem-rec/sharing-parameters#prior',
  summary: 'After each step item rows are pulled toward what their texts predict, less the more they were met.',
  options,
  needs: { domain: { gives: ['parameters'], takes: [] }, language: { gives: ['representations'], takes: [] } },
  create: ({ from, schedule: scheduled, ...settings }): SharingStrategy => {
    const schedule = new Schedule(scheduled);
    const wishes = new PerParticipant(() => new RowWishes(settings));
    let loudness = 0;
    return {
      begin(bridge) {
        for (const { name, table } of itemTables(bridge))
          pullTowardWishes(table, wishes.of(name), bridge.statistics, settings, () => loudness);
      },
      async arrive(_items, bridge) {
        for (const { name, table } of itemTables(bridge))
          await wishes.of(name).arrive(table, textWriter(bridge, from), bridge);
      },
      observe: (outcome) => schedule.observe(outcome),
      async exchange(batch, bridge) {
        const { weight, taught } = schedule.turn(batch);
        loudness = taught.domain ? weight : 0;
        for (const { name, table } of itemTables(bridge))
          await wishes.of(name).update(table, textWriter(bridge, from), bridge);
        return { lessons: [] };
      },
      save: (): State => {
        const { version, arrays, values } = wishes.save();
        return { version, arrays, values: { wishes: values, schedule: schedule.save() } };
      },
      load({ arrays, values }) {
        wishes.load({ arrays, values: values['wishes'] as State['values'] });
        schedule.load(values['schedule']);
      },
    };
  },
});
