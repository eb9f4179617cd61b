import { defineSharingStrategy, TandemError, z, type Lesson, type Matrix } from '@tandem-rec/contract';

/** Vectors that were handed on, in order, by side. */
export const handedOn: {
  readonly side: 'user' | 'item';
  readonly rows: readonly number[];
  readonly vectors: Matrix;
}[] = [];

/** Hands the language side's vectors of a batch's items and users on to the domain side, and counts batches. */
export const handOn = defineSharingStrategy({
  id: 'test#handOn',
  summary: 'Hands on.',
  options: z.strictObject({ users: z.boolean().default(true) }),
  needs: {
    domain: { gives: [], takes: ['representations'] },
    language: { gives: ['representations'], takes: [] },
  },
  grants: [{ of: 'domain', table: 'item', access: 'read' }],
  create: ({ users }) => {
    let batches = new Int32Array(1);
    return {
      async exchange(batch, { domain, language }) {
        batches[0]++;
        const writer = language.find(({ gives }) => gives.includes('representations'))!;
        const lessons: Lesson[] = [];
        for (const side of users ? (['item', 'user'] as const) : (['item'] as const)) {
          const rows = Int32Array.from(new Set(side === 'item' ? batch.items : batch.users));
          const target = await writer.represent(side, rows);
          handedOn.push({ side, rows: [...rows], vectors: target });
          for (const { name: to } of domain.filter(({ takes }) => takes.includes('representations')))
            lessons.push({
              kind: 'representations',
              from: writer.name,
              to,
              side,
              rows,
              target,
              loss: 'info-nce',
              temperature: 1,
              weight: 1,
            });
        }
        return { lessons };
      },
      save: () => ({
        version: 2,
        arrays: [{ name: 'batches', shape: [1], owner: 'common', data: batches }],
        values: { users },
      }),
      load({ version, arrays }) {
        if (version !== 2) throw new Error(`version ${version}`);
        if (arrays.length !== 1) throw new TandemError('TANDEM_STATE_MISMATCH', 'The state has no batches.');
        batches = Int32Array.from(arrays[0].data as Int32Array);
      },
    };
  },
});
