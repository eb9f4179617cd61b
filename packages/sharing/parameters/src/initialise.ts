import { defineSharingStrategy, z, type SharingStrategy } from '@tandem-rec/contract';
import {
  birthOptions,
  BornFromAxes,
  itemTables,
  PerParticipant,
  placeUnmet,
  RowWishes,
  textWriter,
  wishOptions,
} from '@tandem-rec/exchange';

const options = z.strictObject({
  by: z
    .enum(['components', 'null-space', 'regression'])
    .default('components')
    .describe(
      'Principal components of the texts’ vectors; the same as a frozen part of the row, the rest of which learns; or where a regression from vectors to rows that have matured says.',
    ),
  ...birthOptions,
  frozenShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('`null-space`: share of a row’s coordinates that belongs to the text.'),
  regression: z.strictObject(wishOptions).prefault({}).describe('`regression`: how the map is learned.'),
  from: z.string().min(1).optional().describe('Whose vectors say what texts mean. Default: the first that gives any.'),
});

type Options = z.output<typeof options>;

/**
 * Item rows are born where their texts say: once for all that are known when it begins, and for each that comes later.
 *
 * - `components`: LLMInit (Zhang et al., "LLMInit: A Free Lunch from Large Language Models for Selective Initialization of
 *   Recommendation", 2025, arXiv 2503.01814). With V the centred text vectors and V = U Σ Wᵀ,
 *   E = U_d Σ_d (Σ_d² + ε)^(−whiten/2) · c. Differs: principal components, whitened, where the paper picks columns
 *   of V (by variance, evenly or at random), since these did better in our prototype; user rows are left to the table, where the paper averages their items.
 * - `null-space`: AlphaFuse (Hu et al., "AlphaFuse: Learn ID Embeddings for Sequential Recommendation in Null Space of
 *   Language Embeddings", SIGIR 2025). A row is [ its text's whitened strongest coordinates, frozen ‖ what is learned of it,
 *   in the directions in which texts say nothing ]. Differs: the width of the frozen part is given (`frozenShare`) instead of
 *   a threshold on singular values, and the learned part is born as the table bears it instead of as zeros, which models
 *   of inner products never leave.
 * - `regression`: rows that nobody has met lie where a ridge regression from text vectors to matured rows says, again after
 *   each fit: the births of `bridge`, for streams on which both sides' spaces move.
 *
 * @example
 * defineConfig({ domain: sasrec(), language: transformer(), sharing: initialise({ by: 'components', scale: 0.02 }) })
 */
export const initialise = defineSharingStrategy({
  id: '@tandem-rec/sharing-parameters#initialise',
  summary: 'Item rows are born where their texts say (LLMInit, AlphaFuse).',
  options,
  needs: { domain: { gives: ['parameters'], takes: [] }, language: { gives: ['representations'], takes: [] } },
  create: (settings) => (settings.by === 'regression' ? byRegression(settings) : byComponents(settings)),
});

function byComponents({ by, frozenShare, from, ...birth }: Options): SharingStrategy {
  const frozen = by === 'null-space';
  const births = new PerParticipant(() => new BornFromAxes(birth, frozen ? frozenShare : undefined));
  return {
    begin(bridge) {
      for (const { name, table } of itemTables(bridge)) {
        const born = births.of(name);
        if (frozen) table.pull((rows) => born.restore(table, rows));
      }
    },
    async arrive(_items, bridge) {
      for (const { name, table } of itemTables(bridge))
        await births.of(name).arrive(table, textWriter(bridge, from), bridge);
    },
    async exchange(_batch, bridge) {
      for (const { name } of itemTables(bridge)) births.of(name).learns();
      return { lessons: [] };
    },
    save: () => births.save(),
    load: (state) => births.load(state),
  };
}

function byRegression({ regression, from }: Options): SharingStrategy {
  const wishes = new PerParticipant(() => new RowWishes(regression));
  return {
    async arrive(_items, bridge) {
      for (const { name, table } of itemTables(bridge)) {
        const arrived = await wishes.of(name).arrive(table, textWriter(bridge, from), bridge);
        placeUnmet(table, wishes.of(name), arrived, bridge.statistics);
      }
    },
    async exchange(_batch, bridge) {
      for (const { name, table } of itemTables(bridge))
        if (await wishes.of(name).update(table, textWriter(bridge, from), bridge))
          placeUnmet(table, wishes.of(name), wishes.of(name).rows, bridge.statistics);
      return { lessons: [] };
    },
    save: () => wishes.save(),
    load: (state) => wishes.load(state),
  };
}
