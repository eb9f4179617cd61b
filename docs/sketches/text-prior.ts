import { defineSharingStrategy, TandemError, z, type Bridge, type State } from '@tandem-rec/contract';
import { TextPrior } from '@tandem-rec/exchange';

/**
 * Language → domain, by parameters. A ridge map from text vectors to item rows, learned from items met often, says where
 * every row should be: new rows start there, and rows that are learned are pulled there the less the more is known of
 * them, `E_i += ρ / (n_i + 1) · (g_i − E_i)`.
 */
export const textPrior = defineSharingStrategy({
  id: 'sketches#textPrior',
  summary: 'Item rows start where their text says and stay near it until evidence speaks.',
  options: z.strictObject({
    strength: z.number().min(0).max(1).default(0.02).describe('ρ.'),
    minCount: z.int().min(1).default(10).describe('The map learns from items met at least this often.'),
    everyBatches: z.int().min(1).default(5).describe('Batches between two fits of the map.'),
  }),
  needs: { domain: { gives: ['parameters'], takes: [] }, language: { gives: ['representations'], takes: [] } },
  create: ({ strength, minCount, everyBatches }) => {
    const map = new TextPrior(1);
    /** g, `items × dim`: the wish of each item's text. */
    let wishes = new Float32Array(0);
    let batches = 0;
    const ends = ({ domain, language }: Bridge) => ({
      table: domain.find(({ tables }) => tables['item'])!.tables['item'],
      writer: language.find(({ gives }) => gives.includes('representations'))!,
    });
    const fit = async (bridge: Bridge): Promise<void> => {
      const { table, writer } = ends(bridge);
      const counts = bridge.statistics.itemCounts;
      const rows = Int32Array.from({ length: bridge.catalogue.size }, (_, row) => row);
      const known = rows.filter((row) => counts[row] >= minCount);
      if (known.length < 2) return;
      const targets = new Float32Array(known.length * table.dim);
      table.gather(known, targets);
      const vectors = await writer.represent('item', rows);
      map.fit(vectors, known, targets, table.dim, new Float32Array(known.length).fill(1));
      wishes = Float32Array.from(map.project(vectors));
    };
    return {
      begin(bridge) {
        const { table } = ends(bridge);
        table.pull((rows, targets, weights) => {
          for (let k = 0; k < rows.length; k++) {
            const from = rows[k] * table.dim;
            if (from >= wishes.length) continue;
            weights[k] = strength / (bridge.statistics.itemCounts[rows[k]] + 1);
            targets.set(wishes.subarray(from, from + table.dim), k * table.dim);
          }
        });
      },
      async arrive(items, bridge) {
        const { table, writer } = ends(bridge);
        if (map.fitted) table.assign(items, map.project(await writer.represent('item', items)));
      },
      async exchange(_batch, bridge) {
        if (batches++ % everyBatches === 0) await fit(bridge);
        return { lessons: [] };
      },
      save(): State {
        const { arrays, values } = map.save();
        const wished = { name: 'wishes', shape: [wishes.length], owner: 'item', data: wishes } as const;
        return { version: 1, arrays: [...arrays, wished], values: { ...values, batches } };
      },
      load(state) {
        const saved = state.arrays.find(({ name }) => name === 'wishes');
        if (!saved || state.arrays.length !== 4) throw new TandemError('TANDEM_STATE_MISMATCH', 'Half a text prior.');
        map.load(state);
        wishes = Float32Array.from(saved.data as Float32Array);
        batches = state.values['batches'] as number;
      },
    };
  },
});
