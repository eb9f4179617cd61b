import { defineSharingStrategy, z, type TextLesson } from '@tandem-rec/contract';

/**
 * Domain → language, by text: what the domain model would say about an item becomes words that the language side reads
 * (the profiles of RLMRec and ONCE, the expert hints of DOKE). An item is told again each time its evidence has doubled.
 */
export const verbalise = defineSharingStrategy({
  id: 'sketches#verbalise',
  summary: 'The domain model says in words what it knows about items.',
  options: z.strictObject({
    minCount: z.int().min(1).default(4).describe('Nothing is said about items met less often.'),
    weight: z.number().min(0).default(1),
  }),
  needs: { domain: { gives: ['text'], takes: [] }, language: { gives: [], takes: ['text'] } },
  create: ({ minCount, weight }) => {
    /** Interactions that each item had when it was last told. */
    let told = new Map<number, number>();
    return {
      async exchange(batch, { domain, language, statistics: { itemCounts } }) {
        const speaker = domain.find(({ gives }) => gives.includes('text'))!;
        const due = (row: number): boolean => itemCounts[row] >= Math.max(minCount, 2 * (told.get(row) ?? 0));
        const rows = Int32Array.from(new Set(batch.items.subarray(0, batch.fresh))).filter(due);
        if (rows.length === 0) return { lessons: [] };
        const texts: string[] = [];
        for (const row of rows) {
          texts.push(await speaker.describe({ side: 'item', row }));
          told.set(row, itemCounts[row]);
        }
        const listeners = language.filter(({ takes }) => takes.includes('text'));
        const lesson = ({ name: to }: { readonly name: string }): TextLesson => ({
          kind: 'text',
          from: speaker.name,
          to,
          side: 'item',
          rows,
          texts,
          weight,
        });
        return { lessons: listeners.map(lesson) };
      },
      save: () => ({ version: 1, arrays: [], values: { told: [...told] } }),
      load: ({ values }) => {
        told = new Map(values['told'] as [number, number][]);
      },
    };
  },
});
